/* The keeper: what is left of the launcher once init runs. It drains the terminals whatever happens, shows them to watchers, keeps history and log,
 * and works off the end. It knows nothing of cgroups, networks or configs, never waits for a watcher longer than PAUSE_MS, and its memory is bounded. */
#include "watchers.h"

#include <sys/un.h>

static struct keeper *self;

bool get_keeper(struct reader *in, struct keeper *k) {
  k->run_dir = k->lease = k->listener = k->pidfd = k->signals = k->net = -1;
  k->id = get_u32(in);
  k->tty_count = get_u8(in);
  if (k->tty_count > MAX_TTYS) in->bad = true;
  for (uint32_t i = 0; i < k->tty_count && !in->bad; i++) {
    struct tty *t = &k->ttys[i];
    *t = (struct tty){.number = get_u8(in), .log = get_path(in, true), .log_bytes = get_u64(in)};
    t->log_fd = t->master = t->slave = t->mount = -1;
    for (uint32_t j = 0; j < i; j++)
      if (k->ttys[j].number == t->number) in->bad = true;
  }
  k->run_dir_path = get_path(in, false);
  k->lease_path = get_path(in, true);
  k->command_count = get_u8(in);
  if (k->command_count > MAX_COMMANDS) in->bad = true;
  for (uint32_t i = 0; i < k->command_count && !in->bad; i++)
    if (!*(k->commands[i] = get_list(in))) in->bad = true;
  k->env = get_list(in);
  return !in->bad;
}

static int open_lease(struct keeper *k, struct failure *why) {
  if (*k->lease_path == 0) return 0;
  unsigned long long started;
  char text[64] = "";
  int tenant, got = try_lock(k->lease_path, &k->lease);
  /* Under the lock, since a tenant whose keeper was killed has nobody to hold it. */
  if (got == 1 && pread(k->lease, text, sizeof text - 1, 0) > 0 && sscanf(text, "%d %llu", &tenant, &started) == 2) {
    AUTO_FD living = open_process(tenant, started);
    got = tenant == k->init || (living < 0 && errno == ESRCH);
  }
  if (got < 1) close_fd(&k->lease), errno = got ? errno : EAGAIN;
  return got == 1 ? 0 : failed(why, "fcntl F_OFD_SETLK", k->lease_path);
}

int keeper_lets(const struct keeper *k) {
  if (k->lease >= 0 && ftruncate(k->lease, 0) < 0) return -1;
  return k->lease < 0 || dprintf(k->lease, "%d %llu\n", k->init, (unsigned long long)k->init_started) > 0 ? 0 : -1;
}

/* Bound through the directory's descriptor: a prefix may be longer than a socket's address. */
static int open_socket(struct keeper *k, struct failure *why) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/console", k->run_dir);
  unlinkat(k->run_dir, "console", 0);
  k->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (k->listener < 0) return failed(why, "socket", "console");
  mode_t mask = umask(0177);
  int bound = bind(k->listener, (struct sockaddr *)&address, sizeof address);
  umask(mask);
  if (bound < 0 || listen(k->listener, WATCHERS - 1) < 0) return failed(why, "bind", "console");
  return 0;
}

int keeper_open(struct keeper *k, uint32_t creator, struct failure *why) {
  char text[64];
  uint64_t started = start_time(getpid());
  int length = snprintf(text, sizeof text, "%d %llu\n", getpid(), (unsigned long long)started);
  *why = (struct failure){.stage = "keeper", .op = "signals"};
  k->signals = watch_signals((int[]){SIGCHLD, SIGTERM, 0});
  if (k->signals < 0 || started == 0) return failed(why, k->signals < 0 ? "signalfd" : "start time", "");
  why->op = "lease";
  if ((k->run_dir = open(k->run_dir_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) return failed(why, "open", k->run_dir_path);
  if (open_lease(k, why) < 0) return -1;
  why->op = "tty";
  for (uint32_t i = 0; i < k->tty_count; i++, why->index++)
    if (open_terminal(&k->ttys[i], creator, why) < 0) return -1;
  *why = (struct failure){.stage = "keeper", .op = "socket"};
  if (open_socket(k, why) < 0) return -1;
  unlinkat(k->run_dir, "exit", 0);
  unlinkat(k->run_dir, "last", 0);
  return write_note(k->run_dir, "keeper", text, (size_t)length) < 0 ? failed(why, "write", "keeper") : 0;
}

void keeper_unlink(struct keeper *k) {
  if (k->listener >= 0) unlinkat(k->run_dir, "console", 0), unlinkat(k->run_dir, "keeper", 0);
}

/* Reaps; true when init has ended, with its status. */
static bool reap(int *status) {
  bool ended = false;
  int st;
  for (pid_t pid; (pid = waitpid(-1, &st, WNOHANG)) > 0;)
    if (pid == self->init && self->pidfd < 0) *status = st, ended = true;
  return ended;
}

/* struct pidfd_info up to the exit code (Linux 6.15): the headers of older build machines do not have it. */
struct exit_info {
  uint64_t mask, cgroup;
  uint32_t ids[11];
  int32_t exit_code;
};
#define INFO_EXIT (1u << 3)
#define GET_INFO _IOWR(0xff, 11, struct exit_info)

/* How an init ended that was not our child: as long as it is a zombie /proc tells, afterwards the kernel (Linux 6.15). -1: nobody knows. */
static int ask_status(void) {
  struct exit_info info = {.mask = INFO_EXIT};
  int status = -1;
  if (process_stat(self->init, &status) == self->init_started && status >= 0) return status;
  return ioctl(self->pidfd, GET_INFO, &info) == 0 && info.mask & INFO_EXIT ? info.exit_code : -1;
}

enum { LISTENER, SIGNALS, INIT, FIRST_TTY, FIRST_WATCHER = FIRST_TTY + MAX_TTYS, ALL = FIRST_WATCHER + WATCHERS };

/* Fills fds; milliseconds to wait. */
static int gather(struct pollfd fds[ALL], int64_t now) {
  int timeout = -1;
  fds[LISTENER] = (struct pollfd){.fd = self->listener, .events = POLLIN};
  fds[SIGNALS] = (struct pollfd){.fd = self->signals, .events = POLLIN};
  fds[INIT] = (struct pollfd){.fd = self->pidfd, .events = POLLIN};
  for (int i = FIRST_TTY; i < FIRST_WATCHER; i++) fds[i] = (struct pollfd){.fd = -1};
  EACH_TTY(self, t) {
    bool open = t->master >= 0 && watchers_let(t, now);
    fds[FIRST_TTY + (t - self->ttys)] = (struct pollfd){.fd = open ? t->master : -1, .events = (short)(POLLIN | (t->pending_length ? POLLOUT : 0))};
    if (t->paused && (timeout < 0 || t->paused + PAUSE_MS - now < timeout)) timeout = (int)(t->paused + PAUSE_MS - now);
  }
  watchers_gather(fds + FIRST_WATCHER);
  return timeout;
}

static void serve_turn(const struct pollfd fds[ALL]) {
  EACH_TTY(self, t) {
    short events = fds[FIRST_TTY + (t - self->ttys)].revents;
    if (events & (POLLIN | POLLHUP)) drain(t);
    if (events & POLLOUT) type_pending(t);
  }
  watchers_serve(fds + FIRST_WATCHER);
  if (fds[LISTENER].revents) watchers_welcome(self->listener);
}

/* Until init has ended; its wait status, -1 when nobody could say. */
static int attend(void) {
  struct pollfd fds[ALL];
  struct signalfd_siginfo info;
  for (int status = -1;;) {
    poll(fds, ALL, gather(fds, now_ms(CLOCK_MONOTONIC)));
    serve_turn(fds);
    if (fds[SIGNALS].revents) (void)!read(self->signals, &info, sizeof info);
    if (fds[SIGNALS].revents && reap(&status)) return status;
    if (fds[INIT].revents) return ask_status();
  }
}

static void note_end(int status) {
  char text[64];
  uint8_t last[LAST + 1];
  long long when = now_ms(CLOCK_REALTIME);
  int n = status < 0 ? snprintf(text, sizeof text, "unknown %lld\n", when) : snprintf(text, sizeof text, "%d %lld\n", status, when);
  write_note(self->run_dir, "last", last, self->tty_count ? recall_text(self->ttys, LAST, last) : 0);
  write_note(self->run_dir, "exit", text, (size_t)n);
}

static bool run_command(char **argv, char **env) {
  pid_t pid = fork();
  if (pid == 0) {
    reset_signals();
    umask(022);
    execve(argv[0], argv, env);
    _exit(127);
  }
  int status = -1;
  for (pid_t ended = 0; pid > 0 && ended >= 0 && ended != pid;) ended = waitpid(-1, &status, 0); /* what it leaves behind comes to us, too */
  return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static noreturn void work_off_the_end(void) {
  struct run r;
  run_init(&r);
  for (uint32_t i = 0; i < self->command_count; i++)
    if (run_command(self->commands[i], self->env)) _exit(0);
  for (struct ops one = {1, self->cleanup.list}; one.list < self->cleanup.list + self->cleanup.count; one.list++) run_ops(&r, &one, "cleanup");
  _exit(0);
}

void keeper_settle(struct keeper *k) {
  char text[64];
  snprintf(text, sizeof text, "[vzdeck keeper %u]", k->id);
  set_title("vzdeck-keeper", text);
  self = k;
  /* Never closed: what the container's links have counted can be read as long as the end is worked off. */
  snprintf(text, sizeof text, "/proc/%d/ns/net", k->init);
  k->net = open(text, O_RDONLY | O_CLOEXEC);
  watchers_begin(k);
  EACH_TTY(k, t) close_fd(&t->mount);
  for (int s = 1; s < 32; s++)
    if (s != SIGCHLD) signal(s, SIG_IGN);
}

noreturn void keeper_run(struct keeper *k) {
  int status = -1;
  /* A child that ended before the signal was watched for has left no signal to be read. */
  if (!reap(&status)) status = attend();
  EACH_TTY(k, t) while (drain(t)) {}
  note_end(status);
  watchers_part("The container has ended");
  keeper_unlink(k);
  if (k->lease >= 0) unlink(k->lease_path);
  close_fd(&k->listener);
  close_fd(&k->lease);
  EACH_TTY(k, t) close_fd(&t->master), close_fd(&t->slave);
  work_off_the_end();
}
