/* Operations below a root directory that belongs to a container: whatever lies in it is hostile. Paths are resolved by openat2 with RESOLVE_IN_ROOT,
 * names are used only together with the descriptor of their directory, and nothing is opened for reading before it is known to be a regular file. */
#include "protocol.h"

#include <dirent.h>
#include <linux/securebits.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>

#define MAX_DEPTH 500 /* directories within each other that `remove` goes down, each with a descriptor */
#define MAX_READ (16u << 20)
#define MAX_NAMES 100000

/* First id of the container on a mount whose ids are mapped: what is made belongs to ids from here on, and ids are given and told without it. */
static uid_t first_id;

/* --- looking */
/* Room for "/proc/self/fd/N", by which the node's /proc leads to an opened place: a tree job has not left the node's namespaces. */
typedef char self_path[32];

/* A file without really opening it: a fifo would block us, a device could do anything. */
static int reach(int root, const char *path, self_path self) {
  struct stat st;
  TRY_FD(place, open_below(root, path, O_PATH, 0));
  if (fstat(place, &st) < 0) return -1;
  if (!S_ISREG(st.st_mode)) return errno = S_ISDIR(st.st_mode) ? EISDIR : ENODEV, -1;
  snprintf(self, sizeof(self_path), "/proc/self/fd/%d", place);
  return take_fd(&place);
}

static int do_read(int root, const struct value *a, struct buffer *out) {
  uint8_t chunk[65536];
  uint32_t length = 0, most = a[1].n < MAX_READ ? (uint32_t)a[1].n : MAX_READ;
  size_t mark = out->length;
  self_path self;
  TRY_FD(place, reach(root, a[0].text, self));
  TRY_FD(fd, open(self, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  put_u32(out, 0);
  for (ssize_t n = 1; n > 0 && length < most; length += (uint32_t)n) {
    n = read(fd, chunk, most - length < sizeof chunk ? most - length : sizeof chunk);
    if (n < 0) return -1;
    put_raw(out, chunk, (size_t)n);
  }
  memcpy(out->data + mark, &length, sizeof length);
  return 0;
}

static int do_list(int root, const struct value *a, struct buffer *out) {
  uint32_t count = 0, most = a[1].n < MAX_NAMES ? (uint32_t)a[1].n : MAX_NAMES;
  size_t mark = out->length;
  TRY_FD(fd, open_below(root, a[0].text, O_RDONLY | O_DIRECTORY, 0));
  DIR *list = fdopendir(fd);
  if (!list) return -1;
  take_fd(&fd);
  put_u32(out, 0);
  for (struct dirent *e; count < most && (e = readdir(list));)
    if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..")) put_text(out, e->d_name), count++;
  closedir(list);
  memcpy(out->data + mark, &count, sizeof count);
  return 0;
}

static int do_stat(int root, const struct value *a, struct buffer *out) {
  struct stat st;
  AUTO_FD fd = open_below(root, a[0].text, O_PATH | (a[1].n ? 0 : O_NOFOLLOW), 0);
  if (fd < 0 || fstat(fd, &st) < 0) return -1;
  put_u8(out, S_ISREG(st.st_mode) ? 0 : S_ISDIR(st.st_mode) ? 1 : S_ISLNK(st.st_mode) ? 2 : 3);
  put_u32(out, st.st_mode & 07777);
  put_u32(out, st.st_uid - first_id);
  put_u32(out, st.st_gid - first_id);
  put_u64(out, (uint64_t)st.st_size);
  return 0;
}

static int do_readlink(int root, const struct value *a, struct buffer *out) {
  char target[PATH_MAX];
  AUTO_FD fd = open_below(root, a[0].text, O_PATH | O_NOFOLLOW, 0);
  ssize_t n = fd < 0 ? -1 : readlinkat(fd, "", target, sizeof target);
  if (n < 0) return errno = errno == ENOENT && fd >= 0 ? EINVAL : errno, -1; /* the kernel says ENOENT for what is no link */
  put_bytes(out, target, (size_t)n);
  return 0;
}

/* --- changing */
/* The file's directory and name, links on the way and at the end followed below the root: where a write goes is where a read would come from. */
static int find_target(int root, const char *path, char name[NAME_MAX + 1]) {
  char where[PATH_MAX], target[PATH_MAX];
  snprintf(where, sizeof where, "%s", path);
  for (int links = 0; links < 40; links++) {
    AUTO_FD parent = open_parent(root, where, name);
    if (parent < 0) return -1;
    ssize_t n = readlinkat(parent, name, target, sizeof target - 1);
    if (n < 0) return errno == EINVAL || errno == ENOENT ? take_fd(&parent) : -1;
    target[n] = 0;
    size_t base = strlen(where);
    while (base > 0 && where[base - 1] == '/') base--;
    while (base > 0 && where[base - 1] != '/') base--;
    if (target[0] == '/') base = 0;
    if (base + (size_t)n >= sizeof where) return errno = ENAMETOOLONG, -1;
    memcpy(where + base, target, (size_t)n + 1);
  }
  return errno = ELOOP, -1;
}

/* A new file with nobody's name: O_EXCL does not follow whatever lies there. */
static int open_temporary(int parent, char name[NAME_MAX + 1]) {
  for (int tries = 0; tries < 100; tries++) {
    uint32_t chance = 0;
    if (getentropy(&chance, sizeof chance) < 0) return -1;
    snprintf(name, NAME_MAX + 1, ".vzdeck-%08x", chance);
    int fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 || errno != EEXIST) return fd;
  }
  return -1;
}

static int do_write(int root, const struct value *a, struct buffer *out) {
  char name[NAME_MAX + 1], temporary[NAME_MAX + 1];
  struct stat old;
  TRY_FD(parent, find_target(root, a[0].text, name));
  bool there = fstatat(parent, name, &old, AT_SYMLINK_NOFOLLOW) == 0;
  if (there && !S_ISREG(old.st_mode)) return errno = S_ISDIR(old.st_mode) ? EISDIR : ENODEV, -1;
  TRY_FD(fd, open_temporary(parent, temporary));
  uid_t uid = there ? old.st_uid : first_id + (uid_t)a[2].n;
  gid_t gid = there ? old.st_gid : first_id + (gid_t)a[3].n;
  mode_t mode = (there ? old.st_mode : (mode_t)a[1].n) & 07777;
  /* Owner before mode: a change of owner clears the setuid bit. */
  if (write_all(fd, a[4].bytes.at, a[4].bytes.length) == 0 && fchown(fd, uid, gid) == 0 && fchmod(fd, mode) == 0 && fsync(fd) == 0 &&
      renameat(parent, temporary, parent, name) == 0)
    return 0;
  int error = errno;
  unlinkat(parent, temporary, 0);
  errno = error;
  return -1;
}

static int do_mkdir(int root, const struct value *a, struct buffer *out) {
  char name[NAME_MAX + 1];
  TRY_FD(parent, open_parent(root, a[0].text, name));
  if (mkdirat(parent, name, (mode_t)a[1].n & 07777) == 0) return 0;
  if (errno != EEXIST) return -1;
  AUTO_FD there = open_below(root, a[0].text, O_PATH | O_DIRECTORY, 0);
  return there >= 0 ? 0 : (errno = EEXIST, -1);
}

static int do_symlink(int root, const struct value *a, struct buffer *out) {
  char name[NAME_MAX + 1];
  AUTO_FD parent = open_parent(root, a[1].text, name);
  return parent < 0 ? -1 : symlinkat(a[0].text, parent, name);
}

/* Goes down by descriptors: nothing is followed, and another file system is not entered. */
static int remove_below(int parent, const char *name, dev_t dev, int depth) {
  struct stat st;
  if (unlinkat(parent, name, 0) == 0 || errno == ENOENT) return 0;
  if (errno != EISDIR && errno != EPERM) return -1;
  if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT) return 0;
  if (errno != ENOTEMPTY && errno != EEXIST) return -1;
  if (depth == 0) return errno = ELOOP, -1;
  AUTO_FD fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &st) < 0) return -1;
  if (st.st_dev != dev) return errno = EXDEV, -1;
  DIR *list = fdopendir(fd);
  if (!list) return -1;
  take_fd(&fd);
  int result = 0;
  for (struct dirent *e; result == 0 && (e = readdir(list));)
    if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..")) result = remove_below(dirfd(list), e->d_name, dev, depth - 1);
  int error = errno;
  closedir(list);
  errno = error;
  return result < 0 ? -1 : unlinkat(parent, name, AT_REMOVEDIR);
}

static int do_remove(int root, const struct value *a, struct buffer *out) {
  char name[NAME_MAX + 1];
  struct stat st;
  AUTO_FD parent = open_parent(root, a[0].text, name);
  if (parent < 0) return errno == ENOENT ? 0 : -1;
  return fstat(parent, &st) < 0 ? -1 : remove_below(parent, name, st.st_dev, MAX_DEPTH);
}

static int do_chown(int root, const struct value *a, struct buffer *out) {
  AUTO_FD place = open_below(root, a[0].text, O_PATH | O_NOFOLLOW, 0);
  return place < 0 ? -1 : fchownat(place, "", first_id + (uid_t)a[1].n, first_id + (gid_t)a[2].n, AT_EMPTY_PATH);
}

/* --- the list */
static const struct tree_def {
  const char *kinds;
  int (*act)(int root, const struct value *a, struct buffer *out);
} TABLE[] = {
  {"tu", do_read},     /* path, most bytes */
  {"tu", do_list},     /* path, most names */
  {"tu", do_stat},     /* path, follow */
  {"t", do_readlink},  /* path */
  {"tuuub", do_write}, /* path, mode, uid, gid, data */
  {"tu", do_mkdir},    /* path, mode */
  {"tt", do_symlink},  /* target, path */
  {"t", do_remove},    /* path */
  {"tuu", do_chown},   /* path, uid, gid */
};

struct tree_op {
  const struct tree_def *def;
  struct value args[MAX_ARGS];
};

static bool get_tree_op(struct reader *in, struct tree_op *op) {
  size_t code = get_u8(in);
  if (in->bad || code >= sizeof TABLE / sizeof *TABLE) return false;
  op->def = &TABLE[code];
  return get_values(in, op->def->kinds, op->args);
}

static void run_tree(int root, const struct tree_op *ops, uint16_t count, struct buffer *out) {
  put_u16(out, count);
  for (uint16_t i = 0; i < count; i++) {
    size_t mark = out->length;
    put_u8(out, 1);
    if (ops[i].def->act(root, ops[i].args, out) == 0) continue;
    const char *name = error_name(errno);
    out->length = mark;
    put_u8(out, 0);
    put_text(out, name);
  }
}

noreturn void tree_job(struct job *job) {
  struct failure why = {.stage = "tree", .op = "plan", .call = "parse", .error = EPROTO};
  struct buffer out = {0};
  const char *path = get_path(&job->in, false);
  uint16_t count = get_u16(&job->in);
  struct tree_op *ops = calloc((size_t)count + 1, sizeof *ops);
  bool good = ops && !job->in.bad;
  for (uint16_t i = 0; good && i < count; i++) good = get_tree_op(&job->in, &ops[i]);
  if (good && job->in.at < job->in.end) first_id = get_u32(&job->in);
  after_parse(job, good && job->in.at == job->in.end, &why);
  umask(0);
  if (first_id) prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP), setfsgid(first_id), setfsuid(first_id);
  AUTO_FD root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  why.op = "root";
  if (root < 0) failed(&why, "open", path), reply_failed(job, &why), _exit(0);
  run_tree(root, ops, count, &out);
  reply_done(job, &out);
  _exit(0);
}
