/* Operations inside a container: while it is born, and in one that runs, where whatever lies at a path is its own doing. */
#include "ops.h"

#include <linux/major.h>
#include <net/if.h>
#include <sys/sysmacros.h>

static int below(struct run *r, const char *path, uint64_t flags) {
  return r->root < 0 ? refuse(r, ENOTDIR, "root", path) : done_or(r, open_below(r->root, path, flags, 0), "openat2", path);
}
static int parent_of(struct run *r, const char *path, char name[NAME_MAX + 1]) {
  return r->root < 0 ? refuse(r, ENOTDIR, "root", path) : done_or(r, open_parent(r->root, path, name), "openat2", path);
}

int do_root(struct run *r, const struct value *a) {
  AUTO_FD target = on_node(r, a[1].text, O_PATH | O_DIRECTORY);
  if (move_slot(r, &a[0], target, a[1].text) < 0) return -1;
  return r->root = r->slots[a[0].n], 0;
}

int do_mount(struct run *r, const struct value *a) {
  bool placed = false;
  TRY_FD(target, below(r, a[1].text, O_PATH | O_DIRECTORY));
  AUTO_FD mount = new_fs(r, a[0].text, a[2].list, a[3].n);
  return mount < 0 ? -1 : move_onto(r, mount, &placed, target, a[1].text);
}

int do_place(struct run *r, const struct value *a) {
  AUTO_FD target = below(r, a[1].text, O_PATH);
  return move_slot(r, &a[0], target, a[1].text);
}

int do_dir(struct run *r, const struct value *a) {
  char name[NAME_MAX + 1];
  TRY_FD(parent, parent_of(r, a[0].text, name));
  if (mkdirat(parent, name, (mode_t)a[1].n & 07777) == 0) return 0;
  if (errno != EEXIST) return no(r, "mkdirat", a[0].text);
  TRY_FD(there, below(r, a[0].text, O_PATH | O_DIRECTORY)); /* what is there must be a directory, or a link to one that stays below the root */
  return 0;
}

int do_file(struct run *r, const struct value *a) {
  char name[NAME_MAX + 1];
  struct stat st;
  TRY_FD(parent, parent_of(r, a[0].text, name));
  AUTO_FD fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)a[1].n & 07777);
  if (fd >= 0) return 0;
  if (errno != EEXIST) return no(r, "openat", a[0].text);
  /* Whatever else it is, fifo or socket: it is never opened, only mounted over. */
  if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0) return no(r, "fstatat", a[0].text);
  if (S_ISDIR(st.st_mode)) return refuse(r, EISDIR, "openat", a[0].text);
  return S_ISLNK(st.st_mode) ? refuse(r, ELOOP, "openat", a[0].text) : 0;
}

int do_symlink(struct run *r, const struct value *a) {
  char name[NAME_MAX + 1], there[PATH_MAX];
  TRY_FD(parent, parent_of(r, a[1].text, name));
  if (symlinkat(a[0].text, parent, name) == 0) return 0;
  if (errno != EEXIST) return no(r, "symlinkat", a[1].text);
  size_t length = strlen(a[0].text);
  bool same = readlinkat(parent, name, there, sizeof there) == (ssize_t)length && !memcmp(there, a[0].text, length);
  return same ? 0 : refuse(r, EEXIST, "symlinkat", a[1].text);
}

int do_protect(struct run *r, const struct value *a) {
  struct mount_attr attr = {.attr_set = a[1].n};
  bool placed = false;
  AUTO_FD target = below(r, a[0].text, O_PATH);
  if (target < 0) return r->why.error == ENOENT ? 0 : -1;
  AUTO_FD tree = open_tree(target, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
  if (tree < 0) return no(r, "open_tree", a[0].text);
  if (mount_setattr(tree, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0) return no(r, "mount_setattr", a[0].text);
  return move_onto(r, tree, &placed, target, a[0].text);
}

static int mask_directory(struct run *r, int target, const char *path) {
  char *options[] = {"size=4k", "nr_inodes=2", "mode=555", NULL};
  if (r->empty < 0) r->empty = new_fs(r, "tmpfs", options, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
  return r->empty < 0 ? -1 : move_onto(r, r->empty, &r->empty_placed, target, path);
}

int do_mask(struct run *r, const struct value *a) {
  struct stat st;
  AUTO_FD target = below(r, a[0].text, O_PATH);
  if (target < 0) return r->why.error == ENOENT ? 0 : -1;
  if (fstat(target, &st) < 0) return no(r, "fstat", a[0].text);
  return S_ISDIR(st.st_mode) ? mask_directory(r, target, a[0].text) : move_slot(r, &a[1], target, a[0].text);
}

int do_pivot(struct run *r, const struct value *a) {
  if (r->root < 0) return refuse(r, ENOTDIR, "pivot_root", "/");
  if (fchdir(r->root) < 0) return no(r, "fchdir", "/");
  if (syscall(SYS_pivot_root, ".", ".") < 0) return no(r, "pivot_root", "/");
  /* Both roots now lie on each other at ".", the old one on top: taken off, with all the node's mounts below it. */
  if (umount2(".", MNT_DETACH) < 0) return no(r, "umount2", "/");
  if (chdir("/") < 0) return no(r, "chdir", "/");
  /* Whatever was moved in from the node: what is mounted on it from now on must not appear there. */
  if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0) return no(r, "mount", "/");
  /* What appears there later is to be seen in the mount namespaces that services have of their own. */
  if (mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) < 0) return no(r, "mount", "/");
  return r->rooted = true, 0;
}

int do_hostname(struct run *r, const struct value *a) { return done_or(r, sethostname(a->text, strlen(a->text)), "sethostname", a->text); }

int do_link_up(struct run *r, const struct value *a) {
  struct ifreq request = {0};
  if (strlen(a->text) >= sizeof request.ifr_name) return refuse(r, ENODEV, "ioctl SIOCSIFFLAGS", a->text);
  memcpy(request.ifr_name, a->text, strlen(a->text));
  AUTO_FD fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0); /* interface calls work on any socket; this kind every kernel has */
  if (fd < 0) return no(r, "socket", a->text);
  if (ioctl(fd, SIOCGIFFLAGS, &request) < 0) return no(r, "ioctl SIOCGIFFLAGS", a->text);
  request.ifr_flags |= IFF_UP;
  return done_or(r, ioctl(fd, SIOCSIFFLAGS, &request), "ioctl SIOCSIFFLAGS", a->text);
}

static struct tty *tty(struct run *r, uint64_t number) {
  for (uint32_t i = 0; i < r->tty_count; i++)
    if (r->ttys[i].number == number) return &r->ttys[i];
  refuse(r, ENODEV, "tty", "");
  return NULL;
}

/* The dead terminal of a lost keeper: its entry in devpts is gone, so nothing can be mounted over it. Done in the container's user namespace:
 * whatever could be put there to mislead us, we unmount nothing that its root could not. */
static int uncover_tty(struct run *r, const char *path) {
  char name[NAME_MAX + 1];
  struct stat st;
  TRY_FD(parent, parent_of(r, path, name));
  if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0) return no(r, "fstatat", path);
  if (!S_ISCHR(st.st_mode) || major(st.st_rdev) != UNIX98_PTY_SLAVE_MAJOR) return 0;
  if (fchdir(parent) < 0) return no(r, "fchdir", path);
  return done_or(r, umount2(name, MNT_DETACH | UMOUNT_NOFOLLOW), "umount2", path);
}

int do_tty_at(struct run *r, const struct value *a) {
  struct tty *t = tty(r, a[0].n);
  if (!t || uncover_tty(r, a[1].text) < 0) return -1;
  AUTO_FD target = below(r, a[1].text, O_PATH | O_NOFOLLOW);
  if (target < 0 || move_onto(r, t->mount, &t->placed, target, a[1].text) < 0) return -1;
  return t->path = a[1].text, 0;
}

/* The terminal by its name inside, so that ttyname(3) works there and no descriptor leads to a mount of the node; checked to be the same one. */
int do_stdio(struct run *r, const struct value *a) {
  struct stat want, have;
  struct tty *t = tty(r, a[0].n);
  if (!t || !t->path) return t ? refuse(r, ENOENT, "ttyAt", "") : -1;
  AUTO_FD fd = open_below(r->root, t->path, O_RDWR | O_NOCTTY | O_NONBLOCK, RESOLVE_NO_SYMLINKS);
  if (fd < 0) return no(r, "openat2", t->path);
  if (fstat(fd, &have) < 0 || fstat(t->slave, &want) < 0) return no(r, "fstat", t->path);
  if (have.st_rdev != want.st_rdev || have.st_dev != want.st_dev) return refuse(r, ENOTTY, "fstat", t->path);
  fcntl(fd, F_SETFL, O_RDWR);
  return dup2(fd, 0) < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0 ? no(r, "dup2", t->path) : 0;
}

/* --- places of a container that may be running, where whatever lies there is its own doing */
/* Goes down name by name and through no link. `last`: made of this type (S_IFDIR, S_IFREG) when it is missing, and directories above it; 0: not. */
static int walk(struct run *r, const char *path, mode_t last) {
  char name[NAME_MAX + 1];
  struct stat st;
  AUTO_FD at = r->root < 0 ? refuse(r, ENOTDIR, "root", path) : openat(r->root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  for (const char *from = path; at >= 0;) {
    from += strspn(from, "/");
    size_t length = strcspn(from, "/");
    if (length == 0) return take_fd(&at);
    if (length > NAME_MAX) return refuse(r, ENAMETOOLONG, "openat", path);
    snprintf(name, sizeof name, "%.*s", (int)length, from);
    from += length;
    bool is_last = from[strspn(from, "/")] == 0;
    AUTO_FD next = openat(at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (next < 0 && errno == ENOENT && last) {
      bool file = is_last && last == S_IFREG;
      AUTO_FD made = file ? openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644) : -1;
      if (file ? made < 0 : mkdirat(at, name, 0755) < 0) return no(r, file ? "openat" : "mkdirat", path);
      next = openat(at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    }
    if (next < 0) return no(r, "openat", path);
    if (fstat(next, &st) < 0) return no(r, "fstat", path);
    if (S_ISLNK(st.st_mode)) return refuse(r, ELOOP, "openat", path);
    if (is_last ? last && S_ISDIR(st.st_mode) != (last == S_IFDIR) : !S_ISDIR(st.st_mode))
      return refuse(r, S_ISDIR(st.st_mode) ? EISDIR : ENOTDIR, "openat", path);
    close_fd(&at);
    at = take_fd(&next);
  }
  return -1;
}

int do_cover(struct run *r, const struct value *a) {
  struct stat st;
  int mount = slot(r, &a[0]);
  if (mount < 0) return -1;
  if (fstat(mount, &st) < 0) return no(r, "fstat", a[1].text);
  TRY_FD(target, walk(r, a[1].text, S_ISDIR(st.st_mode) ? S_IFDIR : S_IFREG));
  return move_slot(r, &a[0], target, a[1].text);
}

/* The directory that holds the last name of a path; the path itself must not be the root. */
static int walk_to_parent(struct run *r, const char *path, char name[NAME_MAX + 1]) {
  char parent[PATH_MAX];
  const char *cut = strrchr(path, '/');
  if (!cut || !cut[1] || strlen(cut + 1) > NAME_MAX) return refuse(r, EINVAL, "openat", path);
  snprintf(name, NAME_MAX + 1, "%s", cut + 1);
  snprintf(parent, sizeof parent, "%.*s", (int)(cut - path), path);
  return walk(r, parent, 0);
}

/* Only the mount that was meant, by its id, for which no file system is asked; done with the container's own rights. */
int do_uncover(struct run *r, const struct value *a) {
  char name[NAME_MAX + 1];
  struct statx there;
  TRY_FD(parent, walk_to_parent(r, a[0].text, name));
  if (statx(parent, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, STATX_MNT_ID, &there) < 0) return no(r, "statx", a[0].text);
  if (!(there.stx_mask & STATX_MNT_ID) || there.stx_mnt_id != a[1].n) return refuse(r, ESTALE, "statx", a[0].text);
  if (fchdir(parent) < 0) return no(r, "fchdir", a[0].text);
  return done_or(r, umount2(name, (int)a[2].n | UMOUNT_NOFOLLOW), "umount2", a[0].text);
}

int do_unlink(struct run *r, const struct value *a) {
  char name[NAME_MAX + 1];
  TRY_FD(parent, walk_to_parent(r, a[0].text, name));
  return gone_or(r, unlinkat(parent, name, 0), "unlinkat", a[0].text);
}
