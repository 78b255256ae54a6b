/* Programs of the node that are part of a plan, as those that set up a network. What they do is written on their standard input; what they say goes
 * into the failure. */
#include "ops.h"

#include <sys/mman.h>

enum { FORGIVEN = 1 };

#define FREE_FD 16 /* where descriptors wait until 0 to 2 are theirs */

static noreturn void become_program(char **argv, int in, int said) {
  extern char **environ;
  static char *env[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "HOME=/", NULL};
  reset_signals();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  in = fcntl(in, F_DUPFD_CLOEXEC, FREE_FD), said = fcntl(said, F_DUPFD_CLOEXEC, FREE_FD);
  dup2(in, 0), dup2(said, 1), dup2(said, 2);
  environ = env;
  execvp(argv[0], argv);
  _exit(errno == ENOENT ? 127 : 126);
}

static int input_file(struct bytes data) {
  int fd = memfd_create("input", MFD_CLOEXEC);
  for (size_t at = 0; fd >= 0 && at < data.length;) {
    ssize_t n = write(fd, data.at + at, data.length - at);
    if (n < 0) return close(fd), -1;
    at += (size_t)n;
  }
  if (fd >= 0) lseek(fd, 0, SEEK_SET);
  return fd;
}

/* The first of what it said, on one line. */
static const char *said_by(int fd) {
  static char text[1024];
  ssize_t n = pread(fd, text, sizeof text - 1, 0);
  text[n < 0 ? 0 : n] = 0;
  for (char *c = text; *c; c++)
    if (*c == '\n') *c = c[1] ? ' ' : 0;
  return text;
}

static int wait_program(struct run *r, pid_t pid, int said, const char *name, bool forgiven) {
  int status;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return no(r, "waitpid", name);
  if (status == 0 || forgiven) return 0;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) return refuse(r, ENOENT, "execve", name);
  return refuse(r, EREMOTEIO, name, said_by(said));
}

int do_run(struct run *r, const struct value *a) {
  char **argv = a[1].list;
  if (!argv[0]) return refuse(r, EINVAL, "execve", "");
  AUTO_FD in = input_file(a[2].bytes);
  AUTO_FD said = memfd_create("said", MFD_CLOEXEC);
  if (in < 0 || said < 0) return no(r, "memfd_create", argv[0]);
  pid_t pid = fork();
  if (pid == 0) become_program(argv, in, said);
  return pid < 0 ? no(r, "fork", argv[0]) : wait_program(r, pid, said, argv[0], a[0].n & FORGIVEN);
}
