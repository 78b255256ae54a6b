/* The launcher's modes, and the tools that all of them share: the bounded reader and the writer of the wire, files, identity of processes. */
#include "protocol.h"

#include <sys/mman.h>

/* --- cleanup by scope */
void close_fd(int *fd) {
  int saved = errno;
  if (*fd >= 0) close(*fd);
  *fd = -1;
  errno = saved;
}

int take_fd(int *fd) {
  int taken = *fd;
  *fd = -1;
  return taken;
}

/* --- reader */
static const uint8_t *take(struct reader *in, size_t length) {
  const uint8_t *at = in->at;
  if (in->bad || (size_t)(in->end - at) < length) return in->bad = true, NULL;
  in->at += length;
  return at;
}

#define GETTER(name, type)                  \
  type name(struct reader *in) {            \
    type v = 0;                             \
    const uint8_t *at = take(in, sizeof v); \
    if (at) memcpy(&v, at, sizeof v);       \
    return v;                               \
  }
GETTER(get_u8, uint8_t)
GETTER(get_u16, uint16_t)
GETTER(get_u32, uint32_t)
GETTER(get_u64, uint64_t)

struct bytes get_bytes(struct reader *in, uint32_t max) {
  uint32_t length = get_u32(in);
  if (length > max) in->bad = true;
  const uint8_t *at = take(in, length);
  return at ? (struct bytes){at, length} : (struct bytes){(const uint8_t *)"", 0};
}

const char *get_text(struct reader *in, uint32_t max) {
  uint32_t length = get_u32(in);
  if (length > max) in->bad = true;
  const char *text = (const char *)take(in, (size_t)length + 1);
  if (text && memchr(text, 0, (size_t)length + 1) == text + length) return text;
  in->bad = true;
  return "";
}

static bool climbs(const char *path) {
  for (const char *at = path; (at = strstr(at, "..")); at += 2)
    if ((at == path || at[-1] == '/') && (at[2] == '/' || at[2] == 0)) return true;
  return false;
}

const char *get_path(struct reader *in, bool maybe_empty) {
  const char *path = get_text(in, PATH_MAX - 1);
  if (*path == '/' ? !climbs(path) : *path == 0 && maybe_empty) return path;
  in->bad = true;
  return "/";
}

char **get_list(struct reader *in) {
  uint32_t count = get_u32(in);
  /* Each string takes five bytes at least: no allocation that the frame does not pay for. */
  if ((size_t)count * 5 > (size_t)(in->end - in->at)) in->bad = true;
  if (in->bad) count = 0;
  char **list = calloc((size_t)count + 1, sizeof *list);
  if (!list) abort();
  for (uint32_t i = 0; i < count; i++) list[i] = (char *)(uintptr_t)get_text(in, MAX_FRAME);
  return list;
}

/* --- writer */
void put_raw(struct buffer *out, const void *data, size_t length) {
  if (length == 0) return;
  if (out->length + length > out->room) {
    for (out->room = out->room ? out->room : 256; out->room < out->length + length;) out->room *= 2;
    out->data = realloc(out->data, out->room);
    if (!out->data) abort();
  }
  memcpy(out->data + out->length, data, length);
  out->length += length;
}

void put_u8(struct buffer *out, uint8_t v) { put_raw(out, &v, sizeof v); }
void put_u16(struct buffer *out, uint16_t v) { put_raw(out, &v, sizeof v); }
void put_u32(struct buffer *out, uint32_t v) { put_raw(out, &v, sizeof v); }
void put_u64(struct buffer *out, uint64_t v) { put_raw(out, &v, sizeof v); }
void put_bytes(struct buffer *out, const void *data, size_t length) {
  put_u32(out, (uint32_t)length);
  put_raw(out, data, length);
}
void put_text(struct buffer *out, const char *text) { put_bytes(out, text, strlen(text)); }

void put_frame(struct buffer *out, uint32_t id, uint16_t kind, const void *payload, size_t length) {
  put_raw(out, &(struct head){(uint32_t)length, id, kind, 0}, sizeof(struct head));
  put_raw(out, payload, length);
}

int send_frame(int fd, uint32_t id, uint16_t kind, struct buffer *payload) {
  struct buffer frame = {0};
  put_frame(&frame, id, kind, payload->data, payload->length);
  int result = write_all(fd, frame.data, frame.length);
  free(frame.data);
  free(payload->data);
  return result;
}

int reply_done(const struct job *job, struct buffer *payload) { return send_frame(job->out, job->id, REP_DONE, payload); }
void reply_failed(const struct job *job, const struct failure *why) {
  struct buffer payload = {0};
  put_failure(&payload, why);
  send_frame(job->out, job->id, REP_FAILED, &payload);
}

void after_parse(const struct job *job, bool good, const struct failure *why) {
  if (good && !job->check) return;
  if (good) reply_done(job, &(struct buffer){0});
  else reply_failed(job, why);
  _exit(0);
}

/* --- failures */
int failed(struct failure *why, const char *call, const char *path) {
  why->error = errno;
  why->call = call;
  snprintf(why->path, sizeof why->path, "%s", path);
  return -1;
}

const char *error_name(int error) {
  enum { ENOTSUPP = 524 }; /* include/linux/errno.h of the kernel, which should never reach us and does: bpf(2) where there are no trampolines */
  const char *name = error == ENOTSUPP ? "ENOTSUPP" : strerrorname_np(error);
  return name ? name : "EIO";
}

void put_failure(struct buffer *out, const struct failure *why) {
  put_text(out, why->stage ? why->stage : "launcher");
  put_u32(out, why->index);
  put_text(out, why->op ? why->op : "");
  put_text(out, why->call ? why->call : "");
  put_text(out, why->path);
  put_text(out, error_name(why->error));
}

struct words *new_words(void) {
  struct words *words = mmap(NULL, sizeof *words, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (words == MAP_FAILED) abort();
  memset(words->ends, 0xff, sizeof words->ends);
  return words;
}

noreturn void give_up(struct words *words, const struct failure *why) {
  words->why = *why;
  words->failed = true;
  _exit(111);
}

int judge(const struct words *words, struct failure *why) {
  if (words->executing && !words->failed) return 0;
  if (words->failed) *why = words->why;
  else *why = (struct failure){.stage = why->stage, .op = why->op, .call = "died", .error = ECHILD};
  return -1;
}

/* --- files */
int write_all(int fd, const void *data, size_t length) {
  for (const uint8_t *at = data; length > 0;) {
    ssize_t n = write(fd, at, length);
    if (n < 0 && errno != EINTR) return -1;
    if (n > 0) at += n, length -= (size_t)n;
  }
  return 0;
}

int write_file(const char *path, int flags, const void *data, size_t length) {
  TRY_FD(fd, open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | flags, 0600));
  /* A control file takes its text in one write or not at all. */
  ssize_t n = write(fd, data, length);
  if (n >= 0 && (size_t)n < length) errno = EIO;
  return n == (ssize_t)length ? 0 : -1;
}

int write_note(int dir, const char *name, const void *data, size_t length) {
  char temporary[NAME_MAX];
  snprintf(temporary, sizeof temporary, ".%s.%d", name, getpid());
  TRY_FD(fd, openat(dir, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  /* Notes mean nothing after the next boot: they need not outlast a power cut. */
  if (write_all(fd, data, length) == 0 && renameat(dir, temporary, dir, name) == 0) return 0;
  int error = errno;
  unlinkat(dir, temporary, 0);
  errno = error;
  return -1;
}

int open_below(int root, const char *path, uint64_t flags, uint64_t resolve) {
  struct open_how how = {.flags = flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve};
  for (int tries = 0;; tries++) {
    int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
    /* EAGAIN: something on the node was renamed or mounted meanwhile and the kernel could not be sure of "..". */
    if (fd >= 0 || errno != EAGAIN || tries == 100) return fd;
  }
}

int open_parent(int root, const char *path, char name[NAME_MAX + 1]) {
  char parent[PATH_MAX];
  size_t length = strlen(path);
  while (length > 1 && path[length - 1] == '/') length--;
  size_t cut = length;
  while (cut > 0 && path[cut - 1] != '/') cut--;
  size_t base = length - cut;
  if (base > NAME_MAX || cut >= sizeof parent) return errno = ENAMETOOLONG, -1;
  snprintf(name, NAME_MAX + 1, "%.*s", (int)base, path + cut);
  snprintf(parent, sizeof parent, "%.*s", (int)cut, path);
  if (base == 0 || !strcmp(name, ".") || !strcmp(name, "..")) return errno = EINVAL, -1;
  return open_below(root, cut ? parent : ".", O_PATH | O_DIRECTORY, 0);
}

/* --- processes */
int64_t now_ms(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

uint64_t process_stat(pid_t pid, int *exit_code) {
  char path[64], text[2048];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (n <= 0) return 0;
  text[n] = 0;
  /* The name may hold blanks and brackets: fields are counted from the last bracket, which closes field 2. */
  char *at = strrchr(text, ')');
  uint64_t started = 0;
  for (int field = 3; at && (at = strchr(at, ' ')) && field <= 52; field++, at++) {
    if (field == 22) started = strtoull(at, NULL, 10);
    if (field == 52 && exit_code) *exit_code = atoi(at);
  }
  return started;
}

uint64_t start_time(pid_t pid) { return process_stat(pid, NULL); }

int open_process(pid_t pid, uint64_t started) {
  AUTO_FD fd = pid > 0 ? pidfd_open(pid, 0) : (errno = ESRCH, -1);
  if (fd < 0) return errno = errno == EINVAL ? ESRCH : errno, -1; /* EINVAL: a thread, hence not the process that was meant */
  bool there = start_time(pid) == started && poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 0) == 0;
  return there ? take_fd(&fd) : (errno = ESRCH, -1);
}

void close_all_but(const int *keep, size_t count) {
  for (unsigned from = 3, next; from != 0; from = next + 1) {
    next = ~0u;
    for (size_t i = 0; i < count; i++)
      if (keep[i] >= (int)from && (unsigned)keep[i] < next) next = (unsigned)keep[i];
    if (next > from) close_range(from, next - (next != ~0u), 0);
  }
}

void null_stdio(void) {
  int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (fd < 0) _exit(111);
  for (int i = 0; i < 3; i++) dup2(fd, i);
  if (fd > 2) close(fd);
}

int watch_signals(const int *numbers) {
  sigset_t set = {0};
  for (; *numbers; numbers++) sigaddset(&set, *numbers);
  sigprocmask(SIG_SETMASK, &set, NULL);
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

void reset_signals(void) {
  for (int s = 1; s < 65; s++) signal(s, SIG_DFL);
  sigprocmask(SIG_SETMASK, &(sigset_t){0}, NULL);
}

bool die_with(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return getppid() == parent;
}

/* Where the arguments lay: ps shows what is there. Nothing of the caller's environment remains behind them. */
static char *title_area;
static size_t title_room;

static void take_title_area(int argc, char **argv) {
  extern char **environ;
  char *end = argv[0];
  for (int i = 0; i < argc; i++)
    if (argv[i] == end) end += strlen(end) + 1;
  title_area = argv[0];
  title_room = (size_t)(end - title_area);
  for (char **e = environ; *e; e++)
    if (*e == end) end += strlen(end) + 1;
  memset(title_area + title_room, 0, (size_t)(end - title_area) - title_room);
  environ[0] = NULL;
}

void set_title(const char *name, const char *title) {
  prctl(PR_SET_NAME, name);
  memset(title_area, 0, title_room);
  snprintf(title_area, title_room, "%s", title);
}

int main(int argc, char **argv) {
  const char *mode = argc > 1 ? argv[1] : "";
  if (argc > 0) take_title_area(argc, argv);
  signal(SIGPIPE, SIG_IGN);
  if (argc == 2 && !strcmp(mode, "ops")) return print_ops(), 0;
  if (argc <= 3 && !strcmp(mode, "enter")) _exit(enter(argc == 3 ? argv[2] : NULL));
  if (argc == 2 && !strcmp(mode, "serve")) return serve(3);
  return fprintf(stderr, "usage: launcher serve | enter [PLANFILE] | ops\n"), 2;
}
