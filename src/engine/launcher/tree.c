/* Operations below a root directory that belongs to a container: whatever lies in it is hostile. Paths are resolved by openat2 with RESOLVE_IN_ROOT,
 * names are used only together with the descriptor of their directory, and nothing is opened for reading before it is known to be a regular file. */
#include "protocol.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define MAX_DEPTH 1024 /* directories within each other that `remove` goes down */
#define MAX_READ (16u << 20)
#define MAX_NAMES 100000

enum { READ, LIST, STAT, READLINK, WRITE, MKDIR, SYMLINK, RENAME, CHMOD, REMOVE, KINDS };

struct tree_op {
  uint8_t kind;
  const char *path, *other; /* other: target of a link, new name */
  uint32_t number, uid, gid;
  struct bytes data;
};

/* --- looking */

/* A regular file, opened for reading without ever opening anything else: a fifo would block us, a device could do anything. */
static int open_regular(int root, const char *path, struct stat *st) {
  AUTO_FD place = open_below(root, path, O_PATH, 0);
  if (place < 0 || fstat(place, st) < 0) return -1;
  if (!S_ISREG(st->st_mode)) return errno = S_ISDIR(st->st_mode) ? EISDIR : ENODEV, -1;
  char self[64];
  snprintf(self, sizeof self, "/proc/self/fd/%d", place); /* the node's /proc: a tree job has not left its namespaces */
  return open(self, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

static int do_read(int root, const struct tree_op *op, struct buffer *out) {
  struct stat st;
  AUTO_FD fd = open_regular(root, op->path, &st);
  if (fd < 0) return -1;
  size_t most = op->number < MAX_READ ? op->number : MAX_READ, length = 0;
  AUTO_FREE uint8_t *data = malloc(most ? most : 1);
  if (!data) return -1;
  for (ssize_t n = 1; n > 0 && length < most; length += (size_t)(n > 0 ? n : 0)) {
    n = read(fd, data + length, most - length);
    if (n < 0 && errno != EINTR) return -1;
  }
  put_bytes(out, data, length);
  return 0;
}

static int do_list(int root, const struct tree_op *op, struct buffer *out) {
  AUTO_FD fd = open_below(root, op->path, O_RDONLY | O_DIRECTORY, 0);
  DIR *list = fd < 0 ? NULL : fdopendir(fd);
  if (!list) return -1;
  take_fd(&fd);
  uint32_t count = 0, most = op->number < MAX_NAMES ? op->number : MAX_NAMES;
  struct buffer names = {0};
  for (struct dirent *e; count < most && (e = readdir(list));) {
    if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")) continue;
    put_text(&names, e->d_name);
    count++;
  }
  closedir(list);
  put_u32(out, count);
  put_raw(out, names.data, names.length);
  free(names.data);
  return 0;
}

static int do_stat(int root, const struct tree_op *op, struct buffer *out) {
  struct stat st;
  AUTO_FD fd = open_below(root, op->path, O_PATH | (op->number ? 0 : O_NOFOLLOW), 0);
  if (fd < 0 || fstat(fd, &st) < 0) return -1;
  put_u8(out, S_ISREG(st.st_mode) ? 0 : S_ISDIR(st.st_mode) ? 1 : S_ISLNK(st.st_mode) ? 2 : 3);
  put_u32(out, st.st_mode & 07777);
  put_u32(out, st.st_uid);
  put_u32(out, st.st_gid);
  put_u64(out, (uint64_t)st.st_size);
  return 0;
}

static int do_readlink(int root, const struct tree_op *op, struct buffer *out) {
  char target[PATH_MAX];
  AUTO_FD fd = open_below(root, op->path, O_PATH | O_NOFOLLOW, 0);
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
    if (target[0] == '/') memcpy(where, target, (size_t)n + 1);
    else {
      size_t base = strlen(where);
      while (base > 0 && where[base - 1] == '/') base--;
      while (base > 0 && where[base - 1] != '/') base--;
      if (base + (size_t)n >= sizeof where) return errno = ENAMETOOLONG, -1;
      memcpy(where + base, target, (size_t)n + 1);
    }
  }
  errno = ELOOP;
  return -1;
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

static int do_write(int root, const struct tree_op *op) {
  char name[NAME_MAX + 1], temporary[NAME_MAX + 1];
  struct stat old;
  AUTO_FD parent = find_target(root, op->path, name);
  if (parent < 0) return -1;
  bool there = fstatat(parent, name, &old, AT_SYMLINK_NOFOLLOW) == 0;
  if (there && !S_ISREG(old.st_mode)) return errno = S_ISDIR(old.st_mode) ? EISDIR : ENODEV, -1;
  AUTO_FD fd = open_temporary(parent, temporary);
  if (fd < 0) return -1;
  uid_t uid = there ? old.st_uid : op->uid;
  gid_t gid = there ? old.st_gid : op->gid;
  mode_t mode = (there ? old.st_mode : op->number) & 07777;
  /* Owner before mode: a change of owner clears the setuid bit. */
  if (write_all(fd, op->data.at, op->data.length) == 0 && fchown(fd, uid, gid) == 0 && fchmod(fd, mode) == 0 && fsync(fd) == 0 &&
      renameat(parent, temporary, parent, name) == 0)
    return 0;
  int error = errno;
  unlinkat(parent, temporary, 0);
  errno = error;
  return -1;
}

static int do_mkdir(int root, const struct tree_op *op) {
  char name[NAME_MAX + 1];
  struct stat st;
  AUTO_FD parent = open_parent(root, op->path, name);
  if (parent < 0) return -1;
  if (mkdirat(parent, name, op->number & 07777) == 0) return 0;
  if (errno != EEXIST) return -1;
  AUTO_FD there = open_below(root, op->path, O_PATH | O_DIRECTORY, 0);
  if (there >= 0 && fstat(there, &st) == 0) return 0;
  errno = EEXIST;
  return -1;
}

static int do_symlink(int root, const struct tree_op *op) {
  char name[NAME_MAX + 1];
  AUTO_FD parent = open_parent(root, op->path, name);
  return parent < 0 ? -1 : symlinkat(op->other, parent, name);
}

static int do_rename(int root, const struct tree_op *op) {
  char from[NAME_MAX + 1], to[NAME_MAX + 1];
  AUTO_FD old = open_parent(root, op->path, from);
  if (old < 0) return -1;
  AUTO_FD new = open_parent(root, op->other, to);
  return new < 0 ? -1 : renameat(old, from, new, to);
}

static int do_chmod(int root, const struct tree_op *op) {
  struct stat st;
  char self[64];
  AUTO_FD place = open_below(root, op->path, O_PATH, 0);
  if (place < 0 || fstat(place, &st) < 0) return -1;
  if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) return errno = ENODEV, -1;
  snprintf(self, sizeof self, "/proc/self/fd/%d", place);
  return chmod(self, op->number & 07777);
}

/* Goes down without a descriptor kept for each level (a tree may be deeper than descriptors reach): back up by "..", which must be where we came
 * from. Nothing is followed, another file system is not entered. */
struct level {
  dev_t dev;
  ino_t ino;
};

static int open_directory(int at, const char *name, const struct stat *root) {
  struct stat st;
  AUTO_FD fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &st) < 0) return -1;
  if (st.st_dev != root->st_dev) return errno = EXDEV, -1;
  return take_fd(&fd);
}

/* Removes what is not a directory; the first directory that is still there goes into `name`. 1: there is one, 0: empty now, -1 failed. */
static int empty_files(int dir, char name[NAME_MAX + 1]) {
  int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *list = copy < 0 ? NULL : fdopendir(copy);
  if (!list) return close_fd(&copy), -1;
  int found = 0;
  for (struct dirent *e; found == 0 && (e = readdir(list));) {
    if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")) continue;
    if (unlinkat(dir, e->d_name, 0) == 0 || errno == ENOENT) continue;
    if (errno != EISDIR && errno != EPERM) found = -1;
    else if (unlinkat(dir, e->d_name, AT_REMOVEDIR) == 0) continue;
    else if (errno != ENOTEMPTY && errno != EEXIST) found = -1;
    else found = 1, snprintf(name, NAME_MAX + 1, "%s", e->d_name);
  }
  closedir(list);
  return found;
}

static int climb(int *dir, const struct level *expected) {
  struct stat st;
  AUTO_FD up = openat(*dir, "..", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (up < 0 || fstat(up, &st) < 0) return -1;
  if (st.st_dev != expected->dev || st.st_ino != expected->ino) return errno = ESTALE, -1; /* moved away under us */
  close_fd(dir);
  *dir = take_fd(&up);
  return 0;
}

static int empty_directory(int parent, const char *base) {
  static struct level levels[MAX_DEPTH];
  struct stat st;
  char name[NAME_MAX + 1];
  AUTO_FD dir = openat(parent, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (dir < 0 || fstat(dir, &st) < 0) return -1;
  for (int depth = 0;;) {
    int found = empty_files(dir, name);
    if (found < 0) return -1;
    if (found == 0 && depth == 0) return 0;
    if (found == 0) {
      if (climb(&dir, &levels[--depth]) < 0) return -1;
      continue;
    }
    if (depth == MAX_DEPTH) return errno = ELOOP, -1;
    struct stat here;
    if (fstat(dir, &here) < 0) return -1;
    levels[depth++] = (struct level){here.st_dev, here.st_ino};
    int sub = open_directory(dir, name, &st);
    if (sub < 0) return -1;
    close_fd(&dir);
    dir = sub;
  }
}

static int do_remove(int root, const struct tree_op *op) {
  char name[NAME_MAX + 1];
  AUTO_FD parent = open_parent(root, op->path, name);
  if (parent < 0) return errno == ENOENT ? 0 : -1;
  if (unlinkat(parent, name, 0) == 0 || errno == ENOENT) return 0;
  if (errno != EISDIR && errno != EPERM) return -1;
  if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT) return 0;
  if (errno != ENOTEMPTY && errno != EEXIST) return -1;
  return empty_directory(parent, name) < 0 ? -1 : unlinkat(parent, name, AT_REMOVEDIR);
}

/* --- the list */

static void get_tree_op(struct reader *in, struct tree_op *op) {
  *op = (struct tree_op){.kind = get_u8(in)};
  if (op->kind == SYMLINK) {
    op->other = get_text(in, PATH_MAX - 1);
    op->path = get_text(in, PATH_MAX - 1);
    return;
  }
  op->path = get_text(in, PATH_MAX - 1);
  switch (op->kind) {
    case READ:
    case LIST:
    case MKDIR:
    case CHMOD: op->number = get_u32(in); break;
    case STAT: op->number = get_u8(in); break;
    case RENAME: op->other = get_text(in, PATH_MAX - 1); break;
    case WRITE:
      op->number = get_u32(in);
      op->uid = get_u32(in);
      op->gid = get_u32(in);
      op->data = get_bytes(in, MAX_FRAME);
      break;
    case READLINK:
    case REMOVE: break;
    default: in->bad = true;
  }
}

static int do_op(int root, const struct tree_op *op, struct buffer *out) {
  switch (op->kind) {
    case READ: return do_read(root, op, out);
    case LIST: return do_list(root, op, out);
    case STAT: return do_stat(root, op, out);
    case READLINK: return do_readlink(root, op, out);
    case WRITE: return do_write(root, op);
    case MKDIR: return do_mkdir(root, op);
    case SYMLINK: return do_symlink(root, op);
    case RENAME: return do_rename(root, op);
    case CHMOD: return do_chmod(root, op);
    default: return do_remove(root, op);
  }
}

struct tree_plan {
  const char *root;
  uint16_t count;
  struct tree_op *ops;
};

static bool get_tree(struct reader *in, struct tree_plan *plan, struct failure *why) {
  plan->root = get_path(in, false);
  plan->count = get_u16(in);
  plan->ops = calloc((size_t)plan->count + 1, sizeof *plan->ops);
  if (!plan->ops) abort();
  for (uint16_t i = 0; i < plan->count && !in->bad; i++) get_tree_op(in, &plan->ops[i]);
  if (!in->bad && in->at == in->end) return true;
  *why = (struct failure){.stage = "tree", .op = "plan", .call = "parse", .error = EPROTO};
  return false;
}

bool tree_check(struct reader *in, struct failure *why) {
  struct tree_plan plan;
  bool good = get_tree(in, &plan, why);
  free(plan.ops);
  return good;
}

static void run_tree(int root, const struct tree_plan *plan, struct buffer *out) {
  put_u16(out, plan->count);
  for (uint16_t i = 0; i < plan->count; i++) {
    size_t mark = out->length;
    put_u8(out, 1);
    if (do_op(root, &plan->ops[i], out) == 0) continue;
    const char *name = strerrorname_np(errno);
    out->length = mark;
    put_u8(out, 0);
    put_text(out, name ? name : "EIO");
  }
}

noreturn void tree_job(struct job *job) {
  struct tree_plan plan;
  struct failure why = {0};
  struct buffer out = {0};
  umask(0);
  if (!get_tree(&job->in, &plan, &why)) {
    reply_failed(job->out, &why);
    _exit(0);
  }
  AUTO_FD root = open(plan.root, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) {
    why = (struct failure){.stage = "tree", .op = "root"};
    failed(&why, "open", plan.root);
    reply_failed(job->out, &why);
    _exit(0);
  }
  run_tree(root, &plan, &out);
  reply_done(job->out, &out);
  _exit(0);
}
