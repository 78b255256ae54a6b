/* A terminal of a container as its keeper has it: the node's end of a pty, what was printed last, and the log. */
#include "terminal.h"

#include <linux/fs.h>
#include <sys/mman.h>
#include <termios.h>

static int open_log(struct tty *t) {
  struct stat st;
  if (*t->log == 0) return 0;
  t->log_fd = open(t->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600);
  if (t->log_fd < 0 || fstat(t->log_fd, &st) < 0) return -1;
  t->log_size = (uint64_t)st.st_size;
  return S_ISREG(st.st_mode) ? 0 : (errno = EINVAL, -1);
}

int open_terminal(struct tty *t, uint32_t creator, struct failure *why) {
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

size_t recall(const struct tty *t, uint64_t from, uint8_t *to, size_t room) {
  size_t length = t->total - from < room ? (size_t)(t->total - from) : room;
  size_t at = from % RING, first = length < RING - at ? length : RING - at;
  if (length == 0) return 0;
  memcpy(to, t->ring + at, first);
  memcpy(to + first, t->ring, length - first);
  return length;
}

size_t recall_text(const struct tty *t, size_t bytes, uint8_t *to) {
  uint8_t raw[LAST], state = TEXT, due = 0;
  uint64_t from = t->total > bytes ? t->total - bytes : 0;
  return draw_only(&state, &due, raw, recall(t, from, raw, bytes), to);
}

/* When the last process closes the terminal, or its session ends, the slave hangs up. An own open slave ends that, until the next time. */
static void hold_slave(struct tty *t) {
  close_fd(&t->slave);
  t->slave = ioctl(t->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (t->slave < 0) close_fd(&t->master);
}

bool drain(struct tty *t) {
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

void type_pending(struct tty *t) {
  ssize_t n = t->pending_length ? write(t->master, t->pending, t->pending_length) : 0;
  if (n > 0) memmove(t->pending, t->pending + n, t->pending_length -= (uint32_t)n);
}

void type(struct tty *t, const uint8_t *data, uint32_t length) {
  if (!t->pending && !(t->pending = malloc(CHUNK))) abort();
  memcpy(t->pending, data, length);
  t->pending_length = length;
  type_pending(t);
}
