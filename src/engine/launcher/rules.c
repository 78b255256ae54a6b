/* How many rules the packet filter has in network namespaces of containers: those of nftables as the kernel lists them, and entries of the tables of iptables
 * and ip6tables, without those that each table has from the start. Root inside makes as many as he likes: what listing them costs is bounded for all namespaces
 * together, and each has an equal share of what those before it have left; one that has more is told as that. */
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
  bool more; /* there are more than were looked at */
};

/* A kernel without them has no rules of theirs. */
static bool is_lacking(int error) { return error == EPROTONOSUPPORT || error == EAFNOSUPPORT || error == EOPNOTSUPP || error == EINVAL; }

/* Errno. */
static int count_nft(struct tally *t, int64_t end) {
  static char answer[1 << 16] __attribute__((aligned(NLMSG_ALIGNTO)));
  const struct {
    struct nlmsghdr head;
    struct nfgenmsg nf;
  } q = {{.nlmsg_len = sizeof q, .nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETRULE, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
         {.nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0}};
  AUTO_FD fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  if (fd < 0 || send(fd, &q, sizeof q, 0) < 0) return errno;
  for (int answers = 1;; answers++) {
    ssize_t n = recv(fd, answer, sizeof answer, MSG_TRUNC);
    if (n < 0) return errno;
    if ((size_t)n > sizeof answer) return EMSGSIZE;
    for (const struct nlmsghdr *m = (void *)answer; NLMSG_OK(m, n); m = NLMSG_NEXT(m, n)) {
      if (m->nlmsg_type == NLMSG_DONE) return 0;
      if (m->nlmsg_type == NLMSG_ERROR) return -((const struct nlmsgerr *)NLMSG_DATA(m))->error;
      t->rules += m->nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE);
    }
    if (answers >= LEAST && now_ms(CLOCK_PROCESS_CPUTIME_ID) >= end) return t->more = true, 0;
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

/* -1 with r->why. The job stays in that namespace. */
static int count_rules(struct run *r, pid_t pid, uint64_t started, struct tally *t, int64_t end) {
  AUTO_FD ns = open_net(r, pid, started);
  if (ns < 0) return -1;
  if (setns(ns, CLONE_NEWNET) < 0) return no(r, "setns", "");
  int error = count_nft(t, end);
  if (error && !is_lacking(error)) return refuse(r, error, "NFT_MSG_GETRULE", "");
  error = count_tables(t, AF_INET, IPPROTO_IP, IPT_SO_GET_INFO, "/proc/self/net/ip_tables_names");
  if (!error) error = count_tables(t, AF_INET6, IPPROTO_IPV6, IP6T_SO_GET_INFO, "/proc/self/net/ip6_tables_names");
  return error && !is_lacking(error) ? refuse(r, error, "IPT_SO_GET_INFO", "") : 0;
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
  put_u16(&out, count);
  for (int64_t now, left = count; left > 0; left--) {
    struct tally t = {0};
    pid_t pid = (pid_t)get_u32(&asked);
    uint64_t started = get_u64(&asked);
    now = now_ms(CLOCK_PROCESS_CPUTIME_ID);
    bool told = count_rules(&r, pid, started, &t, now + (work - now) / left) == 0;
    put_u8(&out, told ? 1 : 0);
    if (told) put_u64(&out, t.rules), put_u8(&out, t.more);
    else put_text(&out, error_name(r.why.error));
  }
  reply_done(job, &out);
  _exit(0);
}
