/* Who watches a container's terminals: their frames, who has the keyboard, and how far behind one may be.
 *
 * Frames on the socket, both ways: u8 type, u8 tty, u16 length, payload (native byte order: both ends are on one machine).
 *   watcher  H u16 protocol, u8 wants to write   which tty; once more to ask for the keyboard again
 *            D bytes typed · W u16 columns, u16 rows · Q leaves
 *   keeper   A u16 protocol, u8 writes, u32 bytes of history that follow   answer to the first H
 *            D bytes · R u8 writes: the keyboard was given or refused · N text: notice · E text: the end, and why */
#include "watchers.h"

#include <termios.h>

#define CONSOLE_PROTOCOL 1 /* keepers outlive upgrades: what changes it must still serve the old one */
#define AMPLE (RING - (RING - HISTORY) / 2) /* a terminal that was held up goes on when so much of its ring is enough */

struct watcher {
  int fd;
  struct tty *tty; /* NULL before its hello */
  uint64_t at;     /* next byte of the tty's stream to be shown */
  bool wants, writes, greet, tell, left;
  const char *notice, *end;
  uint32_t in_length, out_at, out_length;
  uint8_t in[4 + CHUNK], out[4 + CHUNK];
};

static struct watcher watchers[WATCHERS];
#define EACH_WATCHER(w) for (struct watcher *w = watchers; w < watchers + WATCHERS; w++)
static struct keeper *self;

void watchers_begin(struct keeper *k) {
  self = k;
  EACH_WATCHER(w) w->fd = -1;
}

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
    EACH_TTY(self, t) if (t->number == number) w->tty = t;
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

void watchers_welcome(int listener) {
  struct watcher *w = watchers, *surplus = watchers + WATCHERS - 1;
  int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return;
  while (w < surplus && w->fd >= 0 && !w->end && !w->left) w++;
  if (w->fd >= 0) drop(w);
  *w = (struct watcher){.fd = fd};
  if (w == surplus) part(w, "Too many watchers");
}

bool watchers_let(struct tty *t, int64_t now) {
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

void watchers_gather(struct pollfd fds[WATCHERS]) {
  EACH_WATCHER(w) {
    bool more = w->fd >= 0 && (w->out_at < w->out_length || w->greet || w->tell || w->notice || w->end || (w->tty && w->at < w->tty->total));
    bool listens = w->fd >= 0 && !blocked(w);
    fds[w - watchers] = (struct pollfd){.fd = w->fd, .events = (short)((listens ? POLLIN : 0) | (more ? POLLOUT : 0))};
  }
}

void watchers_serve(const struct pollfd fds[WATCHERS]) {
  EACH_WATCHER(w) {
    const struct pollfd *fd = &fds[w - watchers];
    if (fd->fd < 0 || w->fd < 0) continue;
    if (fd->revents & (POLLHUP | POLLERR) && blocked(w)) drop(w);
    else if (fd->revents & (POLLIN | POLLHUP | POLLERR)) listen_to(w);
    if (w->fd >= 0 && !blocked(w)) eat(w);
    if (w->fd >= 0) show(w);
  }
}

void watchers_part(const char *reason) {
  int64_t deadline = now_ms(CLOCK_MONOTONIC) + PAUSE_MS;
  EACH_WATCHER(w) if (w->fd >= 0 && !w->end) w->end = reason;
  for (int64_t left; (left = deadline - now_ms(CLOCK_MONOTONIC)) > 0;) {
    struct pollfd fds[WATCHERS];
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
