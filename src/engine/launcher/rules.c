/* How many rules the packet filter has in network namespaces of containers: those of nftables as the kernel lists them, and entries of the tables of iptables
 * and ip6tables, without those that each table has from the start. Root inside makes as many as he likes: what listing them costs is bounded for all namespaces
 * together. Each has an equal share, and what some leave is shared by the others again; one that has more is told as that. */
#include "ops.h"
#include "netlink.h"

#include <netinet/in.h> /* before the kernel's own */
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <sched.h>

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

/* Of tables that this namespace has: to ask for another one would make it. Errno. */
static int count_tables(struct tally *t, int family, int level, int option, const char *names) {
  struct ipt_getinfo info; /* of the same layout for both families */
  _Static_assert(sizeof(struct ipt_getinfo) == sizeof(struct ip6t_getinfo) && IPT_SO_GET_INFO == IP6T_SO_GET_INFO, "ip_tables.h");
  char name[sizeof info.name];
  FILE *list = fopen(names, "re");
  if (!list) return errno == ENOENT ? 0 : errno;
  int fd = -1, error = 0;
  while (!error && fscanf(list, "%31s", name) == 1) {
    socklen_t length = sizeof info;
    memset(&info, 0, sizeof info);
    memcpy(info.name, name, strlen(name));
    if (fd < 0) fd = socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
    if (fd < 0 || getsockopt(fd, level, option, &info, &length) < 0) error = errno;
    /* policies of its chains, and its end */
    else t->rules += info.num_entries - (unsigned)__builtin_popcount(info.valid_hooks) - 1;
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
static void count_rules(struct run *r, pid_t pid, uint64_t started, struct tally *t, int64_t end) {
  AUTO_FD ns = open_net(r, pid, started);
  t->error = ns < 0 ? r->why.error : setns(ns, CLONE_NEWNET) < 0 ? errno : 0;
  if (t->error) return;
  go_on(t, list_nft(t), end);
  int error = count_tables(t, AF_INET, IPPROTO_IP, IPT_SO_GET_INFO, "/proc/self/net/ip_tables_names");
  if (!error) error = count_tables(t, AF_INET6, IPPROTO_IPV6, IP6T_SO_GET_INFO, "/proc/self/net/ip6_tables_names");
  if (!t->error && !is_lacking(error)) t->error = error;
}

static int64_t unlisted(const struct tally *all, uint16_t count) {
  int64_t n = 0;
  for (const struct tally *t = all; t < all + count; t++) n += t->list >= 0;
  return n;
}

noreturn void rules_job(struct job *job) {
  struct run r;
  struct buffer out = {0};
  run_init(&r);
  r.why = (struct failure){.stage = "host", .op = "plan", .call = "parse", .error = EPROTO};
  /* milliseconds of our own processor time, which the kernel lists on: a busy node makes nobody's share less */
  int64_t work = get_u32(&job->in);
  uint16_t count = get_u16(&job->in);
  struct reader asked = job->in;
  for (uint16_t i = 0; i < count; i++) get_u32(&job->in), get_u64(&job->in);
  after_parse(job, !job->in.bad && job->in.at == job->in.end, &r.why);
  struct tally *all = calloc((size_t)count + 1, sizeof *all);
  if (!all) abort();
  int64_t now = 0, left = count;
  for (struct tally *t = all; t < all + count; t++, left--) {
    pid_t pid = (pid_t)get_u32(&asked);
    uint64_t started = get_u64(&asked);
    t->list = -1;
    now = now_ms(CLOCK_PROCESS_CPUTIME_ID);
    count_rules(&r, pid, started, t, now + (work - now) / left);
  }
  while ((left = unlisted(all, count)) > 0 && now < work)
    for (struct tally *t = all; t < all + count && now < work; t++) {
      now = now_ms(CLOCK_PROCESS_CPUTIME_ID);
      if (t->list >= 0) go_on(t, 0, now + (work - now) / left--);
    }
  put_u16(&out, count);
  for (struct tally *t = all; t < all + count; t++) {
    put_u8(&out, t->error ? 0 : 1);
    if (t->error) put_text(&out, error_name(t->error));
    else put_u64(&out, t->rules), put_u8(&out, t->list >= 0);
  }
  reply_done(job, &out);
  _exit(0);
}
