/* How many rules the packet filter has in network namespaces of containers, those among them that have been made inside: rules of nftables as the kernel lists
 * them, and entries of the tables of iptables, ip6tables and arptables, without those that each table has from the start. (Nobody is told which tables of
 * ebtables there are, and to ask for one would make it.) Root inside makes as many as he likes: what looking for them costs is bounded for all containers together.
 * Each has an equal share, and what some leave is shared by the others again; one that has more is told as that. */
#include "ops.h"
#include "netlink.h"

#include <netinet/in.h> /* before the kernel's own */
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_arp/arp_tables.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>

#define NETWORKS 16 /* of one container */
#define PROCESSES 20000 /* of all containers, which are asked where they are */
#define MOUNTS (1 << 16) /* bytes of one table of mounts: some hundreds */
#define LEAST 8 /* answers of the kernel, of up to 32 KiB, that each has in any case: hundreds of rules */

struct tally {
  uint64_t rules;
  int list;    /* socket on which the kernel goes on listing, -1: it has listed all */
  int answers; /* on it */
  int error;
};

/* A kernel without them has no rules of theirs. */
static bool is_lacking(int error) { return error == EPROTONOSUPPORT || error == EAFNOSUPPORT || error == EOPNOTSUPP || error == EINVAL; }

/* Errno. */
static int list_nft(struct tally *t) {
  const struct {
    struct nlmsghdr head;
    struct nfgenmsg nf;
  } q = {{.nlmsg_len = sizeof q, .nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETRULE, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
         {.nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0}};
  t->list = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  return t->list < 0 || send(t->list, &q, sizeof q, 0) < 0 ? errno : 0;
}

/* Until all are listed, or the time has come. Errno. */
static int count_nft(struct tally *t, int64_t end) {
  static char answer[1 << 16] __attribute__((aligned(NLMSG_ALIGNTO)));
  for (;;) {
    ssize_t n = recv(t->list, answer, sizeof answer, MSG_TRUNC);
    if (n < 0) return errno;
    if ((size_t)n > sizeof answer) return EMSGSIZE;
    for (const struct nlmsghdr *m = (void *)answer; NLMSG_OK(m, n); m = NLMSG_NEXT(m, n)) {
      if (m->nlmsg_type == NLMSG_DONE) return close_fd(&t->list), 0;
      if (m->nlmsg_type == NLMSG_ERROR) return -((const struct nlmsgerr *)NLMSG_DATA(m))->error;
      t->rules += m->nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE);
    }
    if (++t->answers >= LEAST && now_ms(CLOCK_PROCESS_CPUTIME_ID) >= end) return 0;
  }
}

union table_info { /* begins with the name of the table and its hooks */
  struct ipt_getinfo ip;
  struct ip6t_getinfo ip6;
  struct arpt_getinfo arp;
};
static const struct kind_of_table {
  const char *names;
  int family, level, option;
  socklen_t length;
  size_t entries;
} KINDS[] = {
  {"/proc/self/net/ip_tables_names", AF_INET, IPPROTO_IP, IPT_SO_GET_INFO, sizeof(struct ipt_getinfo), offsetof(struct ipt_getinfo, num_entries)},
  {"/proc/self/net/ip6_tables_names", AF_INET6, IPPROTO_IPV6, IP6T_SO_GET_INFO, sizeof(struct ip6t_getinfo), offsetof(struct ip6t_getinfo, num_entries)},
  {"/proc/self/net/arp_tables_names", AF_INET, IPPROTO_IP, ARPT_SO_GET_INFO, sizeof(struct arpt_getinfo), offsetof(struct arpt_getinfo, num_entries)},
};
#define KINDS_OF_TABLES (sizeof KINDS / sizeof *KINDS)

/* Of tables that this namespace has: to ask for another one would make it. Errno. */
static int count_tables(struct tally *t, const struct kind_of_table *kind) {
  union table_info info;
  char name[sizeof info.ip.name];
  FILE *list = fopen(kind->names, "re");
  if (!list) return errno == ENOENT ? 0 : errno;
  int fd = -1, error = 0;
  while (!error && fscanf(list, "%31s", name) == 1) {
    socklen_t length = kind->length;
    uint32_t entries;
    memset(&info, 0, sizeof info);
    memcpy(info.ip.name, name, strlen(name));
    if (fd < 0) fd = socket(kind->family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
    if (fd < 0 || getsockopt(fd, kind->level, kind->option, &info, &length) < 0) error = errno;
    memcpy(&entries, (char *)&info + kind->entries, sizeof entries);
    /* policies of its chains, and its end */
    if (!error) t->rules += entries - (unsigned)__builtin_popcount(info.ip.valid_hooks) - 1;
  }
  close_fd(&fd);
  return fclose(list), error;
}

static void go_on(struct tally *t, int error, int64_t end) {
  if (!error) error = count_nft(t, end);
  if (error) close_fd(&t->list);
  t->error = is_lacking(error) ? 0 : error;
}

/* The job stays in that namespace. */
static void count_rules(int ns, struct tally *t, int64_t end) {
  t->error = setns(ns, CLONE_NEWNET) < 0 ? errno : 0;
  if (t->error) return;
  go_on(t, list_nft(t), end);
  int error = 0;
  for (size_t i = 0; i < KINDS_OF_TABLES && !error; i++) error = count_tables(t, KINDS + i);
  if (!t->error && !is_lacking(error)) t->error = error;
}

/* Network namespaces of a container: that of its init first. */
struct networks {
  int fds[NETWORKS];
  ino_t ids[NETWORKS], user;
  int count, left; /* processes that are still asked */
  bool more;
};

static bool is_known(const struct networks *w, ino_t id) {
  for (int i = 0; i < w->count; i++)
    if (w->ids[i] == id) return true;
  return false;
}

/* Made inside: it belongs to the container's user namespace, or to one below that. Who is on the way in may still be in one of the node's. */
static bool is_inside(const struct networks *w, int ns) {
  struct stat is;
  AUTO_FD user = ioctl(ns, NS_GET_USERNS);
  while (user >= 0 && fstat(user, &is) == 0) {
    if (is.st_ino == w->user) return true;
    AUTO_FD above = ioctl(user, NS_GET_PARENT);
    close_fd(&user);
    user = take_fd(&above);
  }
  return false;
}

static void take_network(struct networks *w, int *ns) {
  struct stat is;
  if (fstat(*ns, &is) < 0 || is_known(w, is.st_ino)) return;
  w->more |= w->count == NETWORKS;
  if (w->count == NETWORKS) return;
  w->ids[w->count] = is.st_ino;
  w->fds[w->count++] = take_fd(ns);
}

static void ask_process(struct networks *w, int pid) {
  char path[64];
  struct stat is;
  snprintf(path, sizeof path, "/proc/%d/ns/net", pid);
  if (stat(path, &is) < 0 || is_known(w, is.st_ino)) return;
  AUTO_FD ns = open(path, O_RDONLY | O_CLOEXEC);
  if (ns >= 0 && is_inside(w, ns)) take_network(w, &ns);
}

static int ask_group(int parent, const char *name, void *with) {
  struct networks *w = with;
  AUTO_FD dir = open_cgroup(parent, name);
  int list = dir < 0 ? -1 : openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC), pid;
  FILE *members = list < 0 ? NULL : fdopen(list, "r");
  if (!members) return close_fd(&list), 0;
  while (w->left > 0 && fscanf(members, "%d", &pid) == 1) w->left--, ask_process(w, pid);
  return fclose(members), w->left <= 0;
}

/* One that is mounted where init is, and nobody is in: nobody can be asked for it. */
static void look_for_mounted(struct networks *w, pid_t init) {
  char path[64], *line = NULL;
  snprintf(path, sizeof path, "/proc/%d/mountinfo", init);
  FILE *mounts = fopen(path, "re");
  size_t room = 0;
  long all = 0;
  for (ssize_t n; mounts && !w->more && (n = getline(&line, &room, mounts)) > 0;) {
    unsigned long id;
    w->more = (all += n) > MOUNTS || (sscanf(line, "%*u %*u %*s net:[%lu]", &id) == 1 && !is_known(w, id));
  }
  free(line);
  if (mounts) fclose(mounts);
}

/* `group`: of which the container's processes are, "" for its init alone. */
static int find_networks(struct run *r, struct networks *w, pid_t init, uint64_t started, const char *group, bool mounted) {
  char path[64];
  struct stat is;
  AUTO_FD own = open_net(r, init, started);
  if (own < 0) return r->why.error;
  take_network(w, &own);
  snprintf(path, sizeof path, "/proc/%d/ns/user", init);
  AUTO_FD dir = *group && stat(path, &is) == 0 ? open_cgroup(AT_FDCWD, group) : -1;
  if (dir < 0) return 0;
  w->user = is.st_ino;
  w->more |= ask_group(AT_FDCWD, group, w) || each_group(dir, MAX_GROUPS_DEPTH, ask_group, w);
  if (mounted) look_for_mounted(w, init);
  return 0;
}

static int64_t unlisted(const struct tally *all, size_t count) {
  int64_t n = 0;
  for (const struct tally *t = all; t < all + count; t++) n += t->list >= 0;
  return n;
}

struct container {
  size_t first; /* of its tallies */
  int count, error;
  bool more;
};

noreturn void rules_job(struct job *job) {
  struct run r;
  struct buffer out = {0};
  run_init(&r);
  r.why = (struct failure){.stage = "host", .op = "plan", .call = "parse", .error = EPROTO};
  /* milliseconds of our own processor time, which the kernel lists on: a busy node makes nobody's share less */
  int64_t work = get_u32(&job->in);
  bool mounted = get_u8(&job->in);
  uint16_t count = get_u16(&job->in);
  struct reader asked = job->in;
  for (uint16_t i = 0; i < count; i++) get_u32(&job->in), get_u64(&job->in), get_path(&job->in, true);
  after_parse(job, !job->in.bad && job->in.at == job->in.end, &r.why);
  struct tally *all = calloc((size_t)count * NETWORKS + 1, sizeof *all);
  struct container *containers = calloc((size_t)count + 1, sizeof *containers);
  if (!all || !containers) abort();
  int64_t now = 0, left = count;
  size_t networks = 0;
  for (struct container *c = containers; c < containers + count; c++, left--) {
    pid_t init = (pid_t)get_u32(&asked);
    uint64_t started = get_u64(&asked);
    struct networks found = {.left = PROCESSES / count + 1};
    now = now_ms(CLOCK_PROCESS_CPUTIME_ID);
    int64_t end = now + (work - now) / left;
    c->error = find_networks(&r, &found, init, started, get_path(&asked, true), mounted);
    c->more = found.more;
    c->first = networks;
    for (c->count = 0; c->count < found.count; c->count++) {
      struct tally *t = all + networks++;
      t->list = -1;
      count_rules(found.fds[c->count], t, end);
      close_fd(found.fds + c->count);
    }
  }
  while ((left = unlisted(all, networks)) > 0 && now < work)
    for (struct tally *t = all; t < all + networks && now < work; t++) {
      now = now_ms(CLOCK_PROCESS_CPUTIME_ID);
      if (t->list >= 0) go_on(t, 0, now + (work - now) / left--);
    }
  put_u16(&out, count);
  for (struct container *c = containers; c < containers + count; c++) {
    uint64_t rules = 0;
    for (int i = 0; i < c->count; i++) {
      const struct tally *t = all + c->first + i;
      rules += t->rules;
      c->more |= t->list >= 0 || (i > 0 && t->error);
      if (i == 0 && t->error) c->error = t->error;
    }
    put_u8(&out, c->error ? 0 : 1);
    if (c->error) put_text(&out, error_name(c->error));
    else put_u64(&out, rules), put_u8(&out, c->more);
  }
  reply_done(job, &out);
  _exit(0);
}
