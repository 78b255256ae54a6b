// Tells when things happen by the one clock that all processes share (CLOCK_MONOTONIC), with no runtime of its own that would blur it.
//   as init (its name is init):  writes the time to /started; then ends if it was given an argument, else waits to be told to
//   clock exec FILE GROUP PROGRAM …  pays the wait of the first attach to a v1 hierarchy by writing itself to GROUP (a cgroup.procs; "-": does not),
//                                writes the time to FILE and becomes PROGRAM
//   clock time PROGRAM …         runs PROGRAM; writes to descriptor 3: wall ns, user µs, system µs, exit status (128 + signal)
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void note(const char *file, long long time) {
  int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0 || dprintf(fd, "%lld\n", time) < 0 || close(fd) < 0) {
    perror(file);
    exit(125);
  }
}

/** What asks an init to end: halt, power failure, Ctrl-Alt-Del, systemd's halt. */
static int wait_for_end(void) {
  sigset_t ends;
  sigemptyset(&ends);
  const int asked[] = {SIGTERM, SIGINT, SIGPWR, SIGUSR1, SIGUSR2, SIGRTMIN + 3, SIGRTMIN + 4};
  for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) sigaddset(&ends, asked[i]);
  signal(SIGCHLD, SIG_IGN);
  sigprocmask(SIG_BLOCK, &ends, NULL);
  while (sigwaitinfo(&ends, NULL) < 0 && errno == EINTR) {
  }
  return 0;
}

static int timed(char **command) {
  struct rusage use;
  int status;
  fcntl(3, F_SETFD, FD_CLOEXEC);
  long long begin = now();
  pid_t pid = vfork();
  if (pid == 0) {
    execvp(command[0], command);
    _exit(127);
  }
  if (pid < 0 || wait4(pid, &status, 0, &use) < 0) return 125;
  long long wall = now() - begin;
  long user = use.ru_utime.tv_sec * 1000000L + use.ru_utime.tv_usec;
  long system = use.ru_stime.tv_sec * 1000000L + use.ru_stime.tv_usec;
  dprintf(3, "%lld %ld %ld %d\n", wall, user, system, WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
  return 0;
}

/** An attach that follows soon upon another one does not wait for an RCU grace period. */
static void attach(const char *group) {
  int fd = strcmp(group, "-") == 0 ? -1 : open(group, O_WRONLY | O_CLOEXEC);
  if (fd >= 0 && write(fd, "0", 1) != 1) perror(group);
  if (fd >= 0) close(fd);
}

int main(int argc, char **argv) {
  long long begin = now();
  const char *name = strrchr(argv[0], '/');
  if (strcmp(name ? name + 1 : argv[0], "init") == 0) {
    note("/started", begin);
    return argc > 1 ? 0 : wait_for_end();
  }
  if (argc > 2 && strcmp(argv[1], "time") == 0) return timed(argv + 2);
  if (argc > 4 && strcmp(argv[1], "exec") == 0) {
    attach(argv[3]);
    note(argv[2], now());
    execvp(argv[4], argv + 4);
    perror(argv[4]);
  }
  return 127;
}
