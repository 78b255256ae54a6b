/* The same work wherever it runs: work DIR does each kind once, with files in DIR, where it lies itself as `work`, and prints for each "name nanoseconds", which is the CPU time of
 * itself and of the children that it waited for. work DIR filtered: behind a seccomp filter that allows everything. work without a directory does nothing: it is what fork and exec begin. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Relative to DIR, so that no path is longer on one side. */
static const char self[] = "./work";

static double spent(int who) {
  struct rusage use;
  getrusage(who, &use);
  return (use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1e9 + (use.ru_utime.tv_usec + use.ru_stime.tv_usec) * 1e3;
}

static double now(void) { return spent(RUSAGE_SELF) + spent(RUSAGE_CHILDREN); }

static void cpu(void) {
  static uint32_t table[1 << 16];
  uint32_t x = 1;
  for (int i = 0; i < 12000000; i++) {
    x = x * 1664525 + 1013904223;
    table[x >> 16] += x;
  }
  if (table[7] == 7) puts("");
}

/* Nothing is cheaper, so that whatever stands before each call weighs most. */
static void cheapest(void) {
  for (int i = 0; i < 200000; i++) syscall(SYS_getppid);
}

/* What programs mostly ask for. */
static void calls(void) {
  char text[256];
  struct stat about;
  for (int i = 0; i < 12000; i++) {
    int fd = open("/proc/self/comm", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &about) < 0 || read(fd, text, sizeof text) <= 0 || stat(self, &about) < 0) err(1, "calls");
    close(fd);
  }
}

static void files(void) {
  static char block[1 << 14], path[32];
  snprintf(path, sizeof path, "work-%d", getpid());
  for (int round = 0; round < 8; round++) {
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0) err(1, "%s", path);
    for (int i = 0; i < 256; i++)
      if (write(fd, block, sizeof block) != sizeof block) err(1, "write");
    lseek(fd, 0, SEEK_SET);
    while (read(fd, block, sizeof block) > 0);
    close(fd);
    if (unlink(path) < 0) err(1, "unlink");
  }
}

/* A byte there and back. */
static void ping(int ask, int asked, int answer, int answered, int times) {
  char c = 0;
  pid_t child = fork();
  if (child == 0) {
    for (int i = 0; i < times; i++)
      if (read(asked, &c, 1) != 1 || write(answer, &c, 1) != 1) _exit(1);
    _exit(0);
  }
  for (int i = 0; i < times; i++)
    if (write(ask, &c, 1) != 1 || read(answered, &c, 1) != 1) err(1, "ping");
  int status;
  if (waitpid(child, &status, 0) < 0 || status != 0) errx(1, "ping: the other side has failed");
}

static void pipes(void) {
  int there[2], back[2];
  if (pipe(there) < 0 || pipe(back) < 0) err(1, "pipe");
  ping(there[1], there[0], back[1], back[0], 6000);
  for (int i = 0; i < 2; i++) close(there[i]), close(back[i]);
}

static void tcp(void) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof at;
  int yes = 1, door = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(door, (void *)&at, length) < 0 || listen(door, 1) < 0 || getsockname(door, (void *)&at, &length) < 0) err(1, "listen");
  if (connect(client, (void *)&at, length) < 0) err(1, "connect");
  int server = accept(door, NULL, NULL);
  setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  ping(client, server, server, client, 3000);
  close(server), close(client), close(door);
}

static void processes(void) {
  for (int i = 0; i < 100; i++) {
    pid_t child = fork();
    if (child == 0) {
      execl(self, self, (char *)NULL);
      _exit(1);
    }
    int status;
    if (waitpid(child, &status, 0) < 0 || status != 0) errx(1, "%s: does not begin", self);
  }
}

static const struct {
  const char *name;
  void (*once)(void);
} kinds[] = {{"cpu", cpu}, {"calls", calls}, {"cheapest", cheapest}, {"files", files}, {"pipes", pipes}, {"tcp", tcp}, {"processes", processes}};

/* What stands before each system call wherever there is any filter. */
static void behind_a_filter(void) {
  struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  struct sock_fprog filter = {.len = 1, .filter = &allow};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) < 0) err(1, "seccomp");
}

int main(int argc, char **argv) {
  if (argc < 2) return 0;
  if (argc > 2 && !strcmp(argv[2], "filtered")) behind_a_filter();
  if (chdir(argv[1]) < 0) err(1, "%s", argv[1]);
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    double from = now();
    kinds[i].once();
    printf("%s %.0f\n", kinds[i].name, now() - from);
  }
}
