/* Links of the node that a container has for a while, and its network namespace that stays until they are back: whatever root inside calls them by
 * then, they are known by their index. */
#include "ops.h"

#include <linux/magic.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
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
  char attrs[128];
};

static void put(struct link_message *q, unsigned short type, const void *data, size_t length) {
  struct rtattr *attr = (void *)((char *)q + NLMSG_ALIGN(q->head.nlmsg_len));
  attr->rta_type = type, attr->rta_len = (unsigned short)RTA_LENGTH(length);
  memcpy(RTA_DATA(attr), data, length);
  q->head.nlmsg_len = NLMSG_ALIGN(q->head.nlmsg_len) + RTA_ALIGN(attr->rta_len);
}

/* By its index, or by its name where that is 0. Errno of the kernel's answer. */
static int move_link(int fd, int to, unsigned index, const char *name, unsigned to_index) {
  struct link_message q = {.head = {.nlmsg_len = NLMSG_LENGTH(sizeof q.link), .nlmsg_type = RTM_NEWLINK, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
                      .link = {.ifi_family = AF_UNSPEC, .ifi_index = (int)index}};
  struct {
    struct nlmsghdr head;
    struct nlmsgerr error;
    char more[512];
  } answer;
  put(&q, IFLA_IFNAME, name, strlen(name) + 1);
  put(&q, IFLA_NET_NS_FD, &to, sizeof to);
  if (to_index) put(&q, IFLA_NEW_IFINDEX, &to_index, sizeof to_index);
  if (send(fd, &q, q.head.nlmsg_len, 0) < 0) return errno;
  ssize_t n = recv(fd, &answer, sizeof answer, 0);
  if (n < (ssize_t)(sizeof answer.head + sizeof answer.error) || answer.head.nlmsg_type != NLMSG_ERROR) return n < 0 ? errno : EPROTO;
  return -answer.error.error;
}

static int speak(void) { return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE); }

/* A link of the node, by its name, into the namespace that was pinned; there it has this index. */
int do_lend_link(struct run *r, const struct value *a) {
  if (strlen(a[1].text) >= IFNAMSIZ) return refuse(r, ENODEV, "RTM_NEWLINK", a[1].text);
  AUTO_FD to = open(a[0].text, O_RDONLY | O_CLOEXEC);
  if (to < 0) return no(r, "open", a[0].text);
  AUTO_FD fd = speak();
  if (fd < 0) return no(r, "socket", a[1].text);
  int error = move_link(fd, to, 0, a[1].text, (unsigned)a[2].n);
  return error == 0 ? 0 : refuse(r, error, "RTM_NEWLINK", a[1].text);
}

/* A socket in another network namespace. Nothing goes on in the wrong one. */
static int speak_in(int ns, int own) {
  if (setns(ns, CLONE_NEWNET) < 0) return -1;
  int fd = speak();
  if (setns(own, CLONE_NEWNET) < 0) _exit(113);
  return fd;
}

/* And back, by the index that it has there; with its old one where nobody has that by now. Neither a namespace nor a link that is gone is an error. */
int do_return_link(struct run *r, const struct value *a) {
  if (strlen(a[2].text) >= IFNAMSIZ) return refuse(r, ENODEV, "RTM_NEWLINK", a[2].text);
  AUTO_FD from = open(a[0].text, O_RDONLY | O_CLOEXEC);
  if (from < 0) return gone_or(r, -1, "open", a[0].text);
  AUTO_FD own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  if (own < 0) return no(r, "open", "/proc/self/ns/net");
  AUTO_FD fd = speak_in(from, own);
  if (fd < 0) return errno == EINVAL ? 0 : no(r, "setns", a[0].text);
  int error = move_link(fd, own, (unsigned)a[1].n, a[2].text, (unsigned)a[3].n);
  if (error == EBUSY || error == EEXIST) error = move_link(fd, own, (unsigned)a[1].n, a[2].text, 0);
  /* the node has another one of that name by now */
  if (error == EEXIST) error = move_link(fd, own, (unsigned)a[1].n, "dev%d", 0);
  return error == 0 || error == ENODEV ? 0 : refuse(r, error, "RTM_NEWLINK", a[2].text);
}
