/* What beancounters count, held inside a container: load KIND N tries it N times, keeps what it gets, says "PID HAD REFUSED ERRNO" and holds it all until
 * it is killed. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <linux/netfilter_arp.h>
#include <linux/netfilter_arp/arp_tables.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096

static int one_fork(int i) {
  pid_t child = fork();
  (void)i;
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) pause();
  }
  return child;
}

static void *pages(int n, int kind) {
  char *at = mmap(NULL, (size_t)n * PAGE, PROT_READ | PROT_WRITE, kind | MAP_ANONYMOUS, -1, 0);
  return at == MAP_FAILED ? NULL : at;
}

static int touched(char *at, int n) { return at ? (memset(at, 1, (size_t)n * PAGE), 0) : -1; }
static int one_mib(int i) { (void)i; return touched(pages(256, MAP_PRIVATE), 256); }
static int one_shared(int i) { (void)i; return touched(pages(16, MAP_SHARED), 16); }
static int one_locked(int i) { (void)i; char *at = pages(16, MAP_PRIVATE); return at ? mlock(at, 16 * PAGE) : -1; }

static int one_segment(int i) {
  (void)i;
  int id = shmget(IPC_PRIVATE, 16 * PAGE, 0600 | IPC_CREAT);
  if (id < 0) return -1;
  char *at = shmat(id, NULL, 0);
  shmctl(id, IPC_RMID, NULL); /* goes with us */
  return at == (void *)-1 ? -1 : touched(at, 16);
}

static int one_pty(int i) { (void)i; return open("/dev/ptmx", O_RDWR | O_NOCTTY); }
static int one_file(int i) { (void)i; return open("/dev/null", O_RDONLY); }
static int one_signal(int i) { return sigqueue(getpid(), SIGRTMIN + 5, (union sigval){.sival_int = i}); }

/* sent in any case, without what it says where there is no room to queue that */
static int one_kill(int i) { (void)i; return kill(getpid(), SIGRTMIN + 5); }

/* its signal is made with it */
static int one_timer(int i) { timer_t timer; (void)i; return timer_create(CLOCK_MONOTONIC, NULL, &timer); }

static int one_lock(int i) {
  char name[64];
  snprintf(name, sizeof name, "/tmp/lock.%d.%d", getpid(), i);
  int fd = open(name, O_RDWR | O_CREAT, 0600);
  unlink(name);
  return fd < 0 ? -1 : flock(fd, LOCK_EX | LOCK_NB);
}

static int one_inode(int i) {
  char name[64];
  snprintf(name, sizeof name, "/dev/shm/a-name-that-is-too-long-for-the-entry-itself.%d", i);
  int fd = open(name, O_RDWR | O_CREAT, 0600);
  return fd < 0 ? -1 : close(fd);
}

/* a network namespace with a process in it, every second one below a user namespace of its own */
static int one_network(int i) {
  int ready[2];
  char ok = 0;
  if (pipe(ready) < 0) return -1;
  pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (unshare(CLONE_NEWNET | (i % 2 ? CLONE_NEWUSER : 0)) == 0 && write(ready[1], "y", 1) == 1)
      for (;;) pause();
    _exit(1);
  }
  close(ready[1]);
  ssize_t n = child < 0 ? -1 : read(ready[0], &ok, 1);
  return close(ready[0]), n == 1 ? 0 : -1;
}

/* a network namespace that is mounted, and nobody is in */
static int one_mounted(int i) {
  char name[64];
  int status = 1;
  snprintf(name, sizeof name, "/tmp/network.%d", i);
  close(open(name, O_RDWR | O_CREAT, 0600));
  pid_t child = fork();
  if (child == 0) _exit(unshare(CLONE_NEWNET) < 0 || mount("/proc/self/ns/net", name, NULL, MS_BIND, NULL) < 0);
  return child < 0 || waitpid(child, &status, 0) < 0 || status != 0 ? -1 : 0;
}

/* the table of arptables with i + 1 rules; layout: linux/netfilter_arp/arp_tables.h */
static int one_arp(int i) {
  struct standard { struct arpt_entry entry; struct xt_standard_target target; };
  struct last { struct arpt_entry entry; struct xt_error_target target; };
  enum { HOOKS = 3 };
  struct arpt_getinfo is = {.name = "filter"};
  socklen_t length = sizeof is;
  int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
  if (fd < 0 || getsockopt(fd, IPPROTO_IP, ARPT_SO_GET_INFO, &is, &length) < 0) return -1;
  unsigned rules = (unsigned)i + 1, entries = rules + HOOKS + 1, size = (rules + HOOKS) * sizeof(struct standard) + sizeof(struct last);
  struct arpt_replace *all = calloc(1, sizeof *all + size);
  struct standard *at = (void *)all->entries;
  strcpy(all->name, "filter");
  all->valid_hooks = is.valid_hooks, all->num_entries = entries, all->size = size;
  all->num_counters = is.num_entries, all->counters = calloc(is.num_entries, sizeof *all->counters);
  for (unsigned n = 0; n < rules + HOOKS; n++, at++) {
    at->entry.target_offset = sizeof at->entry, at->entry.next_offset = sizeof *at;
    at->target.target.u.target_size = sizeof at->target, at->target.verdict = -NF_ACCEPT - 1;
  }
  struct last *end = (void *)at;
  end->entry.target_offset = sizeof end->entry, end->entry.next_offset = sizeof *end;
  end->target.target.u.target_size = sizeof end->target;
  strcpy(end->target.target.u.user.name, XT_ERROR_TARGET), strcpy(end->target.errorname, XT_ERROR_TARGET);
  /* rules are of the first chain */
  for (unsigned hook = 0; hook < HOOKS; hook++) {
    all->underflow[hook] = (rules + hook) * sizeof(struct standard);
    all->hook_entry[hook] = hook == 0 ? 0 : all->underflow[hook];
  }
  return setsockopt(fd, IPPROTO_IP, ARPT_SO_SET_REPLACE, all, (socklen_t)(sizeof *all + size));
}

/* KiB that a connection takes while nobody reads */
static long in_flight(void) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof to;
  int listener = socket(AF_INET, SOCK_STREAM, 0), from = socket(AF_INET, SOCK_STREAM, 0);
  long sent = 0;
  static char some[65536];
  if (bind(listener, (void *)&to, sizeof to) < 0 || listen(listener, 1) < 0 || getsockname(listener, (void *)&to, &size) < 0) return -1;
  if (connect(from, (void *)&to, sizeof to) < 0 || accept(listener, NULL, NULL) < 0) return -1;
  fcntl(from, F_SETFL, O_NONBLOCK);
  for (int still = 0; still < 20;) {
    ssize_t n = write(from, some, sizeof some);
    if (n > 0) sent += n, still = 0;
    else still++, usleep(5000);
  }
  return sent / 1024;
}

static const struct { const char *name; int (*one)(int); } KINDS[] = {
  {"fork", one_fork}, {"mib", one_mib}, {"shared", one_shared}, {"locked", one_locked}, {"segment", one_segment}, {"pty", one_pty},
  {"file", one_file}, {"signal", one_signal}, {"kill", one_kill}, {"timer", one_timer}, {"lock", one_lock}, {"inode", one_inode},
  {"network", one_network}, {"mounted", one_mounted}, {"arp", one_arp},
};

int main(int argc, char **argv) {
  const char *kind = argc > 2 ? argv[1] : "";
  long had = 0, refused = 0, n = argc > 2 ? atol(argv[2]) : 0;
  int why = 0;
  sigset_t set;
  sigemptyset(&set), sigaddset(&set, SIGRTMIN + 5), sigprocmask(SIG_BLOCK, &set, NULL);
  if (!strcmp(kind, "tcp")) had = in_flight();
  for (size_t k = 0; k < sizeof KINDS / sizeof *KINDS; k++)
    for (long i = 0; !strcmp(kind, KINDS[k].name) && i < n; i++)
      if (KINDS[k].one((int)i) < 0) refused++, why = errno;
      else had++;
  printf("%d %ld %ld %s\n", getpid(), had, refused, refused ? strerrorname_np(why) : "-");
  fflush(stdout);
  for (;;) pause();
}
