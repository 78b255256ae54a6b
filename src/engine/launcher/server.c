/* The server: one per engine process, asked over a socket, gone with it. It only listens, starts jobs, holds locks and watches processes; whatever
 * can block or crash runs in a child. Locks are open file descriptions of the server, so they end with the engine whatever ends it; children keep
 * the descriptors, so that a lock is not free before the last child of a killed engine is gone. Keepers close them.
 */
#include "protocol.h"

#define MAX_JOBS 64
#define MAX_THINGS 1024         /* locks, waits and queued requests at once */
#define MAX_QUEUED (64u << 20) /* bytes of requests that wait for a free job; beyond it the socket is not read */

/* What is under way for one request. */
struct thing {
  enum { FREE, QUEUED, JOB, LOCK_WAIT, LOCK, ENDED } is;
  uint32_t id;
  uint16_t kind;
  pid_t pid;     /* JOB, LOCK_WAIT */
  int fd;        /* JOB: pipe of its reply; LOCK, LOCK_WAIT: the file; ENDED: pidfd */
  char *path;    /* LOCK_WAIT */
  uint64_t turn; /* QUEUED: first come, first served */
  bool cancelled, reaped;
  struct buffer bytes; /* QUEUED: the payload; JOB: the reply so far */
};

static struct thing things[MAX_THINGS];
static struct buffer inbox, outbox;
static size_t queued_bytes;
static uint64_t turns;
static int jobs, sock, signals;
static bool greeted;

static struct thing *find(uint32_t id, unsigned is) {
  for (struct thing *t = things; t < things + MAX_THINGS; t++)
    if (t->is == is && (is == FREE || t->id == id)) return t;
  return NULL;
}

static struct thing *any(uint32_t id) {
  for (struct thing *t = things; t < things + MAX_THINGS; t++)
    if (t->is != FREE && t->is != LOCK && t->id == id) return t;
  return NULL;
}

static void discard(struct thing *t) {
  if (t->is == JOB) jobs--;
  if (t->is == QUEUED) queued_bytes -= t->bytes.length;
  if (t->fd >= 0 && t->is != QUEUED) close(t->fd);
  free(t->path);
  free(t->bytes.data);
  *t = (struct thing){.fd = -1};
}

/* --- replies */

static void answer(uint32_t id, uint16_t kind, const void *payload, size_t length) { put_frame(&outbox, id, kind, payload, length); }

static void answer_failed(uint32_t id, const char *op, const char *call, const char *path, int error) {
  struct failure why = {.stage = "launcher", .op = op, .call = call, .error = error};
  struct buffer payload = {0};
  snprintf(why.path, sizeof why.path, "%s", path);
  put_failure(&payload, &why);
  answer(id, REP_FAILED, payload.data, payload.length);
  free(payload.data);
}

static void answer_flag(uint32_t id, bool flag) { answer(id, REP_DONE, &(uint8_t){flag}, 1); }

static void flush(void) {
  ssize_t n = outbox.length ? send(sock, outbox.data, outbox.length, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;
  if (n <= 0) return; /* a peer that is gone shows itself by end of file */
  outbox.length -= (size_t)n;
  memmove(outbox.data, outbox.data + n, outbox.length);
}

/* --- jobs */

static noreturn void work(struct job *job) {
  job->check = job->kind == REQ_CHECK;
  if (job->check) job->kind = get_u8(&job->in);
  switch (job->kind) {
    case REQ_OPS: host_job(job);
    case REQ_START:
    case REQ_ADOPT: birth_job(job);
    case REQ_TREE: tree_job(job);
    default: enter_check_job(job);
  }
}

/* In the child: only what it needs. Everything but a container goes with the server. */
static noreturn void become_job(struct job *job) {
  int kept[MAX_THINGS + 1];
  size_t count = 0;
  kept[count++] = job->out;
  for (struct thing *t = things; t < things + MAX_THINGS; t++)
    if (t->is == LOCK) kept[count++] = t->fd;
  close_all_but(kept, count);
  reset_signals();
  signal(SIGPIPE, SIG_IGN);
  if (!die_with(job->server)) _exit(112);
  work(job);
}

static void start_child(struct thing *t, uint16_t kind, struct reader in) {
  int out[2];
  if (pipe2(out, O_CLOEXEC) < 0) return answer_failed(t->id, "job", "pipe2", "", errno), discard(t);
  struct job job = {.in = in, .id = t->id, .kind = kind, .out = out[1], .server = getpid()};
  pid_t pid = fork();
  if (pid == 0) become_job(&job);
  close(out[1]);
  if (pid < 0) {
    answer_failed(t->id, "job", "fork", "", errno);
    close(out[0]);
    return discard(t);
  }
  fcntl(out[0], F_SETFL, O_NONBLOCK);
  t->is = JOB;
  t->pid = pid;
  t->fd = out[0];
  jobs++;
}

static void start_queued(void) {
  while (jobs < MAX_JOBS) {
    struct thing *next = NULL;
    for (struct thing *t = things; t < things + MAX_THINGS; t++)
      if (t->is == QUEUED && (!next || t->turn < next->turn)) next = t;
    if (!next) return;
    struct buffer plan = next->bytes;
    queued_bytes -= plan.length;
    next->bytes = (struct buffer){0};
    next->is = FREE;
    start_child(next, next->kind, (struct reader){.at = plan.data, .end = plan.data + plan.length});
    free(plan.data);
  }
}

static void on_job(uint32_t id, uint16_t kind, struct reader in) {
  struct thing *t = find(0, FREE);
  if (!t) return answer_failed(id, "job", "queue", "", EAGAIN);
  *t = (struct thing){.id = id, .kind = kind, .fd = -1};
  if (jobs < MAX_JOBS) return start_child(t, kind, in);
  t->is = QUEUED;
  t->turn = turns++;
  put_raw(&t->bytes, in.at, (size_t)(in.end - in.at));
  queued_bytes += t->bytes.length;
}

static void end_job(struct thing *t) {
  uint32_t length = 0;
  if (t->bytes.length >= HEAD) memcpy(&length, t->bytes.data, sizeof length);
  if (t->bytes.length >= HEAD && t->bytes.length - HEAD == length) put_raw(&outbox, t->bytes.data, t->bytes.length);
  else if (t->cancelled) answer_failed(t->id, "cancel", "cancel", "", ECANCELED);
  else answer_failed(t->id, "job", "died", "", ECHILD);
  discard(t);
}

static void hear_job(struct thing *t) {
  uint8_t chunk[65536];
  for (;;) {
    ssize_t n = read(t->fd, chunk, sizeof chunk);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) return end_job(t);
    if (t->bytes.length + (size_t)n > MAX_REPLY) {
      kill(t->pid, SIGKILL); /* not reaped before its pipe has ended: the pid is still its own */
      t->bytes.length = 0;
      return;
    }
    put_raw(&t->bytes, chunk, (size_t)n);
  }
}

/* --- locks */

static bool same_file(int fd, const char *path) {
  struct stat have, there;
  return fstat(fd, &have) == 0 && stat(path, &there) == 0 && have.st_dev == there.st_dev && have.st_ino == there.st_ino;
}

/* 1 locked, 0 somebody else has it (then *fd is open), -1 failed. A file that was replaced while we opened it is opened again. */
static int try_lock(const char *path, int *fd) {
  struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  struct stat st;
  for (;;) {
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
    if (*fd < 0) return -1;
    if (fstat(*fd, &st) < 0 || !S_ISREG(st.st_mode)) return close_fd(fd), errno = EINVAL, -1;
    if (fcntl(*fd, F_OFD_SETLK, &whole) < 0) return errno == EAGAIN || errno == EACCES ? 0 : (close_fd(fd), -1);
    if (same_file(*fd, path)) return 1;
    close_fd(fd);
  }
}

/* The waiting itself blocks, so it is done by a child on the same open file description: what it gets is the server's. */
static void wait_for_lock(struct thing *t) {
  pid_t server = getpid(), pid = fork();
  if (pid == 0) {
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    close_all_but(&t->fd, 1);
    reset_signals();
    if (!die_with(server)) _exit(112);
    _exit(fcntl(t->fd, F_OFD_SETLKW, &whole) == 0 ? 0 : 1);
  }
  if (pid < 0) return answer_failed(t->id, "lock", "fork", t->path, errno), discard(t);
  t->is = LOCK_WAIT;
  t->pid = pid;
}

static void seek_lock(struct thing *t, bool wait) {
  int got = try_lock(t->path, &t->fd);
  if (got < 0) return answer_failed(t->id, "lock", "open", t->path, errno), discard(t);
  if (got == 0 && wait) return wait_for_lock(t);
  answer_flag(t->id, got == 1);
  if (got == 0) {
    t->is = LOCK; /* so that discard closes the file */
    return discard(t);
  }
  t->is = LOCK;
  free(t->path);
  t->path = NULL;
}

static void on_lock(uint32_t id, struct reader *in) {
  const char *path = get_path(in, false);
  bool wait = get_u8(in);
  struct thing *t = find(0, FREE);
  if (in->bad) return answer_failed(id, "lock", "parse", "", EPROTO);
  if (!t) return answer_failed(id, "lock", "queue", path, EAGAIN);
  *t = (struct thing){.id = id, .fd = -1, .path = strdup(path)};
  seek_lock(t, wait);
}

static void end_wait(struct thing *t, int status) {
  if (t->cancelled) return answer_failed(t->id, "cancel", "cancel", t->path, ECANCELED), discard(t);
  if (status != 0) return answer_failed(t->id, "lock", "fcntl F_OFD_SETLKW", t->path, ENOLCK), discard(t);
  if (same_file(t->fd, t->path)) {
    t->is = LOCK;
    return answer_flag(t->id, true);
  }
  close_fd(&t->fd); /* locked, but the file is another one by now */
  t->is = FREE;
  seek_lock(t, true);
}

static void on_unlock(uint32_t id, struct reader *in) {
  struct thing *t = find(get_u32(in), LOCK);
  if (t) {
    /* Children hold the same open file description: closing alone would not free it. */
    struct flock whole = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
    fcntl(t->fd, F_OFD_SETLK, &whole);
    discard(t);
  }
  answer_flag(id, t != NULL);
}

static void on_locked(uint32_t id, struct reader *in) {
  const char *path = get_path(in, false);
  struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  if (in->bad) return answer_failed(id, "locked", "parse", "", EPROTO);
  AUTO_FD fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (fd < 0 && errno == ENOENT) return answer_flag(id, false);
  if (fd < 0) return answer_failed(id, "locked", "open", path, errno);
  if (fcntl(fd, F_OFD_GETLK, &whole) < 0) return answer_failed(id, "locked", "fcntl F_OFD_GETLK", path, errno);
  answer_flag(id, whole.l_type != F_UNLCK);
}

/* --- processes */

static void on_ended(uint32_t id, struct reader *in) {
  pid_t pid = (pid_t)get_u32(in);
  uint64_t started = get_u64(in);
  struct thing *t = find(0, FREE);
  if (!t) return answer_failed(id, "ended", "queue", "", EAGAIN);
  int fd = open_process(pid, started);
  if (fd < 0 && errno == ESRCH) return answer(id, REP_DONE, NULL, 0);
  if (fd < 0) return answer_failed(id, "ended", "pidfd_open", "", errno);
  *t = (struct thing){.is = ENDED, .id = id, .fd = fd};
}

static void on_kill(uint32_t id, struct reader *in) {
  pid_t pid = (pid_t)get_u32(in);
  uint64_t started = get_u64(in);
  int number = (int)get_u32(in);
  AUTO_FD fd = open_process(pid, started);
  if (fd < 0 && errno != ESRCH) return answer_failed(id, "kill", "pidfd_open", "", errno);
  bool there = fd >= 0 && poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 0) == 0; /* a process that waits to be reaped is gone */
  if (there && pidfd_send_signal(fd, number, NULL, 0) < 0) {
    if (errno != ESRCH) return answer_failed(id, "kill", "pidfd_send_signal", "", errno);
    there = false;
  }
  answer_flag(id, there);
}

/* A job that ends by itself before the signal arrives has won. */
static void on_cancel(uint32_t id, struct reader *in) {
  struct thing *t = any(get_u32(in));
  answer_flag(id, t != NULL);
  if (!t) return;
  t->cancelled = true;
  if ((t->is == JOB || t->is == LOCK_WAIT) && !t->reaped) kill(t->pid, SIGTERM);
  if (t->is == QUEUED || t->is == ENDED) {
    answer_failed(t->id, "cancel", "cancel", "", ECANCELED);
    discard(t);
  }
}

static void reap(void) {
  struct signalfd_siginfo info;
  (void)!read(signals, &info, sizeof info);
  for (int status;;) {
    pid_t pid = waitpid(-1, &status, WNOHANG);
    if (pid <= 0) return;
    for (struct thing *t = things; t < things + MAX_THINGS; t++) {
      if (t->pid != pid || t->reaped) continue;
      t->reaped = true;
      if (t->is == LOCK_WAIT) end_wait(t, status);
    }
  }
}

/* --- the loop */

static void on_hello(uint32_t id, struct reader *in) {
  uint32_t magic = get_u32(in);
  uint16_t protocol = get_u16(in);
  struct buffer mine = {0};
  greeted = magic == MAGIC && protocol == PROTOCOL;
  put_u32(&mine, MAGIC);
  put_u16(&mine, PROTOCOL);
  if (greeted) answer(id, REP_DONE, mine.data, mine.length);
  else answer_failed(id, "hello", "protocol", "", EPROTONOSUPPORT);
  free(mine.data);
}

static void on_request(uint32_t id, uint16_t kind, struct reader in) {
  if (kind == REQ_HELLO) return on_hello(id, &in);
  if (!greeted) return answer_failed(id, "hello", "protocol", "", EPROTO);
  switch (kind) {
    case REQ_OPS:
    case REQ_START:
    case REQ_ADOPT:
    case REQ_TREE:
    case REQ_CHECK: return on_job(id, kind, in);
    case REQ_LOCK: return on_lock(id, &in);
    case REQ_UNLOCK: return on_unlock(id, &in);
    case REQ_LOCKED: return on_locked(id, &in);
    case REQ_ENDED: return on_ended(id, &in);
    case REQ_KILL: return on_kill(id, &in);
    case REQ_CANCEL: return on_cancel(id, &in);
    default: return answer_failed(id, "request", "kind", "", ENOSYS);
  }
}

/* Takes whole frames out of the inbox. False when the peer does not speak our language: then nothing that follows can be trusted. */
static bool take_frames(void) {
  size_t at = 0;
  bool good = true;
  while (inbox.length - at >= HEAD) {
    uint32_t length, id;
    uint16_t kind;
    memcpy(&length, inbox.data + at, 4);
    memcpy(&id, inbox.data + at + 4, 4);
    memcpy(&kind, inbox.data + at + 8, 2);
    good = length <= MAX_FRAME;
    if (!good || inbox.length - at - HEAD < length) break;
    const uint8_t *payload = inbox.data + at + HEAD;
    on_request(id, kind, (struct reader){.at = payload, .end = payload + length});
    at += HEAD + length;
  }
  inbox.length -= at;
  memmove(inbox.data, inbox.data + at, inbox.length);
  return good;
}

static bool hear_peer(void) {
  static uint8_t chunk[65536];
  ssize_t n = recv(sock, chunk, sizeof chunk, MSG_DONTWAIT);
  if (n == 0) return false;
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  put_raw(&inbox, chunk, (size_t)n);
  return take_frames();
}

static void see_thing(struct thing *t) {
  if (t->is == JOB) return hear_job(t);
  if (t->is != ENDED) return;
  answer(t->id, REP_DONE, NULL, 0);
  discard(t);
}

static bool turn(void) {
  static struct pollfd fds[MAX_THINGS + 2];
  static struct thing *of[MAX_THINGS + 2];
  nfds_t count = 2;
  short in = queued_bytes < MAX_QUEUED ? POLLIN : 0;
  fds[0] = (struct pollfd){.fd = sock, .events = (short)(in | (outbox.length ? POLLOUT : 0))};
  fds[1] = (struct pollfd){.fd = signals, .events = POLLIN};
  for (struct thing *t = things; t < things + MAX_THINGS; t++) {
    if (t->is != JOB && t->is != ENDED) continue;
    of[count] = t;
    fds[count++] = (struct pollfd){.fd = t->fd, .events = POLLIN};
  }
  if (poll(fds, count, -1) < 0) return true;
  for (nfds_t i = 2; i < count; i++)
    if (fds[i].revents) see_thing(of[i]);
  if (fds[1].revents) reap();
  if (fds[0].revents & (POLLIN | POLLHUP | POLLERR) && !hear_peer()) return false;
  start_queued();
  flush();
  return true;
}

int serve(int socket) {
  sigset_t mask;
  setsid(); /* Ctrl-C in the engine's terminal is the engine's affair */
  null_stdio();
  close_all_but(&socket, 1);
  fcntl(socket, F_SETFD, FD_CLOEXEC);
  prctl(PR_SET_NAME, "vzdeck-launcher");
  sigemptyset(&mask);
  sigaddset(&mask, SIGCHLD);
  sigprocmask(SIG_BLOCK, &mask, NULL);
  sock = socket;
  signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals < 0) return 1;
  for (struct thing *t = things; t < things + MAX_THINGS; t++) t->fd = -1;
  while (turn()) {}
  _exit(0); /* jobs are killed by the kernel (PR_SET_PDEATHSIG), locks go with the descriptors */
}
