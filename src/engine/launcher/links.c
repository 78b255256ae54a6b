/* Links of the node that a container has for a while, and its network namespace that stays until they are back: whatever root inside calls them by
 * then, they are known by their index. */
#include "ops.h"
#include "netlink.h"

#include <linux/magic.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <sys/random.h>
#include <sys/vfs.h>

/* A file of the node stands for the namespace, also when all its processes are gone. */
int do_pin_net(struct run *r, const struct value *a) {
  char from[64];
  AUTO_FD ns = open_net(r, (pid_t)a[0].n, a[1].n);
  if (ns < 0) return -1;
  AUTO_FD file = open(a[2].text, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return no(r, "open", a[2].text);
  struct statfs is;
  if (fstatfs(file, &is) == 0 && is.f_type == NSFS_MAGIC) return 0; /* as a change that went half way has left it */
  snprintf(from, sizeof from, "/proc/self/fd/%d", ns);
  return done_or(r, mount(from, a[2].text, NULL, MS_BIND, NULL), "mount", a[2].text);
}

struct link_message {
  struct nlmsghdr head;
  struct ifinfomsg link;
  char attrs[256];
};

static struct link_message message(unsigned short type, unsigned index) {
  return (struct link_message){.head = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)), .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
                               .link = {.ifi_family = AF_UNSPEC, .ifi_index = (int)index}};
}

/* Errno of the kernel's answer. */
static int say(int fd, const struct link_message *q) {
  struct {
    struct nlmsghdr head;
    struct nlmsgerr error;
    char more[512];
  } answer;
  if (send(fd, q, q->head.nlmsg_len, 0) < 0) return errno;
  ssize_t n = recv(fd, &answer, sizeof answer, 0);
  if (n < (ssize_t)(sizeof answer.head + sizeof answer.error) || answer.head.nlmsg_type != NLMSG_ERROR) return n < 0 ? errno : EPROTO;
  return -answer.error.error;
}

/* By its index, or by its name where that is 0. */
static int move_link(int fd, int to, unsigned index, const char *name, unsigned to_index) {
  struct link_message q = message(RTM_NEWLINK, index);
  put(&q.head, IFLA_IFNAME, name, strlen(name) + 1);
  put(&q.head, IFLA_NET_NS_FD, &to, sizeof to);
  if (to_index) put(&q.head, IFLA_NEW_IFINDEX, &to_index, sizeof to_index);
  return say(fd, &q);
}

static int rename_link(int fd, unsigned index, const char *name) {
  struct link_message q = message(RTM_NEWLINK, index);
  put(&q.head, IFLA_IFNAME, name, strlen(name) + 1);
  return say(fd, &q);
}

static int delete_link(int fd, unsigned index) {
  struct link_message q = message(RTM_DELLINK, index);
  return say(fd, &q);
}

/* --- what the kernel tells of links */
typedef void look(const struct nlmsghdr *m, void *into);

static const struct rtattr *link_attribute(const struct nlmsghdr *m, unsigned short type) {
  return attribute(IFLA_RTA(NLMSG_DATA(m)), (int)IFLA_PAYLOAD(m), type);
}

static const struct rtattr *within(const struct rtattr *nest, unsigned short type) {
  return nest ? attribute(RTA_DATA(nest), (int)RTA_PAYLOAD(nest), type) : NULL;
}

/* One link, or all for index 0. Errno. */
static int look_at(int fd, unsigned index, look *each, void *into) {
  static char buffer[1 << 16] __attribute__((aligned(NLMSG_ALIGNTO)));
  struct link_message q = message(RTM_GETLINK, index);
  if (index == 0) q.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  if (send(fd, &q, q.head.nlmsg_len, 0) < 0) return errno;
  for (;;) {
    ssize_t n = recv(fd, buffer, sizeof buffer, MSG_TRUNC);
    if (n < 0) return errno;
    if ((size_t)n > sizeof buffer) return EMSGSIZE;
    for (struct nlmsghdr *m = (void *)buffer; NLMSG_OK(m, n); m = NLMSG_NEXT(m, n)) {
      if (m->nlmsg_type == NLMSG_DONE) return 0;
      if (m->nlmsg_type == NLMSG_ERROR) return -((struct nlmsgerr *)NLMSG_DATA(m))->error;
      if (m->nlmsg_type == RTM_NEWLINK) each(m, into);
    }
  }
}

static int speak(void) { return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE); }

/* A socket in another network namespace. Nothing goes on in the wrong one. */
static int speak_in(int ns, int own) {
  if (setns(ns, CLONE_NEWNET) < 0) return -1;
  int fd = speak();
  if (setns(own, CLONE_NEWNET) < 0) _exit(113);
  return fd;
}

/* The same in the namespace of a pinned file. -1 with r->why; 0 where it is gone. `ns`: that namespace, `own`: ours. */
static int speak_at(struct run *r, const char *path, int *own) {
  AUTO_FD from = open(path, O_RDONLY | O_CLOEXEC);
  if (from < 0) return gone_or(r, -1, "open", path);
  *own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  if (*own < 0) return no(r, "open", "/proc/self/ns/net");
  int fd = speak_in(from, *own);
  if (fd < 0) return errno == EINVAL ? 0 : no(r, "setns", path);
  return fd;
}

/* A link of the node, by its name, into the namespace that was pinned; there it has this index. */
int do_lend_link(struct run *r, const struct value *a) {
  if (strlen(a[1].text) >= IFNAMSIZ) return refuse(r, ENODEV, "RTM_NEWLINK", a[1].text);
  AUTO_FD to = open(a[0].text, O_RDONLY | O_CLOEXEC);
  if (to < 0) return no(r, "open", a[0].text);
  AUTO_FD fd = speak();
  if (fd < 0) return no(r, "socket", a[1].text);
  int error = move_link(fd, to, 0, a[1].text, (unsigned)a[2].n);
  return error == 0 || (error == ENODEV && a[3].n) ? 0 : refuse(r, error, "RTM_NEWLINK", a[1].text);
}

/* --- and back */
enum { ALTNAMES = 64, NAME_SIZE = 128, TRIES = 64 };
struct altnames {
  unsigned count;
  char names[ALTNAMES][NAME_SIZE]; /* ALTIFNAMSIZ */
};

static void note_altnames(const struct nlmsghdr *m, void *into) {
  struct altnames *all = into;
  const struct rtattr *list = link_attribute(m, IFLA_PROP_LIST);
  if (!list) return;
  int length = (int)RTA_PAYLOAD(list);
  for (const struct rtattr *a = RTA_DATA(list); RTA_OK(a, length) && all->count < ALTNAMES; a = RTA_NEXT(a, length))
    if (a->rta_type == IFLA_ALT_IFNAME && RTA_PAYLOAD(a) <= NAME_SIZE) memcpy(all->names[all->count++], RTA_DATA(a), RTA_PAYLOAD(a));
}

/* Other names that root inside has given it could be the node's. */
static int drop_altnames(int fd, unsigned index) {
  static struct altnames all;
  do {
    memset(&all, 0, sizeof all);
    int error = look_at(fd, index, note_altnames, &all);
    if (error) return error;
    for (unsigned i = 0; i < all.count; i++) {
      struct link_message q = message(RTM_DELLINKPROP, index);
      struct rtattr *list = nest(&q.head, IFLA_PROP_LIST);
      put(&q.head, IFLA_ALT_IFNAME, all.names[i], strnlen(all.names[i], NAME_SIZE - 1) + 1);
      end_nest(&q.head, list);
      say(fd, &q);
    }
  } while (all.count == ALTNAMES);
  return 0;
}

/* Its name on its way: root inside has others, which may be the node's. */
static void passing_name(char *name, unsigned number) { snprintf(name, IFNAMSIZ, "back%08x", number); }

/* From there to here, as the name that it then has. Errno. The first name tried is of its old index, by which the next call knows what one that was
 * killed has moved; where root inside has a link of that name, one that he cannot foresee. */
static int fetch_link(int from, int own, unsigned index, unsigned home, char *passing) {
  unsigned number = home;
  int error = EEXIST;
  for (int try = 0; try < TRIES && (error == EEXIST || error == EBUSY); try++) {
    if (error == EBUSY) home = 0;
    if (try > 0 && getrandom(&number, sizeof number, 0) != sizeof number) return EAGAIN;
    passing_name(passing, number);
    error = drop_altnames(from, index);
    if (error == 0) error = rename_link(from, index, passing);
    /* a link that is up keeps its name on older kernels; then the kernel renames it on its way */
    if (error == 0 || error == EBUSY) error = move_link(from, own, index, passing, home);
  }
  return error;
}

/*
 * By the index that it has there; with its old one where nobody has that by now. What a call that was killed has brought already stays here and is no
 * error. ENODEV for one that is gone, with its namespace or alone.
 */
int do_return_link(struct run *r, const struct value *a) {
  unsigned index = (unsigned)a[1].n, home = (unsigned)a[3].n;
  const char *name = a[2].text;
  char passing[IFNAMSIZ];
  if (strlen(name) >= IFNAMSIZ) return refuse(r, ENODEV, "RTM_NEWLINK", name);
  AUTO_FD here = speak();
  if (here < 0) return no(r, "socket", name);
  passing_name(passing, home);
  unsigned now = if_nametoindex(passing);
  if (!now) {
    AUTO_FD own = -1;
    AUTO_FD from = speak_at(r, a[0].text, &own);
    if (from < 0) return -1;
    int error = from > 0 ? fetch_link(from, own, index, home, passing) : ENODEV;
    if (from == 0) from = -1;
    if (error == ENODEV && if_nametoindex(name) == home) return 0;
    if (error) return refuse(r, error, "RTM_NEWLINK", name);
    now = if_nametoindex(passing);
  }
  int error = now ? rename_link(here, now, name) : ENODEV;
  /* the node has another one of that name by now, whose own settings must stay */
  if (error == EEXIST) rename_link(here, now, "dev%d");
  return error ? refuse(r, error, "RTM_NEWLINK", name) : 0;
}

/* --- what stands on links of other namespaces */
enum { FOUND = 256 };
struct found {
  char **keep;
  unsigned count, indexes[FOUND];
};

/* Of a kind that takes part in another link's wire; a veth's other end is none of these. */
static bool takes_part(const char *kind) {
  static const char *const KINDS[] = {"macvlan", "macvtap", "ipvlan", "ipvtap", "vlan", "macsec"};
  for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++)
    if (!strcmp(kind, KINDS[i])) return true;
  return false;
}

static void note_standing(const struct nlmsghdr *m, void *into) {
  struct found *found = into;
  const struct ifinfomsg *link = NLMSG_DATA(m);
  const struct rtattr *kind = within(link_attribute(m, IFLA_LINKINFO), IFLA_INFO_KIND);
  char index[16];
  snprintf(index, sizeof index, "%d", link->ifi_index);
  for (char **keep = found->keep; *keep; keep++)
    if (!strcmp(*keep, index)) return;
  if (kind && link_attribute(m, IFLA_LINK_NETNSID) && takes_part(RTA_DATA(kind)) && found->count < FOUND)
    found->indexes[found->count++] = (unsigned)link->ifi_index;
}

/* Takes away what stands in the pinned namespace on links of others, but for these indexes: whatever it is called. */
int do_cut_links(struct run *r, const struct value *a) {
  AUTO_FD own = -1;
  AUTO_FD fd = speak_at(r, a[0].text, &own);
  if (fd <= 0) {
    int none = fd;
    return fd = -1, none;
  }
  struct found found = {.keep = a[1].list};
  do {
    found.count = 0;
    int error = look_at(fd, 0, note_standing, &found);
    for (unsigned i = 0; i < found.count && !error; i++) error = delete_link(fd, found.indexes[i]);
    /* ENODEV: it stood on one that went before it */
    if (error && error != ENODEV) return refuse(r, error, "RTM_DELLINK", a[0].text);
  } while (found.count > 0);
  return 0;
}

/* Fails where the node has no such table of nftables, or in its set of numbers (type mark) not this one. */
int do_need_mark(struct run *r, const struct value *a) {
  struct {
    struct nlmsghdr head;
    struct nfgenmsg nf;
    char attrs[2 * NFT_NAME_MAXLEN + 64];
  } q = {.head = {.nlmsg_len = NLMSG_LENGTH(sizeof q.nf), .nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETSETELEM, .nlmsg_flags = NLM_F_REQUEST},
         .nf = {.nfgen_family = (uint8_t)a[0].n, .version = NFNETLINK_V0}};
  char answer[1024] __attribute__((aligned(NLMSG_ALIGNTO)));
  const char *table = a[1].text, *set = a[2].text;
  uint32_t mark = (uint32_t)a[3].n;
  if (strlen(table) >= NFT_NAME_MAXLEN || strlen(set) >= NFT_NAME_MAXLEN) return refuse(r, ENOENT, "NFT_MSG_GETSETELEM", table);
  put(&q.head, NFTA_SET_ELEM_LIST_TABLE, table, strlen(table) + 1);
  put(&q.head, NFTA_SET_ELEM_LIST_SET, set, strlen(set) + 1);
  struct rtattr *list = nest(&q.head, NFTA_SET_ELEM_LIST_ELEMENTS), *element = nest(&q.head, NFTA_LIST_ELEM), *key = nest(&q.head, NFTA_SET_ELEM_KEY);
  put(&q.head, NFTA_DATA_VALUE, &mark, sizeof mark);
  end_nest(&q.head, list), end_nest(&q.head, element), end_nest(&q.head, key);
  AUTO_FD fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  if (fd < 0 || send(fd, &q, q.head.nlmsg_len, 0) < 0) return no(r, "NFT_MSG_GETSETELEM", table);
  ssize_t n = recv(fd, answer, sizeof answer, 0);
  const struct nlmsghdr *m = (void *)answer;
  if (n < (ssize_t)sizeof *m) return no(r, "NFT_MSG_GETSETELEM", table);
  return m->nlmsg_type == NLMSG_ERROR ? refuse(r, -((const struct nlmsgerr *)NLMSG_DATA(m))->error, "NFT_MSG_GETSETELEM", table) : 0;
}
