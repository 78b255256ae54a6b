/* Programs of the node that are part of a plan, as those that set up a network: in the node's network namespace or in a container's, the newborn's
 * among them. What they do is written on their standard input; what they say goes into the failure. */
#include "ops.h"

#include <sched.h>
#include <sys/mman.h>

enum { JOIN = 1, FORGIVEN = 2, BESIDE = 4 };

/* Descriptor 3 of the program: the namespace that it may name by a path. */
#define NS_FD 3
#define FREE_FD 16 /* where descriptors wait until 0 to 3 are theirs */

static noreturn void become_program(char **argv, const int *fds, bool join) {
  extern char **environ;
  static char *env[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "HOME=/", NULL};
  static const int TO[] = {0, 1, 2, NS_FD};
  int high[4];
  reset_signals();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (join && setns(fds[3], CLONE_NEWNET) < 0) _exit(126);
  for (int i = 0; i < 4; i++) high[i] = fds[i] < 0 ? -1 : fcntl(fds[i], F_DUPFD_CLOEXEC, FREE_FD);
  for (int i = 0; i < 4; i++) high[i] < 0 ? close(TO[i]) : dup2(high[i], TO[i]);
  environ = env;
  execvp(argv[0], argv);
  _exit(errno == ENOENT ? 127 : 126);
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

/* The one that was left running: nothing goes on before it has done what it was to do. */
static int end_beside(struct run *r) {
  if (r->beside.pid == 0) return 0;
  AUTO_FD said = r->beside.said;
  pid_t pid = r->beside.pid;
  r->beside.pid = 0;
  return wait_program(r, pid, said, r->beside.name, r->beside.forgiven);
}

int do_run(struct run *r, const struct value *a) {
  const char *pinned = a[2].text;
  uint64_t flags = a[3].n;
  char **argv = a[4].list;
  bool named = a[0].n != 0 || flags & JOIN || r->child > 0, forgiven = flags & FORGIVEN;
  if (!argv[0]) return refuse(r, EINVAL, "execve", "");
  if (end_beside(r) < 0) return -1;
  AUTO_FD ns = *pinned ? on_node(r, pinned, O_RDONLY) : named ? open_net(r, (pid_t)a[0].n, a[1].n) : -1;
  if (ns < 0 && (named || *pinned)) return forgiven ? 0 : -1;
  AUTO_FD in = input_file(a[5].bytes);
  AUTO_FD said = memfd_create("said", MFD_CLOEXEC);
  if (in < 0 || said < 0) return no(r, "memfd_create", argv[0]);
  pid_t pid = fork();
  if (pid == 0) become_program(argv, (int[]){in, said, said, ns}, flags & JOIN);
  if (pid < 0) return no(r, "fork", argv[0]);
  if (!(flags & BESIDE)) return wait_program(r, pid, said, argv[0], forgiven);
  r->beside.pid = pid, r->beside.said = said, r->beside.name = argv[0], r->beside.forgiven = forgiven;
  said = -1;
  return 0;
}
