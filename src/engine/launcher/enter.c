/* A program in a running container. Three processes, so that ours never lies inside:
 *   P  asks, waits, relays terminals; stays in the node's namespaces and cgroups
 *   J  joins: cgroups, then all namespaces in one setns; opens the terminal there; its descriptors are P's (CLONE_FILES)
 *   C  the program: born by J with CLONE_PARENT, so that it is P's child and P learns how it ends
 * All are non-dumpable until C executes: what they know of the node cannot be read by the container's processes. */
#include "relay.h"

#include <grp.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <termios.h>

#define DEVPTS_MAGIC 0x1cd1

struct visit {
  pid_t pid;
  uint64_t started;
  const char *cgroup; /* v2 directory that J and C are born in, made if missing; "": ours */
  bool pty;
  struct winsize size; /* of a pane: the terminal that our descriptors are not; all zero: they are one, or none is meant */
  struct bytes typed;
  uint8_t failure;  /* as which every exit status but 0 is told, 0: as it is */
  bool always;      /* `then` tells of every end, otherwise of signals and of what kept us from executing */
  const char *title; /* as which ps shows us from then on, "": as we were called */
  char **then, **env; /* executed in our place at the end, with a last argument that says how it went; empty: nobody asks */
  struct ops ops;
  uint32_t outside; /* leading operations that are done before joining */
  int pidfd;
};

/* --- the plan */
static bool get_visit(struct reader *in, struct visit *v, struct failure *why) {
  *v = (struct visit){.pidfd = -1};
  memset(why, 0, sizeof *why);
  v->pid = (pid_t)get_u32(in), v->started = get_u64(in);
  v->cgroup = get_path(in, true), v->pty = get_u8(in);
  v->size.ws_row = get_u16(in), v->size.ws_col = get_u16(in);
  v->typed = get_bytes(in, RELAY_ROOM);
  v->failure = get_u8(in), v->always = get_u8(in);
  v->then = get_list(in), v->env = get_list(in);
  v->title = get_text(in, MAX_FRAME);
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
  if (!read_all(fd, (uint8_t *)&head, sizeof head) || head.kind != PROTOCOL || head.length > MAX_FRAME) return NULL;
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
/* The engine that waits hears of it; where none does, the one to come back takes our place with one more argument. */
static void tell(int report, const struct visit *v, const char *outcome) {
  size_t count = 0;
  struct buffer payload = {0};
  if (report >= 0) return put_raw(&payload, outcome, strlen(outcome)), (void)send_frame(report, 0, REP_DONE, &payload);
  while (v->then && v->then[count]) count++;
  char **argv = calloc(count + 2, sizeof *argv);
  if (count && argv) {
    memcpy(argv, v->then, count * sizeof *argv), argv[count] = (char *)(uintptr_t)outcome;
    reset_signals(), execve(argv[0], argv, v->env);
  }
  dprintf(2, "%s\n", outcome);
}

static int tell_failed(int report, const struct visit *v, const struct failure *why) {
  char text[sizeof *why + 256];
  snprintf(text, sizeof text, "failed\n%s\n%u\n%s\n%s\n%s\n%s", why->stage, why->index, why->op, why->call, why->path, error_name(why->error));
  return tell(report, v, text), 125;
}

static int tell_end(int report, const struct visit *v, int status) {
  char text[32];
  bool signalled = WIFSIGNALED(status);
  int value = signalled ? WTERMSIG(status) : WEXITSTATUS(status);
  snprintf(text, sizeof text, "%s\n%d", signalled ? "signal" : "exit", value);
  if (report >= 0 || v->always || signalled) tell(report, v, text);
  return signalled ? 128 + value : value && v->failure ? v->failure : value;
}

/* --- J and C */
static int run_range(struct run *r, const struct visit *v, uint32_t from, uint32_t to) {
  struct ops part = {.count = to - from, .list = v->ops.list + from};
  int result = run_ops(r, &part, "enter");
  r->why.index += from;
  return result;
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
static int open_pty(const struct visit *v, int root, int *slave, struct failure *why) {
  struct termios modes;
  AUTO_FD look = open_ptmx(root, O_PATH); /* before anything there is really opened */
  AUTO_FD master = look < 0 ? -1 : open_ptmx(root, O_RDWR | O_NOCTTY | O_NONBLOCK);
  if (master < 0) return failed(why, "openat2", "/dev/pts/ptmx");
  if (ioctl(master, TIOCSPTLCK, &(int){0}) < 0) return failed(why, "ioctl TIOCSPTLCK", "/dev/pts/ptmx");
  *slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (*slave < 0) return failed(why, "ioctl TIOCGPTPEER", "/dev/pts/ptmx");
  if (tcgetattr(0, &modes) == 0 || (tcgetattr(*slave, &modes) == 0 && (modes.c_iflag |= IUTF8))) tcsetattr(*slave, TCSANOW, &modes);
  set_size(*slave, v->size);
  return take_fd(&master);
}

/* A terminal of the node stays out: what is left inside could read its keys and write on it long after the program has ended. A pipe made by root
 * inside takes its place, so that /dev/stdout can be opened. A directory would be a way out. */
static int open_pipes(int inner[3], int ends[3], struct failure *why) {
  for (int i = 0, pair[2]; i < 3; i++) {
    struct stat st;
    if (fstat(i, &st) == 0 && S_ISDIR(st.st_mode)) return errno = EISDIR, failed(why, "fstat", "");
    if (!isatty(i)) continue;
    if (pipe2(pair, O_CLOEXEC) < 0) return failed(why, "pipe2", "");
    inner[i] = pair[i > 0], ends[i] = pair[i == 0];
    fcntl(ends[i], F_SETFL, O_NONBLOCK);
  }
  return 0;
}

/* C: without a terminal of its own it has none at all. */
static noreturn void program(struct visit *v, struct run *r, const int inner[3]) {
  r->why = (struct failure){.stage = "enter", .op = "arrive"};
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* until it executes */
  setsid();
  int bad = v->pty && ioctl(inner[0], TIOCSCTTY, 0) < 0 ? failed(&r->why, "ioctl TIOCSCTTY", "") : 0;
  for (int i = 0; i < 3 && !bad; i++)
    if (inner[i] >= 0 && dup2(inner[i], i) < 0) bad = failed(&r->why, "dup2", "");
  if (!bad && syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS) bad = failed(&r->why, "keyctl", "");
  if (!bad) run_range(r, v, v->outside, v->ops.count);
  give_up(r->words, &r->why);
}

static int go_inside(struct visit *v, struct run *r) {
  struct stat outer, root;
  r->why = (struct failure){.stage = "enter", .op = "join"};
  if (stat("/", &outer) < 0 || setns(v->pidfd, NAMESPACES) < 0) return failed(&r->why, "setns", "");
  if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0) return failed(&r->why, "setresuid", "");
  prctl(PR_SET_DUMPABLE, 0); /* a change of ids sets both as fs.suid_dumpable and nobody say */
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  r->rooted = true;
  r->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (r->root < 0 || fstat(r->root, &root) < 0) return failed(&r->why, "open", "/");
  bool early = root.st_dev == outer.st_dev && root.st_ino == outer.st_ino; /* before init's pivot its root is the node's */
  return early ? (errno = EAGAIN, failed(&r->why, "open", "/")) : 0;
}

static noreturn void joiner(struct visit *v, struct words *words, pid_t parent) {
  struct run r;
  int inner[3] = {-1, -1, -1};
  struct clone_args args = {.flags = CLONE_PARENT};
  run_init(&r);
  r.words = words;
  if (!die_with(parent)) _exit(112);
  if (run_range(&r, v, 0, v->outside) < 0 || go_inside(v, &r) < 0) give_up(words, &r.why);
  r.why.op = "pty";
  if (v->pty) words->ends[0] = open_pty(v, r.root, &inner[0], &r.why), inner[1] = inner[2] = inner[0];
  if (v->pty ? words->ends[0] < 0 : open_pipes(inner, words->ends, &r.why) < 0) give_up(words, &r.why);
  pid_t child = (pid_t)syscall(SYS_clone3, &args, sizeof args);
  if (child == 0) program(v, &r, inner);
  if (child < 0) failed(&r.why, "clone3", ""), give_up(words, &r.why);
  words->child = child;
  for (int i = 0; i < 3; i++) close_fd(&inner[i]); /* P's table, too: the terminal hangs up when the last process inside closes it */
  close_fd(&r.root);
  _exit(0);
}

/* Until the descriptor says something. false: who asked wants to end, or has ended. The container can freeze its groups and serve files that never
 * answer, so neither J nor C is waited for in any other way before C has executed. */
static bool wait_for(int fd, int signals, int report) {
  struct pollfd fds[] = {{.fd = fd, .events = POLLIN}, {.fd = signals, .events = POLLIN}, {.fd = report, .events = POLLRDHUP}};
  while (poll(fds, 3, -1) < 0 || !(fds[0].revents | fds[2].revents))
    for (struct signalfd_siginfo info; read(signals, &info, sizeof info) == sizeof info;)
      if (!is_quiet((int)info.ssi_signo)) return false;
  return fds[0].revents;
}

/* Until C has executed: 0, or -1 with why and nothing left that our own end does not take along. */
static int join(struct visit *v, struct words *words, int signals, int report, struct failure *why) {
  int pipe[2], joined = -1;
  pid_t self = getpid();
  struct clone_args args = {.flags = CLONE_FILES | CLONE_PIDFD, .pidfd = (uintptr_t)&joined, .exit_signal = SIGCHLD};
  *why = (struct failure){.stage = "enter", .op = "join"};
  if (*v->cgroup && mkdir(v->cgroup, 0755) < 0 && errno != EEXIST) return failed(why, "mkdir", v->cgroup);
  AUTO_FD cgroup = *v->cgroup ? open(v->cgroup, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
  if (*v->cgroup && cgroup < 0) return failed(why, "open", v->cgroup);
  if (cgroup >= 0) args.flags |= CLONE_INTO_CGROUP, args.cgroup = (uint64_t)cgroup;
  if (pipe2(pipe, O_CLOEXEC) < 0) return failed(why, "pipe2", "");
  pid_t joining = (pid_t)syscall(SYS_clone3, &args, sizeof args);
  if (joining < 0) return failed(why, "clone3", "");
  if (joining == 0) joiner(v, words, self);
  bool patient = wait_for(joined, signals, report);
  if (patient) waitpid(joining, NULL, 0), close(pipe[1]), patient = wait_for(pipe[0], signals, report);
  if (!patient) return kill(words->child > 0 ? words->child : joining, SIGKILL), errno = ECANCELED, failed(why, "cancel", "");
  if (judge(words, why) == 0) return 0;
  return words->child > 0 ? waitpid(words->child, NULL, 0) : 0, -1;
}

int enter(const char *plan_file) {
  static struct visit v;
  struct failure why = {.stage = "enter", .op = "plan"};
  struct words *words = new_words();
  uint32_t length = 0;
  int report = plan_file ? -1 : 3;
  prctl(PR_SET_DUMPABLE, 0);
  for (int i = 0; i < 3; i++) fcntl(i, F_SETFL, fcntl(i, F_GETFL) & ~O_NONBLOCK); /* which the engine's runtime has set on what it shares with us */
  AUTO_FD source = plan_file ? open_plan(plan_file) : fcntl(3, F_DUPFD_CLOEXEC, 3);
  if (source < 0) return failed(&why, "open", plan_file ? plan_file : ""), tell_failed(report, &v, &why);
  if (report >= 0) fcntl(report, F_SETFD, FD_CLOEXEC);
  uint8_t *plan = read_frame(source, &length);
  if (!plan) return errno = EPROTO, failed(&why, "read", ""), tell_failed(report, &v, &why);
  struct reader in = {.at = plan, .end = plan + length};
  if (!get_visit(&in, &v, &why)) return tell_failed(report, &v, &why);
  if (*v.title) set_title("vzdeck-enter", v.title);
  int kept[] = {source, report};
  close_all_but(kept, 2);
  /* In the background it waits for its turn at the terminal, as ssh does; an orphaned group cannot be stopped, hence not for ever. */
  for (int i = 0; i < 64 && v.pty && tcgetpgrp(0) >= 0 && tcgetpgrp(0) != getpgrp(); i++) kill(0, SIGTTIN);
  int signals = watch_signals(RELAYED);
  v.pidfd = open_process(v.pid, v.started);
  why = (struct failure){.stage = "enter", .op = "join"};
  if (v.pidfd < 0) return failed(&why, "pidfd_open", ""), tell_failed(report, &v, &why);
  if (join(&v, words, signals, report, &why) < 0) return tell_failed(report, &v, &why);
  if (report >= 0) send_frame(report, 0, REP_DONE, &(struct buffer){0});
  close_fd(&v.pidfd);
  struct relayed program = {.child = words->child, .ends = words->ends, .pty = v.pty, .typed = v.typed,
                            .followed = v.then && *v.then, .signals = signals, .sizes = v.size.ws_row ? report : -1};
  return tell_end(report, &v, relay(&program));
}
