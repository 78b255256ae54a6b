/* Trouble of every kind, made inside a container: provoke KIND [N]. Goes on until it is killed; what is refused is tried again. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void name(const char *text) { prctl(PR_SET_NAME, text, 0, 0, 0); }
static void rest(long ms) { usleep(ms * 1000); }

/* children that wait for ever; N more than may be is N refusals, then one every 10 ms */
static void forks(long n) {
  for (;; n--) {
    pid_t child = fork();
    if (child == 0) { name("worker"); for (;;) pause(); }
    if (child < 0 && n <= 0) rest(10);
  }
}

static void leak(long mib) {
  for (;;) {
    char *more = mmap(NULL, (size_t)mib << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (more != MAP_FAILED) memset(more, 1, (size_t)mib << 20);
    rest(100);
  }
}

static void again(void) {
  for (;;) {
    pid_t child = fork();
    if (child == 0) { name("glutton"); for (;;) memset(mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 1, 1 << 20); }
    if (child > 0) waitpid(child, NULL, 0);
    rest(50);
  }
}

/* connections that the other end closes and we do not */
static void sockets(long n) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(4711), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int listens = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  setsockopt(listens, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listens, (struct sockaddr *)&at, sizeof at) != 0 || listen(listens, 128) != 0) { perror("listen"); exit(1); }
  for (; n > 0; n--) {
    int client = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(client, (struct sockaddr *)&at, sizeof at) != 0 || accept(listens, NULL, NULL) < 0) { perror("connect"); exit(1); }
    close(client);
  }
  puts("ready");
  fflush(stdout);
  for (;;) pause();
}

static void opens(const char *path, int flags) {
  for (;;) if (open(path, flags) < 0) rest(20);
}

/* as fast as the disk takes it, and no faster */
static void writes(const char *path) {
  static char block[1 << 20];
  memset(block, 'x', sizeof block);
  int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_DSYNC, 0600);
  for (long at = 0; fd >= 0; at = (at + 1) % 64) if (pwrite(fd, block, sizeof block, at << 20) < 0) rest(10);
  perror(path);
}

static void fills(const char *path) {
  static char block[1 << 16];
  memset(block, 'x', sizeof block);
  int fd = open(path, O_CREAT | O_WRONLY | O_APPEND, 0600);
  if (fd < 0) perror(path);
  for (;;) if (write(fd, block, sizeof block) <= 0) { rest(20); }
}

/* segments of N KiB, one after another */
static void segments(long kib) {
  for (;;) {
    int id = shmget(IPC_PRIVATE, (size_t)kib << 10, 0600);
    if (id >= 0) memset(shmat(id, NULL, 0), 1, (size_t)kib << 10);
    else rest(20);
  }
}

/* N KiB at a time, until it may lock no more */
static void locks(long kib) {
  for (;;) {
    void *more = mmap(NULL, (size_t)kib << 10, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (more == MAP_FAILED || mlock(more, (size_t)kib << 10) != 0) for (;;) pause();
  }
}

static void crowd(long n) {
  for (; n > 0; n--) if (fork() == 0) for (;;) pause();
  for (;;) pause();
}

/* as many as it may have */
static void descriptors(long n) {
  struct rlimit most;
  getrlimit(RLIMIT_NOFILE, &most);
  most.rlim_cur = most.rlim_max;
  setrlimit(RLIMIT_NOFILE, &most);
  int fd = open("/dev/null", O_RDONLY);
  for (; n > 0 && dup(fd) >= 0; n--) { }
  for (;;) pause();
}

static void zombies(long n) {
  for (; n > 0; n--) if (fork() == 0) _exit(0);
  for (;;) pause();
}

int main(int argc, char **argv) {
  const char *kind = argc > 1 ? argv[1] : "";
  const char *word = argc > 2 ? argv[2] : "";
  long n = atol(word);
  signal(SIGPIPE, SIG_IGN);
  name(kind);
  if (!strcmp(kind, "forks")) forks(n);
  else if (!strcmp(kind, "leak")) leak(n);
  else if (!strcmp(kind, "oom")) again();
  else if (!strcmp(kind, "sockets")) sockets(n);
  else if (!strcmp(kind, "ptys")) opens("/dev/ptmx", O_RDWR | O_NOCTTY);
  else if (!strcmp(kind, "files")) opens("/dev/null", O_RDONLY);
  else if (!strcmp(kind, "spin")) for (;;) ;
  else if (!strcmp(kind, "writes")) writes(word);
  else if (!strcmp(kind, "fills")) fills(word);
  else if (!strcmp(kind, "segments")) segments(n);
  else if (!strcmp(kind, "locks")) locks(n);
  else if (!strcmp(kind, "zombies")) zombies(n);
  else if (!strcmp(kind, "named")) { name(word); for (;;) pause(); }
  else if (!strcmp(kind, "crowd")) crowd(n);
  else if (!strcmp(kind, "descriptors")) descriptors(n);
  return 1;
}
