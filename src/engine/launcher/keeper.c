/* The keeper: what is left of the launcher once init runs. It drains the terminals whatever happens, shows them to watchers, keeps history and log,
 * and works off the end. It knows nothing of cgroups, networks or configs, never waits for a watcher longer than PAUSE_MS, and its memory is bounded.
 *
 * Frames on the socket, both ways: u8 type, u8 tty, u16 length, payload (native byte order: both ends are on one machine).
 *   watcher  H u16 protocol, u8 wants to write   which tty; once more to ask for the keyboard again
 *            D bytes typed · W u16 columns, u16 rows · Q leaves
 *   keeper   A u16 protocol, u8 writes, u32 bytes of history that follow   answer to the first H
 *            D bytes · R u8 writes: the keyboard was given or refused · N text: notice · E text: the end, and why */
#include "protocol.h"

#include <linux/fs.h>
#include <sys/mman.h>
#include <sys/un.h>
#include <termios.h>

#define CONSOLE_PROTOCOL 1 /* keepers outlive upgrades: what changes it must still serve the old one */
#define MAX_WATCHERS 16
#define CHUNK 4096
#define PAUSE_MS 200 /* what a watcher that is far behind may hold up a terminal before it is dropped */
#define AMPLE (RING - (RING - HISTORY) / 2) /* a terminal that was held up goes on when so much of its ring is enough */
#define LAST 4096    /* bytes of the console that are left for whoever asks why it ended */

struct watcher {
  int fd;
  struct tty *tty; /* NULL before its hello */
  uint64_t at;     /* next byte of the tty's stream to be shown */
  bool wants, writes, greet, tell, left;
  const char *notice, *end;
  uint32_t in_length, out_at, out_length;
  uint8_t in[4 + CHUNK], out[4 + CHUNK];
};

static struct watcher watchers[MAX_WATCHERS + 1];
#define EACH_WATCHER(w) for (struct watcher *w = watchers; w <= watchers + MAX_WATCHERS; w++)
static struct keeper *self;
#define EACH_TTY(t) for (struct tty *t = self->ttys; t < self->ttys + self->tty_count; t++)

/* --- beginning */
bool get_keeper(struct reader *in, struct keeper *k) {
  k->run_dir = k->lease = k->listener = k->pidfd = k->signals = -1;
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

static int open_log(struct tty *t) {
  struct stat st;
  if (*t->log == 0) return 0;
  t->log_fd = open(t->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600);
  if (t->log_fd < 0 || fstat(t->log_fd, &st) < 0) return -1;
  t->log_size = (uint64_t)st.st_size;
  return S_ISREG(st.st_mode) ? 0 : (errno = EINVAL, -1);
}

/* A pty of the node's own devpts: checkpointing needs it so, and nothing inside can take it away. */
static int open_tty(struct tty *t, uint32_t creator, struct failure *why) {
  t->master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (t->master < 0) return failed(why, "open", "/dev/ptmx");
  if (ioctl(t->master, TIOCSPTLCK, &(int){0}) < 0) return failed(why, "ioctl TIOCSPTLCK", "/dev/ptmx");
  t->slave = ioctl(t->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (t->slave < 0) return failed(why, "ioctl TIOCGPTPEER", "/dev/ptmx");
  if (fchown(t->slave, creator, creator + 5) < 0 || fchmod(t->slave, 0620) < 0) return failed(why, "fchown", "/dev/pts");
  t->mount = open_tree(t->slave, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
  if (t->mount < 0) return failed(why, "open_tree", "/dev/pts");
  /* As a peer of the node's /dev/pts it would carry what root inside mounts over his console back to the node. */
  struct mount_attr apart = {.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, .propagation = MS_PRIVATE};
  if (mount_setattr(t->mount, "", AT_EMPTY_PATH, &apart, sizeof apart) < 0) return failed(why, "mount_setattr", "/dev/pts");
  return open_log(t) < 0 ? failed(why, "open", t->log) : 0;
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
  if (bound < 0 || listen(k->listener, MAX_WATCHERS) < 0) return failed(why, "bind", "console");
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
    if (open_tty(&k->ttys[i], creator, why) < 0) return -1;
  *why = (struct failure){.stage = "keeper", .op = "socket"};
  if (open_socket(k, why) < 0) return -1;
  unlinkat(k->run_dir, "exit", 0);
  unlinkat(k->run_dir, "last", 0);
  return write_note(k->run_dir, "keeper", text, (size_t)length) < 0 ? failed(why, "write", "keeper") : 0;
}

void keeper_unlink(struct keeper *k) {
  if (k->listener >= 0) unlinkat(k->run_dir, "console", 0), unlinkat(k->run_dir, "keeper", 0);
}

/* --- what is kept: the ring and the log */
/* The log and the last lines are read with cat and less: of what the container printed only what draws goes in. Text, newlines and tabs stay;
 * escape sequences, other control characters (C1 too) and stray bytes of UTF-8 go. `to` needs one byte more than `length`. */
enum { TEXT, ESCAPE, CSI, STRING, STRING_ESCAPE, CHARSET, LATIN };
static size_t draw_only(uint8_t *state, uint8_t *due, const uint8_t *from, size_t length, uint8_t *to) {
  size_t n = 0;
  for (size_t i = 0; i < length; i++) {
    uint8_t c = from[i];
    bool tail = c >= 0x80 && c < 0xc0;
    if (*state == LATIN) { /* after C2: 80…9F are control characters */
      *state = TEXT;
      if (tail && c >= 0xa0) to[n++] = 0xc2, to[n++] = c;
      if (tail) continue;
    }
    if (c == 0x1b) *state = *state == STRING || *state == STRING_ESCAPE ? STRING_ESCAPE : ESCAPE;
    else if (c == 0x18 || c == 0x1a) *state = TEXT;
    else if (*state == ESCAPE) *state = c == '[' ? CSI : strchr("]P^_X", c) && c ? STRING : c >= 0x20 && c < 0x30 ? CHARSET : TEXT;
    else if (*state == CSI) *state = c >= 0x40 && c < 0x7f ? TEXT : CSI;
    else if (*state == CHARSET) *state = c >= 0x30 ? TEXT : CHARSET;
    else if (*state == STRING) *state = c == 7 || c == '\n' ? TEXT : STRING;
    else if (*state == STRING_ESCAPE) *state = c == '\\' ? TEXT : STRING;
    else if (tail && *due > 0) to[n++] = c, --*due;
    else if (c == 0xc2) *state = LATIN, *due = 0;
    else if (c > 0xc2 && c < 0xf5) to[n++] = c, *due = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
    else if (c == '\n' || c == '\t' || (c >= 0x20 && c < 0x7f)) to[n++] = c, *due = 0;
  }
  return n;
}

/* A log that cannot be written is no reason to stop a container. */
static void write_log(struct tty *t, const uint8_t *data, size_t length) {
  uint8_t text[CHUNK + 1];
  if (t->log_fd < 0) return;
  size_t n = draw_only(&t->state, &t->due, data, length, text);
  if (t->log_bytes && t->log_size > 0 && t->log_size + n > t->log_bytes) {
    char old[PATH_MAX + 2];
    snprintf(old, sizeof old, "%s.1", t->log);
    close_fd(&t->log_fd);
    if (rename(t->log, old) < 0 || open_log(t) < 0) return;
  }
  if (write_all(t->log_fd, text, n) == 0) t->log_size += n;
}

static void remember(struct tty *t, const uint8_t *data, size_t length) {
  if (!t->ring) t->ring = mmap(NULL, RING, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (t->ring == MAP_FAILED) abort();
  size_t at = t->total % RING, first = length < RING - at ? length : RING - at;
  memcpy(t->ring + at, data, first);
  memcpy(t->ring, data + first, length - first);
  t->total += length;
}

static size_t recall(const struct tty *t, uint64_t from, uint8_t *to, size_t room) {
  size_t length = t->total - from < room ? (size_t)(t->total - from) : room;
  size_t at = from % RING, first = length < RING - at ? length : RING - at;
  if (length == 0) return 0;
  memcpy(to, t->ring + at, first);
  memcpy(to + first, t->ring, length - first);
  return length;
}

/* --- terminals */
/* When the last process closes the terminal, or its session ends, the slave hangs up. An own open slave ends that, until the next time. */
static void hold_slave(struct tty *t) {
  close_fd(&t->slave);
  t->slave = ioctl(t->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (t->slave < 0) close_fd(&t->master);
}

/* One chunk; false when there is no more. */
static bool drain(struct tty *t) {
  uint8_t chunk[CHUNK];
  ssize_t n = t->master < 0 ? -1 : read(t->master, chunk, sizeof chunk);
  if (n > 0) {
    remember(t, chunk, (size_t)n);
    write_log(t, chunk, (size_t)n);
    return true;
  }
  if (t->master >= 0 && (n == 0 || errno == EIO)) hold_slave(t);
  return false;
}

static void type_pending(struct tty *t) {
  ssize_t n = t->pending_length ? write(t->master, t->pending, t->pending_length) : 0;
  if (n > 0) memmove(t->pending, t->pending + n, t->pending_length -= (uint32_t)n);
}

/* Only called when nothing is pending, with at most a CHUNK. */
static void type(struct tty *t, const uint8_t *data, uint32_t length) {
  if (!t->pending && !(t->pending = malloc(CHUNK))) abort();
  memcpy(t->pending, data, length);
  t->pending_length = length;
  type_pending(t);
}

/* --- watchers */
/* The keyboard of a tty goes to one of those who asked for it, unless somebody has it. */
static void give_keyboard(const struct tty *t) {
  struct watcher *next = NULL;
  EACH_WATCHER(w) {
    if (w->fd < 0 || w->tty != t) continue;
    if (w->writes) return;
    if (w->wants && !w->end && !next) next = w;
  }
  if (next) next->writes = next->tell = true;
}

/* Away from the tty; what it typed last and nobody took is not for the next one to wait for. */
static void leave(struct watcher *w) {
  struct tty *t = w->tty;
  if (w->writes) t->pending_length = 0;
  w->tty = NULL;
  w->writes = w->wants = w->greet = w->tell = false;
  if (t) give_keyboard(t);
}

static void drop(struct watcher *w) {
  leave(w);
  close(w->fd);
  *w = (struct watcher){.fd = -1};
}

static void frame(struct watcher *w, char type, const void *payload, uint32_t length) {
  w->out[0] = (uint8_t)type;
  w->out[1] = w->tty ? (uint8_t)w->tty->number : 0;
  memcpy(w->out + 2, &(uint16_t){(uint16_t)length}, 2);
  memcpy(w->out + 4, payload, length);
  w->out_at = 0;
  w->out_length = 4 + length;
}

static void greet(struct watcher *w) {
  struct __attribute__((packed)) {
    uint16_t protocol;
    uint8_t writes;
    uint32_t history;
  } answer = {CONSOLE_PROTOCOL, w->writes, w->tty->total < HISTORY ? (uint32_t)w->tty->total : HISTORY};
  w->at = w->tty->total - answer.history;
  w->greet = w->tell = false;
  frame(w, 'A', &answer, sizeof answer);
}

/* The next frame that is due; false when there is none. */
static bool next_frame(struct watcher *w) {
  if (w->greet) greet(w);
  else if (w->notice) frame(w, 'N', w->notice, (uint32_t)strlen(w->notice)), w->notice = NULL;
  else if (w->tell) frame(w, 'R', &(uint8_t){w->writes}, 1), w->tell = false;
  else if (w->tty && w->at < w->tty->total && !w->left) {
    uint8_t chunk[CHUNK];
    size_t n = recall(w->tty, w->at, chunk, sizeof chunk);
    w->at += n;
    frame(w, 'D', chunk, (uint32_t)n);
  } else if (w->end) frame(w, 'E', w->end, (uint32_t)strlen(w->end)), w->end = NULL, w->left = true;
  else return false;
  return true;
}

/* Sends what the socket takes. */
static void show(struct watcher *w) {
  for (int frames = 0; frames < 32; frames++) {
    if (w->out_at == w->out_length && !next_frame(w)) {
      if (w->left) shutdown(w->fd, SHUT_WR); /* closed when the other end is: who still writes would lose what it has not read */
      return;
    }
    ssize_t n = send(w->fd, w->out + w->out_at, w->out_length - w->out_at, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n < 0) return drop(w);
    w->out_at += (uint32_t)n;
    if (w->out_at < w->out_length) return;
  }
}

/* Shows nothing more but the reason, whenever that is read; meanwhile it holds nothing up. */
static void part(struct watcher *w, const char *reason) {
  leave(w);
  w->notice = NULL;
  w->end = reason;
}

static void on_hello(struct watcher *w, uint8_t number, const uint8_t *payload, uint32_t length) {
  uint16_t protocol = 0;
  if (length >= 3) memcpy(&protocol, payload, 2);
  if (protocol != CONSOLE_PROTOCOL) return part(w, "The keeper speaks another protocol");
  w->wants = payload[2] != 0;
  if (!w->tty) {
    EACH_TTY(t) if (t->number == number) w->tty = t;
    if (!w->tty) return part(w, "There is no such terminal");
    w->greet = true;
    if (self->pidfd >= 0) w->notice = "The keeper was replaced; what was printed before that is lost";
  }
  if (!w->wants) w->writes = false;
  w->tell = true;
  give_keyboard(w->tty);
}

static void on_frame(struct watcher *w, const uint8_t *payload, uint32_t length) {
  struct winsize size = {0};
  if (w->in[0] == 'H') return on_hello(w, w->in[1], payload, length);
  if (w->in[0] == 'Q') return drop(w);
  if (!w->writes || w->tty->master < 0) return;
  if (w->in[0] == 'D' && length > 0) type(w->tty, payload, length);
  if (w->in[0] != 'W' || length != 4) return; /* others are of a later protocol */
  memcpy(&size.ws_col, payload, 2);
  memcpy(&size.ws_row, payload + 2, 2);
  ioctl(w->tty->master, TIOCSWINSZ, &size);
}

static bool blocked(const struct watcher *w) { return w->writes && w->tty->pending_length > 0; }

static void eat(struct watcher *w) {
  if (w->end || w->left) w->in_length = 0;
  while (w->fd >= 0 && w->in_length >= 4 && !blocked(w)) {
    uint16_t length;
    memcpy(&length, w->in + 2, 2);
    if (length > CHUNK) return part(w, "A frame was too long");
    if (w->in_length < 4u + length) return;
    on_frame(w, w->in + 4, length);
    if (w->fd < 0) return;
    w->in_length -= 4u + length;
    memmove(w->in, w->in + 4 + length, w->in_length);
  }
}

static void listen_to(struct watcher *w) {
  ssize_t n = recv(w->fd, w->in + w->in_length, sizeof w->in - w->in_length, MSG_DONTWAIT);
  if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) return drop(w);
  if (n > 0) w->in_length += (uint32_t)n;
}

/* The last place is for whoever is turned away. */
static void welcome(int listener) {
  struct watcher *w = watchers, *surplus = watchers + MAX_WATCHERS;
  int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return;
  while (w < surplus && w->fd >= 0 && !w->end && !w->left) w++;
  if (w->fd >= 0) drop(w);
  *w = (struct watcher){.fd = fd};
  if (w == surplus) part(w, "Too many watchers");
}

/* --- the loop */
/* Room for one more chunk without overwriting what a watcher has not seen. A watcher gets PAUSE_MS to make some, then it goes. */
static bool may_drain(struct tty *t, int64_t now) {
  uint64_t lag = 0;
  EACH_WATCHER(w)
    if (w->fd >= 0 && w->tty == t && !w->greet && t->total - w->at > lag) lag = t->total - w->at;
  if (lag + CHUNK <= (t->paused ? AMPLE : RING)) return t->paused = 0, true;
  if (!t->paused) t->paused = now;
  if (now - t->paused < PAUSE_MS) return false;
  EACH_WATCHER(w)
    if (w->fd >= 0 && w->tty == t && !w->greet && t->total - w->at + CHUNK > AMPLE) part(w, "Too slow");
  return t->paused = 0, true;
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

enum { LISTENER, SIGNALS, INIT, FIRST_TTY, FIRST_WATCHER = FIRST_TTY + MAX_TTYS, ALL = FIRST_WATCHER + MAX_WATCHERS + 1 };

/* Fills fds; milliseconds to wait. */
static int gather(struct pollfd fds[ALL], int64_t now) {
  int timeout = -1;
  fds[LISTENER] = (struct pollfd){.fd = self->listener, .events = POLLIN};
  fds[SIGNALS] = (struct pollfd){.fd = self->signals, .events = POLLIN};
  fds[INIT] = (struct pollfd){.fd = self->pidfd, .events = POLLIN};
  for (int i = FIRST_TTY; i < FIRST_WATCHER; i++) fds[i] = (struct pollfd){.fd = -1};
  EACH_TTY(t) {
    bool open = t->master >= 0 && may_drain(t, now);
    fds[FIRST_TTY + (t - self->ttys)] = (struct pollfd){.fd = open ? t->master : -1, .events = (short)(POLLIN | (t->pending_length ? POLLOUT : 0))};
    if (t->paused && (timeout < 0 || t->paused + PAUSE_MS - now < timeout)) timeout = (int)(t->paused + PAUSE_MS - now);
  }
  EACH_WATCHER(w) {
    bool more = w->fd >= 0 && (w->out_at < w->out_length || w->greet || w->tell || w->notice || w->end || (w->tty && w->at < w->tty->total));
    bool listens = w->fd >= 0 && !blocked(w);
    fds[FIRST_WATCHER + (w - watchers)] = (struct pollfd){.fd = w->fd, .events = (short)((listens ? POLLIN : 0) | (more ? POLLOUT : 0))};
  }
  return timeout;
}

static void serve_turn(const struct pollfd fds[ALL]) {
  EACH_TTY(t) {
    short events = fds[FIRST_TTY + (t - self->ttys)].revents;
    if (events & (POLLIN | POLLHUP)) drain(t);
    if (events & POLLOUT) type_pending(t);
  }
  EACH_WATCHER(w) {
    const struct pollfd *fd = &fds[FIRST_WATCHER + (w - watchers)];
    if (fd->fd < 0 || w->fd < 0) continue;
    if (fd->revents & (POLLHUP | POLLERR) && blocked(w)) drop(w);
    else if (fd->revents & (POLLIN | POLLHUP | POLLERR)) listen_to(w);
    if (w->fd >= 0 && !blocked(w)) eat(w);
    if (w->fd >= 0) show(w);
  }
  if (fds[LISTENER].revents) welcome(self->listener);
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

/* --- the end */
static void note_end(int status) {
  char text[64];
  long long when = now_ms(CLOCK_REALTIME);
  int n = status < 0 ? snprintf(text, sizeof text, "unknown %lld\n", when) : snprintf(text, sizeof text, "%d %lld\n", status, when);
  uint8_t raw[LAST], last[LAST + 1], state = TEXT, due = 0;
  const struct tty *t = self->ttys;
  size_t length = self->tty_count ? recall(t, t->total > LAST ? t->total - LAST : 0, raw, LAST) : 0;
  write_note(self->run_dir, "last", last, draw_only(&state, &due, raw, length, last));
  write_note(self->run_dir, "exit", text, (size_t)n);
}

/* Whoever watches gets what is left, as far as it is taken within PAUSE_MS. */
static void say_goodbye(void) {
  int64_t deadline = now_ms(CLOCK_MONOTONIC) + PAUSE_MS;
  EACH_WATCHER(w) if (w->fd >= 0 && !w->end) w->end = "The container has ended";
  for (int64_t left; (left = deadline - now_ms(CLOCK_MONOTONIC)) > 0;) {
    struct pollfd fds[MAX_WATCHERS + 1];
    nfds_t count = 0;
    EACH_WATCHER(w) {
      if (w->fd >= 0) show(w);
      if (w->fd >= 0 && !(w->left && w->out_at == w->out_length)) fds[count++] = (struct pollfd){.fd = w->fd, .events = POLLOUT};
    }
    if (count == 0) break;
    poll(fds, count, (int)left);
  }
  EACH_WATCHER(w) close_fd(&w->fd);
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
  char title[32];
  snprintf(title, sizeof title, "[vzdeck keeper %u]", k->id);
  set_title("vzdeck-keeper", title);
  self = k;
  EACH_WATCHER(w) w->fd = -1;
  EACH_TTY(t) close_fd(&t->mount);
  for (int s = 1; s < 32; s++)
    if (s != SIGCHLD) signal(s, SIG_IGN);
}

noreturn void keeper_run(struct keeper *k) {
  int status = -1;
  /* A child that ended before the signal was watched for has left no signal to be read. */
  if (!reap(&status)) status = attend();
  EACH_TTY(t) while (drain(t)) {}
  note_end(status);
  say_goodbye();
  keeper_unlink(k);
  if (k->lease >= 0) unlink(k->lease_path);
  close_fd(&k->listener);
  close_fd(&k->lease);
  EACH_TTY(t) close_fd(&t->master), close_fd(&t->slave);
  work_off_the_end();
}
