/* The server: one per engine process, asked over a socket, gone with it. It only listens, starts jobs, holds locks and watches processes; whatever
 * can block or crash runs in a child. Locks are open file descriptions of the server, so they end with the engine whatever ends it; children keep
 * the descriptors, so that a lock is not free before the last child of a killed engine is gone. Keepers close them. */
#include "protocol.h"

#define MAX_THINGS 1024 /* locks, waits and jobs at once */

/* What is under way for one request. */
struct thing {
  enum { FREE, JOB, LOCK_WAIT, LOCK, ENDED } is;
  uint32_t id;
  pid_t pid;     /* JOB, LOCK_WAIT */
  int fd;        /* JOB: pipe of its reply; LOCK, LOCK_WAIT: the file; ENDED: pidfd */
  char *path;    /* LOCK, LOCK_WAIT */
  bool cancelled, reaped;
  struct buffer bytes; /* JOB: the reply so far */
};

static struct thing things[MAX_THINGS];
#define EACH_THING(t) for (struct thing *t = things; t < things + MAX_THINGS; t++)
static struct buffer inbox, outbox;
static int jobs, sock, signals;
static bool greeted;

static struct thing *unused(void) {
  EACH_THING(t) if (t->is == FREE) return t;
  return NULL;
}

/* Locks are found by the id of the request that took them, everything else as long as it is under way. */
static struct thing *find(uint32_t id, bool lock) {
  EACH_THING(t) if (t->is != FREE && t->id == id && (t->is == LOCK) == lock) return t;
  return NULL;
}

static void discard(struct thing *t) {
  if (t->is == JOB) jobs--;
  close_fd(&t->fd);
  free(t->path);
  free(t->bytes.data);
  *t = (struct thing){.fd = -1};
}

/* --- replies */
static void answer(uint32_t id, const void *payload, size_t length) { put_frame(&outbox, id, REP_DONE, payload, length); }
static void answer_flag(uint32_t id, bool flag) { answer(id, &(uint8_t){flag}, 1); }

/* With the present errno. */
static void answer_failed(uint32_t id, const char *op, const char *call, const char *path) {
  struct failure why = {.stage = "launcher", .op = op};
  struct buffer payload = {0};
  failed(&why, call, path);
  put_failure(&payload, &why);
  put_frame(&outbox, id, REP_FAILED, payload.data, payload.length);
  free(payload.data);
}
static void refuse(uint32_t id, int error, const char *op, const char *call) { errno = error, answer_failed(id, op, call, ""); }

static void flush(void) {
  ssize_t n = outbox.length ? send(sock, outbox.data, outbox.length, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;
  if (n > 0) memmove(outbox.data, outbox.data + n, outbox.length -= (size_t)n); /* a peer that is gone shows itself by end of file */
}

/* --- jobs */
static noreturn void work(struct job *job) {
  job->check = job->kind == REQ_CHECK;
  if (job->check) job->kind = get_u8(&job->in);
  if (job->kind == REQ_OPS || job->kind == REQ_VISIT) host_job(job);
  if (job->kind == REQ_TREE) tree_job(job);
  if (job->kind == REQ_RULES) rules_job(job);
  if (job->kind == REQ_START || job->kind == REQ_ADOPT) birth_job(job);
  enter_check_job(job);
}

/* In the child: only what it needs. Everything but a container goes with the server. */
static noreturn void become_job(struct job *job) {
  int kept[MAX_THINGS + 1];
  size_t count = 0;
  kept[count++] = job->out;
  EACH_THING(t) if (t->is == LOCK) kept[count++] = t->fd;
  close_all_but(kept, count);
  reset_signals();
  signal(SIGPIPE, SIG_IGN);
  if (!die_with(job->server)) _exit(112);
  work(job);
}

static void on_job(uint32_t id, uint16_t kind, struct reader in) {
  int out[2];
  struct thing *t = jobs < MAX_JOBS ? unused() : NULL;
  if (!t) return refuse(id, EAGAIN, "job", "things");
  *t = (struct thing){.id = id, .fd = -1};
  if (pipe2(out, O_CLOEXEC) < 0) return answer_failed(t->id, "job", "pipe2", ""), discard(t);
  struct job job = {.in = in, .id = t->id, .kind = kind, .out = out[1], .server = getpid()};
  const char *home = kind == REQ_START || kind == REQ_ADOPT ? get_path(&in, true) : "";
  AUTO_FD cgroup = *home ? open(home, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
  struct clone_args args = {.exit_signal = SIGCHLD};
  /* A keeper is born in its place on the v2 tree, since moving there may take 7 ms; the first one of all, whose plan makes the place, moves. */
  if (cgroup >= 0 && !in.bad) job.home = home, args.flags = CLONE_INTO_CGROUP, args.cgroup = (uint64_t)cgroup;
  t->pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
  if (t->pid == 0) become_job(&job);
  close(out[1]);
  t->fd = out[0];
  if (t->pid < 0) return answer_failed(t->id, "job", "fork", ""), discard(t);
  fcntl(t->fd, F_SETFL, O_NONBLOCK);
  t->is = JOB, jobs++;
}

static void end_job(struct thing *t) {
  struct head head = {0};
  if (t->bytes.length >= sizeof head) memcpy(&head, t->bytes.data, sizeof head);
  if (head.kind && t->bytes.length - sizeof head == head.length) put_raw(&outbox, t->bytes.data, t->bytes.length);
  else if (t->cancelled) refuse(t->id, ECANCELED, "cancel", "cancel");
  else refuse(t->id, ECHILD, "job", "died");
  discard(t);
}

static void hear_job(struct thing *t) {
  static uint8_t chunk[65536];
  for (ssize_t n;;) {
    n = read(t->fd, chunk, sizeof chunk);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) return end_job(t);
    if (t->bytes.length + (size_t)n <= MAX_REPLY) put_raw(&t->bytes, chunk, (size_t)n);
    else if (!t->reaped) t->bytes.length = 0, kill(t->pid, SIGKILL);
  }
}

/* --- locks */
static const struct flock WHOLE = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

static bool same_file(int fd, const char *path) {
  struct stat have, there;
  return fstat(fd, &have) == 0 && stat(path, &there) == 0 && have.st_dev == there.st_dev && have.st_ino == there.st_ino;
}

/* A file that was replaced while we opened it is opened again. */
int try_lock(const char *path, int *fd) {
  struct stat st;
  for (;; close_fd(fd)) {
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
    if (*fd < 0 || fstat(*fd, &st) < 0) return -1;
    if (!S_ISREG(st.st_mode)) return errno = EINVAL, -1;
    if (fcntl(*fd, F_OFD_SETLK, &WHOLE) < 0) return errno == EAGAIN || errno == EACCES ? 0 : -1;
    if (same_file(*fd, path)) return 1;
  }
}

/* The waiting itself blocks, so it is done by a child on the same open file description: what it gets is the server's. */
static void wait_for_lock(struct thing *t) {
  pid_t server = getpid();
  t->pid = fork();
  if (t->pid == 0) {
    close_all_but(&t->fd, 1);
    reset_signals();
    _exit(die_with(server) && fcntl(t->fd, F_OFD_SETLKW, &WHOLE) == 0 ? 0 : 1);
  }
  t->is = LOCK_WAIT;
  t->reaped = false;
  if (t->pid < 0) answer_failed(t->id, "lock", "fork", t->path), discard(t);
}

static void seek_lock(struct thing *t, bool wait) {
  int got = try_lock(t->path, &t->fd);
  if (got == 0 && wait) return wait_for_lock(t);
  if (got < 0) answer_failed(t->id, "lock", "open", t->path);
  else answer_flag(t->id, got == 1);
  if (got == 1) t->is = LOCK;
  else discard(t);
}

static void on_lock(uint32_t id, struct reader *in) {
  const char *path = get_path(in, false);
  bool wait = get_u8(in);
  struct thing *t = unused();
  if (in->bad || !t) return refuse(id, in->bad ? EPROTO : EAGAIN, "lock", "queue");
  *t = (struct thing){.id = id, .fd = -1, .path = strdup(path)};
  seek_lock(t, wait);
}

static void end_wait(struct thing *t, int status) {
  if (t->cancelled) return refuse(t->id, ECANCELED, "cancel", "cancel"), discard(t);
  if (status != 0) return refuse(t->id, ENOLCK, "lock", "fcntl F_OFD_SETLKW"), discard(t);
  if (same_file(t->fd, t->path)) return t->is = LOCK, answer_flag(t->id, true);
  close_fd(&t->fd); /* locked, but the file is another one by now */
  seek_lock(t, true);
}

static void on_unlock(uint32_t id, struct reader *in) {
  struct thing *t = find(get_u32(in), true);
  answer_flag(id, t != NULL);
  if (!t) return;
  /* Children hold the same open file description: closing alone would not free it. */
  fcntl(t->fd, F_OFD_SETLK, &(struct flock){.l_type = F_UNLCK, .l_whence = SEEK_SET});
  discard(t);
}

/* --- processes */
static void on_ended(uint32_t id, struct reader *in) {
  pid_t pid = (pid_t)get_u32(in);
  uint64_t started = get_u64(in);
  struct thing *t = unused();
  if (!t) return refuse(id, EAGAIN, "ended", "queue");
  int fd = open_process(pid, started);
  if (fd >= 0) *t = (struct thing){.is = ENDED, .id = id, .fd = fd};
  else if (errno == ESRCH) answer(id, NULL, 0);
  else answer_failed(id, "ended", "pidfd_open", "");
}

static void on_kill(uint32_t id, struct reader *in) {
  pid_t pid = (pid_t)get_u32(in);
  uint64_t started = get_u64(in);
  int number = (int)get_u32(in);
  AUTO_FD fd = open_process(pid, started);
  bool sent = fd >= 0 && pidfd_send_signal(fd, number, NULL, 0) == 0;
  if (!sent && errno != ESRCH) return answer_failed(id, "kill", fd < 0 ? "pidfd_open" : "pidfd_send_signal", "");
  answer_flag(id, sent);
}

/* A job that ends by itself before the signal arrives has won. */
static void on_cancel(uint32_t id, struct reader *in) {
  struct thing *t = find(get_u32(in), false);
  answer_flag(id, t != NULL);
  if (!t) return;
  t->cancelled = true;
  if (t->is == ENDED) return refuse(t->id, ECANCELED, "cancel", "cancel"), discard(t);
  if (!t->reaped) kill(t->pid, SIGTERM);
}

static void reap(void) {
  struct signalfd_siginfo info;
  (void)!read(signals, &info, sizeof info);
  for (int status;;) {
    pid_t pid = waitpid(-1, &status, WNOHANG);
    if (pid <= 0) return;
    EACH_THING(t) {
      if (t->pid != pid || t->reaped) continue;
      t->reaped = true;
      if (t->is == LOCK_WAIT) end_wait(t, status);
    }
  }
}

/* --- the loop */
static void on_hello(uint32_t id, struct reader *in) {
  static const struct __attribute__((packed)) {
    uint32_t magic;
    uint16_t protocol;
  } MINE = {MAGIC, PROTOCOL};
  greeted = get_u32(in) == MINE.magic && get_u16(in) == MINE.protocol;
  if (greeted) answer(id, &MINE, sizeof MINE);
  else refuse(id, EPROTONOSUPPORT, "hello", "protocol");
}

static void on_request(uint32_t id, uint16_t kind, struct reader in) {
  if (!greeted && kind != REQ_HELLO) return refuse(id, EPROTO, "hello", "protocol");
  switch (kind) {
    case REQ_HELLO: return on_hello(id, &in);
    case REQ_LOCK: return on_lock(id, &in);
    case REQ_UNLOCK: return on_unlock(id, &in);
    case REQ_ENDED: return on_ended(id, &in);
    case REQ_KILL: return on_kill(id, &in);
    case REQ_CANCEL: return on_cancel(id, &in);
    default: return kind > REQ_RULES ? refuse(id, ENOSYS, "request", "kind") : on_job(id, kind, in);
  }
}

/* Takes whole frames out of the inbox. False when the peer does not speak our language: then nothing that follows can be trusted. */
static bool take_frames(void) {
  size_t at = 0;
  struct head head = {0};
  while (inbox.length - at >= sizeof head) {
    memcpy(&head, inbox.data + at, sizeof head);
    if (head.length > MAX_FRAME || inbox.length - at - sizeof head < head.length) break;
    const uint8_t *payload = inbox.data + at + sizeof head;
    on_request(head.id, head.kind, (struct reader){.at = payload, .end = payload + head.length});
    at += sizeof head + head.length;
  }
  memmove(inbox.data, inbox.data + at, inbox.length -= at);
  return head.length <= MAX_FRAME;
}

static bool hear_peer(void) {
  static uint8_t chunk[65536];
  ssize_t n = recv(sock, chunk, sizeof chunk, MSG_DONTWAIT);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  put_raw(&inbox, chunk, (size_t)n);
  return n > 0 && take_frames();
}

static bool turn(void) {
  static struct pollfd fds[MAX_THINGS + 2];
  static struct thing *of[MAX_THINGS + 2];
  nfds_t count = 2;
  fds[0] = (struct pollfd){.fd = sock, .events = (short)(POLLIN | (outbox.length ? POLLOUT : 0))};
  fds[1] = (struct pollfd){.fd = signals, .events = POLLIN};
  EACH_THING(t) if (t->is == JOB || t->is == ENDED) of[count] = t, fds[count++] = (struct pollfd){.fd = t->fd, .events = POLLIN};
  if (poll(fds, count, -1) < 0) return true;
  for (nfds_t i = 2; i < count; i++) {
    if (fds[i].revents == 0) continue;
    if (of[i]->is == JOB) hear_job(of[i]);
    else answer(of[i]->id, NULL, 0), discard(of[i]);
  }
  if (fds[1].revents) reap();
  if (fds[0].revents & (POLLIN | POLLHUP | POLLERR) && !hear_peer()) return false;
  flush();
  return true;
}

int serve(int socket) {
  setsid(); /* Ctrl-C in the engine's terminal is the engine's affair */
  null_stdio();
  close_all_but(&socket, 1);
  fcntl(socket, F_SETFD, FD_CLOEXEC);
  prctl(PR_SET_NAME, "vzdeck-launcher");
  sock = socket;
  signals = watch_signals((int[]){SIGCHLD, 0});
  EACH_THING(t) t->fd = -1;
  while (signals >= 0 && turn()) {}
  _exit(0); /* jobs are killed by the kernel (PR_SET_PDEATHSIG), locks go with the descriptors */
}
