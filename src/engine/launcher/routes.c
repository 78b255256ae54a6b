/* Links, addresses, routes and proxied neighbours, by lines in the words of ip(8), and programs that links show their packets to, in those of tc(8): as many of
 * these as the engine uses, without a program that has to be started for them. What a line says besides is EINVAL. */
#include "ops.h"
#include "netlink.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/veth.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>

enum { JOIN = 1, FORGIVEN = 2 };

/* One line, and where it is said. */
struct line {
  char *rest;
  int fd, container; /* socket of the namespace that it is for; the namespace that links are made in, -1: none */
  const int *slots;  /* of the run */
};
struct query {
  struct nlmsghdr head;
  char body[1024];
};
struct address {
  unsigned char family, length;
  size_t bytes;
  char data[sizeof(struct in6_addr)];
};

/* --- words */
static const char *word(struct line *l) {
  char *at = l->rest + strspn(l->rest, " ");
  l->rest = at + strcspn(at, " ");
  if (*l->rest) *l->rest++ = 0;
  return at;
}
static bool next_is(struct line *l, const char *wanted) { return is(word(l), wanted); }

/* "10.0.0.1", "10.0.0.0/24", "2001:db8::/64", "default". */
static bool address(const char *text, struct address *a) {
  char plain[INET6_ADDRSTRLEN];
  const char *slash = strchrnul(text, '/');
  uint32_t length;
  if (is(text, "default")) return *a = (struct address){.family = AF_INET}, true;
  if ((size_t)(slash - text) >= sizeof plain) return false;
  snprintf(plain, sizeof plain, "%.*s", (int)(slash - text), text);
  a->family = strchr(plain, ':') ? AF_INET6 : AF_INET;
  a->bytes = a->family == AF_INET6 ? 16 : 4;
  length = (uint32_t)a->bytes * 8;
  if (*slash && (!number(slash + 1, &length) || length > a->bytes * 8)) return false;
  a->length = (unsigned char)length;
  return inet_pton(a->family, plain, a->data) == 1;
}

/* ENODEV as 0. */
static unsigned index_of(const struct line *l, const char *name) {
  struct ifreq request = {0};
  if (!*name || strlen(name) >= IFNAMSIZ) return 0;
  memcpy(request.ifr_name, name, strlen(name));
  return ioctl(l->fd, SIOCGIFINDEX, &request) == 0 ? (unsigned)request.ifr_ifindex : 0;
}

/* --- parts of messages. Each returns an errno. */
static void *begin(struct query *q, unsigned short type, unsigned short flags, size_t size) {
  memset(q, 0, sizeof *q);
  q->head = (struct nlmsghdr){.nlmsg_len = NLMSG_LENGTH((unsigned)size), .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags};
  return NLMSG_DATA(&q->head);
}

static int put_number(struct nlmsghdr *q, unsigned short type, const char *text, size_t size) {
  uint32_t n;
  if (!number(text, &n)) return EINVAL;
  return put(q, type, &n, size), 0; /* the first bytes of a number are its lowest on all that we run on */
}

static int put_mac(struct nlmsghdr *q, const char *text) {
  unsigned char bytes[6];
  return mac(text, bytes) ? put(q, IFLA_ADDRESS, bytes, sizeof bytes), 0 : EINVAL;
}

static int put_name(struct nlmsghdr *q, const char *text) {
  return *text && strlen(text) < IFNAMSIZ ? put(q, IFLA_IFNAME, text, strlen(text) + 1), 0 : EINVAL;
}

static int put_index(const struct line *l, struct nlmsghdr *q, unsigned short type, const char *name) {
  unsigned index = index_of(l, name);
  return index ? put(q, type, &index, sizeof index), 0 : ENODEV;
}

/* What both ends of a pair may have. -1: another word. */
static int put_common(struct line *l, struct nlmsghdr *q, struct ifinfomsg *link, const char *what) {
  if (is(what, "address")) return put_mac(q, word(l));
  if (is(what, "mtu")) return put_number(q, IFLA_MTU, word(l), sizeof(uint32_t));
  if (is(what, "name")) return put_name(q, word(l));
  if (is(what, "arp")) return link->ifi_flags |= IFF_NOARP, link->ifi_change |= IFF_NOARP, next_is(l, "off") ? 0 : EINVAL;
  return -1;
}

static int put_peer(struct line *l, struct nlmsghdr *q) {
  struct rtattr *peer = put(q, VETH_INFO_PEER | NLA_F_NESTED, &(struct ifinfomsg){0}, sizeof(struct ifinfomsg));
  for (const char *what = word(l); *what; what = word(l)) {
    int error = put_common(l, q, RTA_DATA(peer), what);
    if (error) return error < 0 ? EINVAL : error;
  }
  return end_nest(q, peer), 0;
}

/* Words of each type of link: attribute and size of the number behind it, or names of its values. */
static const struct option {
  const char *type, *word;
  unsigned short attribute;
  size_t size;
  struct {
    const char *name;
    uint32_t value;
  } values[3];
} OPTIONS[] = {
  {"bridge", "stp_state", IFLA_BR_STP_STATE, 4, {}},
  {"bridge", "forward_delay", IFLA_BR_FORWARD_DELAY, 4, {}},
  {"vlan", "id", IFLA_VLAN_ID, 2, {}},
  {"macvlan", "mode", IFLA_MACVLAN_MODE, 4, {{"private", MACVLAN_MODE_PRIVATE}, {"vepa", MACVLAN_MODE_VEPA}, {"bridge", MACVLAN_MODE_BRIDGE}}},
  {"ipvlan", "mode", IFLA_IPVLAN_MODE, 2, {{"l2", IPVLAN_MODE_L2}, {"l3", IPVLAN_MODE_L3}, {"l3s", IPVLAN_MODE_L3S}}},
};

static int put_option(struct nlmsghdr *q, const char *type, const char *what, const char *value) {
  for (const struct option *o = OPTIONS; o < OPTIONS + sizeof OPTIONS / sizeof *OPTIONS; o++) {
    if (!is(o->type, type) || !is(o->word, what)) continue;
    if (!o->values[0].name) return put_number(q, o->attribute, value, o->size);
    for (int i = 0; i < 3; i++)
      if (is(o->values[i].name, value)) return put(q, o->attribute, &o->values[i].value, o->size), 0;
  }
  return EINVAL;
}

static int put_type(struct line *l, struct nlmsghdr *q) {
  const char *type = word(l);
  if (strlen(type) >= IFNAMSIZ) return EINVAL;
  struct rtattr *info = nest(q, IFLA_LINKINFO);
  put(q, IFLA_INFO_KIND, type, strlen(type));
  struct rtattr *data = nest(q, IFLA_INFO_DATA);
  for (const char *what = word(l); *what; what = word(l)) {
    int error = is(type, "veth") && is(what, "peer") ? put_peer(l, q) : put_option(q, type, what, word(l));
    if (error) return error;
  }
  return end_nest(q, data), end_nest(q, info), 0;
}

/* --- lines */
/* link add name NAME [link PARENT] [index N] [netns: the container's] [address MAC] [mtu N] [arp off] type TYPE … */
static int link_add(struct line *l, struct query *q) {
  struct ifinfomsg *link = begin(q, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof *link);
  for (const char *what = word(l); *what; what = word(l)) {
    uint32_t index = 0;
    int error = put_common(l, &q->head, link, what);
    if (error == -1 && is(what, "type")) error = put_type(l, &q->head);
    else if (error == -1 && is(what, "link")) error = put_index(l, &q->head, IFLA_LINK, word(l));
    else if (error == -1 && is(what, "index")) error = number(word(l), &index) ? link->ifi_index = (int)index, 0 : EINVAL;
    else if (error == -1 && is(what, "netns") && l->container >= 0)
      error = next_is(l, "container") ? put(&q->head, IFLA_NET_NS_FD, &l->container, sizeof l->container), 0 : EINVAL;
    if (error) return error < 0 ? EINVAL : error;
  }
  return 0;
}

static int put_no_link_local(struct nlmsghdr *q) {
  struct rtattr *families = nest(q, IFLA_AF_SPEC), *six = nest(q, AF_INET6);
  put(q, IFLA_INET6_ADDR_GEN_MODE, &(uint8_t){IN6_ADDR_GEN_MODE_NONE}, 1);
  return end_nest(q, six), end_nest(q, families), 0;
}

/* link set dev NAME [up] [address MAC] [mtu N] [master BRIDGE | nomaster] [addrgenmode none] */
static int link_set(struct line *l, struct query *q) {
  struct ifinfomsg *link = begin(q, RTM_NEWLINK, 0, sizeof *link);
  if (!next_is(l, "dev")) return EINVAL;
  link->ifi_index = (int)index_of(l, word(l));
  if (!link->ifi_index) return ENODEV;
  for (const char *what = word(l); *what; what = word(l)) {
    int error = put_common(l, &q->head, link, what);
    if (error == -1 && is(what, "up")) error = 0, link->ifi_flags |= IFF_UP, link->ifi_change |= IFF_UP;
    else if (error == -1 && is(what, "master")) error = put_index(l, &q->head, IFLA_MASTER, word(l));
    else if (error == -1 && is(what, "nomaster")) error = 0, put(&q->head, IFLA_MASTER, &(uint32_t){0}, 4);
    else if (error == -1 && is(what, "addrgenmode")) error = next_is(l, "none") ? put_no_link_local(&q->head) : EINVAL;
    if (error) return error < 0 ? EINVAL : error;
  }
  return 0;
}

/* link del dev NAME */
static int link_del(struct line *l, struct query *q) {
  struct ifinfomsg *link = begin(q, RTM_DELLINK, 0, sizeof *link);
  if (!next_is(l, "dev")) return EINVAL;
  link->ifi_index = (int)index_of(l, word(l));
  return link->ifi_index ? 0 : ENODEV;
}

static unsigned short flags_of(const char *verb) { return is(verb, "add") ? NLM_F_CREATE | NLM_F_EXCL : is(verb, "replace") ? NLM_F_CREATE | NLM_F_REPLACE : 0; }

/* addr add|replace|del ADDRESS/LENGTH dev NAME [label LABEL] [nodad] */
static int addr(struct line *l, struct query *q, const char *verb) {
  struct address a;
  struct ifaddrmsg *m = begin(q, is(verb, "del") ? RTM_DELADDR : RTM_NEWADDR, flags_of(verb), sizeof *m);
  if (!address(word(l), &a) || !a.bytes || !next_is(l, "dev")) return EINVAL;
  *m = (struct ifaddrmsg){.ifa_family = a.family, .ifa_prefixlen = a.length, .ifa_index = index_of(l, word(l))};
  if (!m->ifa_index) return ENODEV;
  put(&q->head, IFA_LOCAL, a.data, a.bytes), put(&q->head, IFA_ADDRESS, a.data, a.bytes);
  for (const char *what = word(l); *what; what = word(l)) {
    if (is(what, "nodad")) m->ifa_flags |= IFA_F_NODAD;
    else if (is(what, "label") && strlen(what = word(l)) < IFNAMSIZ) put(&q->head, IFA_LABEL, what, strlen(what) + 1);
    else return EINVAL;
  }
  return 0;
}

/* route add|replace|del TO dev NAME [metric N] [src ADDRESS] [via ADDRESS] [onlink], in the main table; scopes are those that ip(8) chooses */
static int route(struct line *l, struct query *q, const char *verb) {
  struct address to, via;
  bool del = is(verb, "del");
  struct rtmsg *m = begin(q, del ? RTM_DELROUTE : RTM_NEWROUTE, flags_of(verb), sizeof *m);
  if (!address(word(l), &to) || !next_is(l, "dev")) return EINVAL;
  bool link = to.family == AF_INET;
  *m = (struct rtmsg){.rtm_family = to.family, .rtm_dst_len = to.length, .rtm_table = RT_TABLE_MAIN};
  if (!del) m->rtm_protocol = RTPROT_BOOT, m->rtm_type = RTN_UNICAST;
  if (to.length) put(&q->head, RTA_DST, to.data, to.bytes);
  int error = put_index(l, &q->head, RTA_OIF, word(l));
  for (const char *what = word(l); *what && !error; what = word(l)) {
    if (is(what, "metric")) error = put_number(&q->head, RTA_PRIORITY, word(l), 4);
    else if (is(what, "src") && address(word(l), &via) && via.family == to.family) put(&q->head, RTA_PREFSRC, via.data, via.bytes);
    else if (is(what, "onlink")) m->rtm_flags |= RTNH_F_ONLINK;
    else if (is(what, "via") && address(word(l), &via) && via.family == to.family) put(&q->head, RTA_GATEWAY, via.data, via.bytes), link = false;
    else error = EINVAL;
  }
  m->rtm_scope = to.family == AF_INET6 ? RT_SCOPE_UNIVERSE : del ? RT_SCOPE_NOWHERE : link ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  return error;
}

/* neigh replace|del proxy ADDRESS dev NAME */
static int neigh(struct line *l, struct query *q, const char *verb) {
  struct address a;
  struct ndmsg *m = begin(q, is(verb, "del") ? RTM_DELNEIGH : RTM_NEWNEIGH, flags_of(verb), sizeof *m);
  if (!next_is(l, "proxy") || !address(word(l), &a) || !next_is(l, "dev")) return EINVAL;
  *m = (struct ndmsg){.ndm_family = a.family, .ndm_state = NUD_PERMANENT, .ndm_flags = NTF_PROXY, .ndm_ifindex = (int)index_of(l, word(l))};
  put(&q->head, NDA_DST, a.data, a.bytes);
  return m->ndm_ifindex ? 0 : ENODEV;
}

static void put_kind(struct nlmsghdr *q, const char *kind) { put(q, TCA_KIND, kind, strlen(kind) + 1); }

/* qdisc add dev NAME ingress_block N clsact; qdisc del dev NAME clsact */
static int qdisc(struct line *l, struct query *q, const char *verb) {
  bool del = is(verb, "del");
  struct tcmsg *m = begin(q, del ? RTM_DELQDISC : RTM_NEWQDISC, flags_of(verb), sizeof *m);
  if (!next_is(l, "dev")) return EINVAL;
  *m = (struct tcmsg){.tcm_ifindex = (int)index_of(l, word(l)), .tcm_parent = TC_H_CLSACT, .tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0)};
  if (!m->tcm_ifindex) return ENODEV;
  if (!del && (!next_is(l, "ingress_block") || put_number(&q->head, TCA_INGRESS_BLOCK, word(l), 4))) return EINVAL;
  return next_is(l, "clsact") ? put_kind(&q->head, "clsact"), 0 : EINVAL;
}

/* filter replace block N bpf SLOT: the only one of that block, which says itself what becomes of a packet */
static int filter(struct line *l, struct query *q, const char *verb) {
  uint32_t block, slot;
  struct tcmsg *m = begin(q, RTM_NEWTFILTER, flags_of(verb), sizeof *m);
  if (!is(verb, "replace") || !next_is(l, "block") || !number(word(l), &block) || !next_is(l, "bpf")) return EINVAL;
  if (!number(word(l), &slot) || slot >= MAX_SLOTS) return EINVAL;
  *m = (struct tcmsg){.tcm_ifindex = (int)TCM_IFINDEX_MAGIC_BLOCK, .tcm_block_index = block, .tcm_handle = 1, .tcm_info = TC_H_MAKE(1 << 16, htons(ETH_P_ALL))};
  put_kind(&q->head, "bpf");
  struct rtattr *options = nest(&q->head, TCA_OPTIONS);
  put(&q->head, TCA_BPF_FD, &l->slots[slot], sizeof(int)), put(&q->head, TCA_BPF_NAME, "vzdeck", sizeof "vzdeck");
  put(&q->head, TCA_BPF_FLAGS, &(uint32_t){TCA_BPF_FLAG_ACT_DIRECT}, 4);
  return end_nest(&q->head, options), 0;
}

static int compose(struct line *l, struct query *q) {
  const char *object = word(l), *verb = word(l);
  if (!is(verb, "add") && !is(verb, "set") && !is(verb, "replace") && !is(verb, "del")) return EINVAL;
  if (is(object, "link")) return is(verb, "add") ? link_add(l, q) : is(verb, "set") ? link_set(l, q) : is(verb, "del") ? link_del(l, q) : EINVAL;
  if (is(verb, "set")) return EINVAL;
  if (is(object, "addr")) return addr(l, q, verb);
  if (is(object, "route")) return route(l, q, verb);
  if (is(object, "qdisc")) return qdisc(l, q, verb);
  if (is(object, "filter")) return filter(l, q, verb);
  return is(object, "neigh") ? neigh(l, q, verb) : EINVAL;
}

/* Errno of the kernel's answer, with its words where it has some. */
static int tell(int fd, const struct query *q, char *words, size_t room) {
  char answer[2048] __attribute__((aligned(NLMSG_ALIGNTO)));
  const struct nlmsghdr *m = (void *)answer;
  if (send(fd, q, q->head.nlmsg_len, 0) < 0) return errno;
  ssize_t n = recv(fd, answer, sizeof answer, 0);
  if (n < (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr)) || m->nlmsg_type != NLMSG_ERROR) return n < 0 ? errno : EPROTO;
  const struct nlmsgerr *error = NLMSG_DATA(m);
  size_t head = NLMSG_LENGTH(sizeof *error); /* the request is not repeated: NETLINK_CAP_ACK */
  const struct rtattr *why = m->nlmsg_flags & NLM_F_ACK_TLVS ? attribute((const void *)(answer + head), (int)((size_t)n - head), NLMSGERR_ATTR_MSG) : NULL;
  if (why) snprintf(words, room, "%.*s", (int)RTA_PAYLOAD(why), (const char *)RTA_DATA(why));
  return -error->error;
}

/* Namespace of a process that is seen to live after it was opened: then it is its own. */
int open_net(struct run *r, pid_t pid, uint64_t started) {
  char path[64];
  bool newborn = pid == 0;
  AUTO_FD process = newborn ? -1 : open_process(pid, started);
  if (!newborn && process < 0) return no(r, "pidfd_open", "");
  snprintf(path, sizeof path, "/proc/%d/ns/net", newborn ? r->child : pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return no(r, "open", path);
  if (newborn || pidfd_send_signal(process, 0, NULL, 0) == 0) return fd;
  return close(fd), no(r, "pidfd_send_signal", "");
}

static int speak_there(int ns, bool join) {
  AUTO_FD own = join ? open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC) : -1;
  if (join && (own < 0 || setns(ns, CLONE_NEWNET) < 0)) return -1;
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (join && setns(own, CLONE_NEWNET) < 0) _exit(113); /* nothing goes on in the wrong one */
  if (fd >= 0) setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &(int){1}, sizeof(int)), setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &(int){1}, sizeof(int));
  return fd;
}

int do_links(struct run *r, const struct value *a) {
  const char *pinned = a[2].text;
  uint64_t flags = a[3].n;
  bool join = flags & JOIN, forgiven = flags & FORGIVEN, named = a[0].n != 0 || join || r->child > 0;
  AUTO_FD ns = *pinned ? on_node(r, pinned, O_RDONLY) : named ? open_net(r, (pid_t)a[0].n, a[1].n) : -1;
  if (ns < 0 && (named || *pinned)) return forgiven ? 0 : -1;
  AUTO_FD fd = speak_there(ns, join);
  if (fd < 0) return forgiven ? 0 : no(r, "socket", "NETLINK_ROUTE");
  for (char **line = a[4].list; *line; line++) {
    char copy[1024], words[256] = "", said[sizeof copy + sizeof words + 4];
    struct query q;
    struct line l = {.rest = copy, .fd = fd, .container = ns, .slots = r->slots};
    if (strlen(*line) >= sizeof copy / 2) return refuse(r, EMSGSIZE, "ip", *line);
    snprintf(copy, sizeof copy, "%s", *line);
    int error = compose(&l, &q);
    if (error == 0) error = tell(fd, &q, words, sizeof words);
    snprintf(said, sizeof said, *words ? "%s: %s" : "%s%s", *line, words);
    if (error && !forgiven) return refuse(r, error, "rtnetlink", said);
  }
  return 0;
}
