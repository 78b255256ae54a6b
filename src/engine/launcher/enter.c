/* A program in a running container. Three processes, so that ours never lies inside:
 *   P  asks, waits, relays the terminal; stays in the node's namespaces and cgroups
 *   J  joins: cgroups, then all namespaces in one setns; opens the terminal there; its descriptors are P's (CLONE_FILES)
 *   C  the program: born by J with CLONE_PARENT, so that it is P's child and P learns how it ends
 * All are non-dumpable until C executes: what they know of the node cannot be read by the container's processes. */
#include "protocol.h"

#include <grp.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <termios.h>

#define DEVPTS_MAGIC 0x1cd1
#define ROOM 16384

struct visit {
  pid_t pid;
  uint64_t started;
  bool pty;
  struct bytes typed;
  struct ops ops;
  uint32_t outside; /* leading operations that are done before joining */
  int pidfd;
};

/* Never stopped from a terminal (SIGT…): as long as a zombie of ours lies in the container's pid namespace, its init cannot end. */
static const int SIGNALS[] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU, 0};
static struct termios before;
static bool raw;

/* --- the plan */
static bool get_visit(struct reader *in, struct visit *v, struct failure *why) {
  *v = (struct visit){.pidfd = -1};
  memset(why, 0, sizeof *why);
  v->pid = (pid_t)get_u32(in);
  v->started = get_u64(in);
  v->pty = get_u8(in);
  v->typed = get_bytes(in, ROOM);
  bool good = get_ops(in, &v->ops, ENTER, "enter", why);
  while (good && v->outside < v->ops.count && v->ops.list[v->outside].def->places & NODE) v->outside++;
  for (uint32_t i = v->outside; good && i < v->ops.count; i++) good = !(v->ops.list[i].def->places & NODE);
  if (good && in->at == in->end && ends_in_exec(&v->ops)) return true;
  if (!why->error) *why = (struct failure){.stage = "enter", .op = "plan", .call = "parse", .error = EPROTO};
  return false;
}

noreturn void enter_check_job(struct job *job) {
  static struct visit v;
  struct failure why;
  after_parse(job, get_visit(&job->in, &v, &why), &why);
  _exit(0);
}

static bool read_all(int fd, uint8_t *data, size_t length) {
  for (ssize_t n; length > 0; data += n, length -= (size_t)n)
    if ((n = read(fd, data, length)) <= 0) return false;
  return true;
}

/* One frame from a socket or a file; NULL when it is none. */
static uint8_t *read_frame(int fd, uint32_t *length) {
  struct head head;
  if (!read_all(fd, (uint8_t *)&head, sizeof head) || head.length > MAX_FRAME) return NULL;
  uint8_t *payload = malloc(head.length + 1u);
  *length = head.length;
  return payload && read_all(fd, payload, head.length) ? payload : NULL;
}

/* A plan left in a file: ours, nobody else's, and gone once it is opened. */
static int open_plan(const char *path) {
  struct stat st;
  AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (fd < 0 || fstat(fd, &st) < 0) return -1;
  if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 022) return errno = EPERM, -1;
  unlink(path);
  return take_fd(&fd);
}

/* --- answers */
static int tell_failed(int report, const struct failure *why) {
  struct buffer payload = {0};
  put_failure(&payload, why);
  if (report >= 0) send_frame(report, 0, REP_FAILED, &payload);
  else dprintf(2, "Entering failed at %s operation %u (%s): %s %s: %s\n", why->stage, why->index, why->op, why->call, why->path, strerror(why->error));
  return 125;
}

static int tell_end(int report, int status) {
  struct buffer payload = {0};
  bool signalled = WIFSIGNALED(status);
  uint32_t value = (uint32_t)(signalled ? WTERMSIG(status) : WEXITSTATUS(status));
  put_u8(&payload, signalled);
  put_u32(&payload, value);
  if (report >= 0) send_frame(report, 0, REP_DONE, &payload);
  return signalled ? 128 + (int)value : (int)value;
}

/* --- J and C */
static int run_range(struct run *r, const struct visit *v, uint32_t from, uint32_t to) {
  struct ops part = {.count = to - from, .list = v->ops.list + from};
  int result = run_ops(r, &part, "enter");
  r->why.index += from;
  return result;
}

static void copy_size(int terminal) {
  struct winsize size;
  if (ioctl(0, TIOCGWINSZ, &size) == 0) ioctl(terminal, TIOCSWINSZ, &size);
}

/* The multiplexer (5:2) of a devpts and nothing else: the path is the container's. */
static int open_ptmx(int root, uint64_t flags) {
  struct stat st;
  struct statfs fs;
  TRY_FD(fd, open_below(root, "/dev/pts/ptmx", flags, RESOLVE_NO_SYMLINKS));
  if (fstat(fd, &st) < 0 || fstatfs(fd, &fs) < 0) return -1;
  if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(5, 2) || fs.f_type != DEVPTS_MAGIC) return errno = ENOTTY, -1;
  return take_fd(&fd);
}

/* A terminal of the container's own devpts, with modes and size of ours. The slave comes from the master, by no path. */
static int open_pty(int root, int *slave, struct failure *why) {
  struct termios modes;
  AUTO_FD look = open_ptmx(root, O_PATH); /* before anything there is really opened */
  AUTO_FD master = look < 0 ? -1 : open_ptmx(root, O_RDWR | O_NOCTTY | O_NONBLOCK);
  if (master < 0) return failed(why, "openat2", "/dev/pts/ptmx");
  if (ioctl(master, TIOCSPTLCK, &(int){0}) < 0) return failed(why, "ioctl TIOCSPTLCK", "/dev/pts/ptmx");
  *slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (*slave < 0) return failed(why, "ioctl TIOCGPTPEER", "/dev/pts/ptmx");
  if (tcgetattr(0, &modes) == 0) tcsetattr(*slave, TCSANOW, &modes);
  copy_size(*slave);
  return take_fd(&master);
}

static int take_terminal(int slave, struct failure *why) {
  if (slave < 0) return 0;
  if (ioctl(slave, TIOCSCTTY, 0) < 0) return failed(why, "ioctl TIOCSCTTY", "");
  for (int i = 0; i < 3; i++)
    if (dup2(slave, i) < 0) return failed(why, "dup2", "");
  return 0;
}

/* C: without a terminal of its own it has none at all, so that it cannot push keys into the node's (TIOCSTI). */
static noreturn void program(struct visit *v, struct run *r, int slave) {
  r->why = (struct failure){.stage = "enter", .op = "arrive"};
  setsid();
  int bad = take_terminal(slave, &r->why);
  if (!bad && syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS) bad = failed(&r->why, "keyctl", "");
  if (!bad) run_range(r, v, v->outside, v->ops.count);
  give_up(r->words, &r->why);
}

static int go_inside(struct visit *v, struct run *r) {
  r->why = (struct failure){.stage = "enter", .op = "join"};
  if (setns(v->pidfd, NAMESPACES) < 0) return failed(&r->why, "setns", "");
  if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0) return failed(&r->why, "setresuid", "");
  r->rooted = true;
  r->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  return r->root < 0 ? failed(&r->why, "open", "/") : 0;
}

static noreturn void joiner(struct visit *v, struct words *words, pid_t parent) {
  struct run r;
  int slave = -1;
  struct clone_args args = {.flags = CLONE_PARENT};
  run_init(&r);
  r.words = words;
  if (!die_with(parent)) _exit(112);
  if (run_range(&r, v, 0, v->outside) < 0 || go_inside(v, &r) < 0) give_up(words, &r.why);
  r.why.op = "pty";
  if (v->pty && (words->master = open_pty(r.root, &slave, &r.why)) < 0) give_up(words, &r.why);
  pid_t child = (pid_t)syscall(SYS_clone3, &args, sizeof args);
  if (child == 0) program(v, &r, slave);
  if (child < 0) failed(&r.why, "clone3", ""), give_up(words, &r.why);
  words->child = child;
  close_fd(&slave); /* P's table, too: the terminal hangs up when the last process inside closes it */
  close_fd(&r.root);
  _exit(0);
}

/* Until C has executed: 0, or -1 with why and nothing left. */
static int join(struct visit *v, struct words *words, struct failure *why) {
  int pipe[2];
  pid_t self = getpid();
  struct clone_args args = {.flags = CLONE_FILES, .exit_signal = SIGCHLD};
  *why = (struct failure){.stage = "enter", .op = "join"};
  if (pipe2(pipe, O_CLOEXEC) < 0) return failed(why, "pipe2", "");
  pid_t joining = (pid_t)syscall(SYS_clone3, &args, sizeof args);
  if (joining < 0) return failed(why, "clone3", "");
  if (joining == 0) joiner(v, words, self);
  waitpid(joining, NULL, 0);
  close(pipe[1]);
  (void)!read(pipe[0], &(char){0}, 1); /* its end */
  close(pipe[0]);
  int result = judge(words, why);
  if (result < 0 && words->child > 0) waitpid(words->child, NULL, 0);
  return result;
}

/* --- P: the terminal */
static void restore(void) {
  if (raw) tcsetattr(0, TCSANOW, &before);
  raw = false;
}

static void restore_and_die(int number) { restore(), signal(number, SIG_DFL), raise(number); }

static void set_raw(void) {
  struct termios modes;
  if (!raw && tcgetattr(0, &before) < 0) return;
  raw = true;
  modes = before;
  cfmakeraw(&modes);
  tcsetattr(0, TCSANOW, &modes);
}

struct relay {
  int in, out, master, signals; /* in, master: -1 when they have ended */
  pid_t child;
  int status, late;
  bool ended;
  uint32_t typed, shown, shown_at; /* bytes that wait for the master; that wait for the screen, and from where on */
  uint8_t to_master[ROOM + 1], to_screen[ROOM];
};

/* A description of our own may be non-blocking; the one we were given belongs to the shell that waits for us, too. */
static int own_output(void) {
  int fd = !isatty(1) ? -1 : open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  return fd < 0 ? fcntl(1, F_DUPFD_CLOEXEC, 3) : fd;
}

static void from_keys(struct relay *l) {
  ssize_t n = read(l->in, l->to_master + l->typed, ROOM - l->typed);
  if (n > 0) l->typed += (uint32_t)n;
  if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR))) return;
  if (isatty(l->in)) kill(l->child, SIGHUP); /* our own terminal is gone */
  else l->to_master[l->typed++] = 4;         /* end of a file: what Ctrl-D says */
  l->in = -1;
}

static void to_master(struct relay *l) {
  ssize_t n = write(l->master, l->to_master, l->typed);
  if (n > 0) memmove(l->to_master, l->to_master + n, l->typed -= (uint32_t)n);
}

static void from_master(struct relay *l) {
  ssize_t n = read(l->master, l->to_screen, sizeof l->to_screen);
  if (n > 0) {
    l->shown = (uint32_t)n;
    l->shown_at = 0;
  } else if (n == 0 || l->ended || (errno != EAGAIN && errno != EINTR)) l->master = -1; /* nothing is left, or nobody to write it */
  /* What a terminal can hold is shown after the end, not what others go on writing. */
  if (l->ended && ++l->late > 16) l->master = -1;
}

static void to_screen(struct relay *l) {
  ssize_t n = write(l->out, l->to_screen + l->shown_at, l->shown - l->shown_at);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n < 0) l->shown_at = l->shown; /* nobody looks any more */
  else l->shown_at += (uint32_t)n;
}

static void on_signals(struct relay *l, bool pty) {
  struct signalfd_siginfo info;
  while (read(l->signals, &info, sizeof info) == sizeof info) {
    int number = (int)info.ssi_signo;
    if (number == SIGCHLD) l->ended |= waitpid(l->child, &l->status, WNOHANG) == l->child;
    else if (number == SIGWINCH || number == SIGCONT) {
      if (pty && number == SIGCONT) set_raw();
      if (pty && l->master >= 0) copy_size(l->master);
    } else if (!l->ended && number != SIGTSTP && number != SIGTTIN && number != SIGTTOU) kill(l->child, pty ? SIGHUP : number);
  }
}

/* Until the program has ended and what it printed has been shown. */
static void relay(struct relay *l) {
  while (!l->ended || l->master >= 0 || l->shown_at < l->shown) {
    bool full = l->shown_at < l->shown;
    struct pollfd fds[] = {
      {.fd = l->signals, .events = POLLIN},
      {.fd = l->typed < ROOM ? l->in : -1, .events = POLLIN},
      {.fd = full && !l->typed ? -1 : l->master, .events = (short)((full ? 0 : POLLIN) | (l->typed ? POLLOUT : 0))},
      {.fd = full ? l->out : -1, .events = POLLOUT},
    };
    poll(fds, 4, l->ended && !full ? 0 : -1);
    if (fds[0].revents) on_signals(l, true);
    if (fds[1].revents) from_keys(l);
    if (l->master >= 0 && l->typed) to_master(l);
    if (l->master >= 0 && !full && (fds[2].revents & (POLLIN | POLLHUP | POLLERR) || l->ended)) from_master(l);
    if (fds[3].revents) to_screen(l);
  }
}

static int relay_terminal(const struct visit *v, const struct words *words, int signals) {
  static struct relay l;
  static const int faults[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, 0};
  l = (struct relay){.in = 0, .out = own_output(), .master = words->master, .signals = signals, .child = words->child};
  memcpy(l.to_master, v->typed.at, v->typed.length);
  l.typed = v->typed.length;
  for (const int *fault = faults; *fault; fault++) signal(*fault, restore_and_die);
  set_raw();
  relay(&l);
  restore();
  return l.status;
}

/* The program has our descriptors; we keep none of them open, so that a reader sees the end when it ends. */
static int wait_program(const struct words *words, int signals) {
  struct relay l = {.in = -1, .master = -1, .signals = signals, .child = words->child};
  null_stdio();
  for (; !l.ended; on_signals(&l, false)) poll(&(struct pollfd){.fd = signals, .events = POLLIN}, 1, -1);
  return l.status;
}

int enter(const char *plan_file) {
  static struct visit v;
  struct failure why = {.stage = "enter", .op = "plan"};
  struct words *words = new_words();
  uint32_t length = 0;
  int report = plan_file ? -1 : 3;
  prctl(PR_SET_DUMPABLE, 0);
  AUTO_FD source = plan_file ? open_plan(plan_file) : fcntl(3, F_DUPFD_CLOEXEC, 3);
  if (source < 0) return failed(&why, "open", plan_file ? plan_file : ""), tell_failed(report, &why);
  if (report >= 0) fcntl(report, F_SETFD, FD_CLOEXEC);
  uint8_t *plan = read_frame(source, &length);
  if (!plan) return errno = EPROTO, failed(&why, "read", ""), tell_failed(report, &why);
  struct reader in = {.at = plan, .end = plan + length};
  if (!get_visit(&in, &v, &why)) return tell_failed(report, &why);
  int kept[] = {source, report};
  close_all_but(kept, 2);
  int signals = watch_signals(SIGNALS);
  v.pidfd = open_process(v.pid, v.started);
  why = (struct failure){.stage = "enter", .op = "join"};
  if (v.pidfd < 0) return failed(&why, "pidfd_open", ""), tell_failed(report, &why);
  if (join(&v, words, &why) < 0) return tell_failed(report, &why);
  if (report >= 0) send_frame(report, 0, REP_DONE, &(struct buffer){0});
  close_fd(&v.pidfd);
  return tell_end(report, v.pty ? relay_terminal(&v, words, signals) : wait_program(words, signals));
}
