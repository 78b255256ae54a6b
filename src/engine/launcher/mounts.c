/* Operations on mounts that are detached, or of the node: made, mapped, sealed, attached; none of them in a container. */
#include "ops.h"

#include <linux/securebits.h>
#include <sched.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

int write_map(struct run *r, pid_t pid, const char *file, const void *map, size_t length) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
  return done_or(r, write_file(path, 0, map, length), "write", path);
}

static int map_userns(struct run *r, pid_t pid, const struct value *a) {
  char map[64], path[64];
  size_t length = (size_t)snprintf(map, sizeof map, "0 %u %u", (unsigned)a[1].n, (unsigned)a[2].n);
  snprintf(path, sizeof path, "/proc/%d/ns/user", pid);
  if (write_map(r, pid, "uid_map", map, length) < 0 || write_map(r, pid, "gid_map", map, length) < 0) return -1;
  return keep(r, a, open(path, O_RDONLY | O_CLOEXEC), "open", path);
}

/* The map is kept by a process that does nothing but live in the namespace until the namespace is ours. */
int do_userns(struct run *r, const struct value *a) {
  struct clone_args args = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
  pid_t self = getpid(), pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
  if (pid == 0 && die_with(self)) pause();
  if (pid == 0) _exit(0);
  int result = pid < 0 ? no(r, "clone3", "CLONE_NEWUSER") : map_userns(r, pid, a);
  if (pid > 0) kill(pid, SIGKILL), waitpid(pid, NULL, 0);
  return result;
}

static int clone_tree(struct run *r, const struct value *a, uint64_t resolve) {
  struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = resolve};
  AUTO_FD place = (int)syscall(SYS_openat2, AT_FDCWD, a[1].text, &how, sizeof how);
  if (place < 0) return no(r, "open_tree", a[1].text);
  int fd = open_tree(place, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (a[2].n ? AT_RECURSIVE : 0));
  if (keep(r, &a[0], fd, "open_tree", a[1].text) < 0) return -1;
  return r->deep[a[0].n] = a[2].n != 0, 0;
}

int do_clone_tree(struct run *r, const struct value *a) { return clone_tree(r, a, 0); }
/* Who writes in a directory above could have put a link there. */
int do_clone_source(struct run *r, const struct value *a) { return clone_tree(r, a, RESOLVE_NO_SYMLINKS); }

int on_node(struct run *r, const char *path, int flags) { return done_or(r, open(path, flags | O_CLOEXEC | O_NOCTTY), "open", path); }
int do_set_tree(struct run *r, const struct value *a) {
  struct mount_attr attr = {.attr_set = a[1].n, .attr_clr = a[2].n, .propagation = a[3].n};
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/user", r->child);
  AUTO_FD born = a[4].n == NEWBORN ? on_node(r, path, O_RDONLY) : -1;
  int mount = slot(r, &a[0]), ns = a[4].n == NO_SLOT ? 0 : a[4].n == NEWBORN ? born : slot(r, &a[4]);
  if (mount < 0 || ns < 0) return -1;
  if (a[4].n != NO_SLOT) attr.attr_set |= MOUNT_ATTR_IDMAP, attr.userns_fd = (uint64_t)ns;
  unsigned flags = AT_EMPTY_PATH | (r->deep[a[0].n] ? AT_RECURSIVE : 0);
  return done_or(r, mount_setattr(mount, "", flags, &attr, sizeof attr), "mount_setattr", "");
}

int do_attach(struct run *r, const struct value *a) {
  AUTO_FD target = on_node(r, a[1].text, O_PATH);
  return move_slot(r, &a[0], target, a[1].text);
}

/* The kernel says in the context's log what it did not like: the only place where it does. */
static int fs_failed(struct run *r, int fs, const char *call, const char *type, const char *what) {
  int error = errno;
  char text[512] = "", message[768];
  ssize_t n = fs < 0 ? -1 : read(fs, text, sizeof text - 1);
  if (n > 0) text[text[n - 1] == '\n' ? n - 1 : n] = 0;
  snprintf(message, sizeof message, "%s %s%s%s", type, what, n > 0 ? ": " : "", n > 0 ? text : "");
  return refuse(r, error, call, message);
}

static int set_option(int fs, char *option) {
  char key[64];
  const char *equals = strchr(option, '=');
  if (!equals) return fsconfig(fs, FSCONFIG_SET_FLAG, option, NULL, 0);
  snprintf(key, sizeof key, "%.*s", (int)(equals - option), option);
  return fsconfig(fs, FSCONFIG_SET_STRING, key, equals + 1, 0);
}

/* fsopen … fsmount; the detached mount, or -1 with why. */
int new_fs(struct run *r, const char *type, char **options, uint64_t attrs) {
  AUTO_FD fs = fsopen(type, FSOPEN_CLOEXEC);
  if (fs < 0) return no(r, "fsopen", type);
  for (char **o = options; o && *o; o++)
    if (set_option(fs, *o) < 0) return fs_failed(r, fs, "fsconfig", type, *o);
  if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0) return fs_failed(r, fs, "fsconfig", type, "create");
  int mount = fsmount(fs, FSMOUNT_CLOEXEC, (unsigned)attrs);
  return mount < 0 ? fs_failed(r, fs, "fsmount", type, "") : mount;
}

/* An overlay keeps the ids of its maker for its own work: they must be mapped in its layers. Capabilities stay by the securebit. */
static void work_as(uid_t id) {
  if (id) prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP);
  setfsgid(id);
  setfsuid(id);
  if (!id) prctl(PR_SET_SECUREBITS, 0);
}

int do_new_fs(struct run *r, const struct value *a) {
  if (a[4].n) work_as((uid_t)a[4].n);
  AUTO_FD mount = new_fs(r, a[1].text, a[2].list, a[3].n);
  if (a[4].n) work_as(0);
  return mount < 0 ? -1 : keep(r, &a[0], take_fd(&mount), "", "");
}

/* --- mounts made in a mount table that nobody else sees and that goes with the child that has it */
typedef int maker(struct run *r, const struct value *a, int room);

/* `room` is a tmpfs over everything and the child's directory. What `make` opens is ours: descriptors are shared, its number lies in shared memory. */
static noreturn void work_apart(struct run *r, const struct value *a, maker *make, struct words *words) {
  char *options[] = {"mode=700", "size=4k", "nr_inodes=4", NULL};
  int room = -1, top = -1;
  if (unshare(CLONE_NEWNS) < 0) no(r, "unshare", "CLONE_NEWNS");
  else if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) no(r, "mount", "/");
  else if ((top = open("/", O_PATH | O_CLOEXEC)) < 0) no(r, "open", "/");
  else if ((room = new_fs(r, "tmpfs", options, 0)) >= 0 && move_onto(r, room, &(bool){false}, top, "/") == 0) {
    /* Whose root is not the topmost one counts as chrooted, and makes no user namespace. */
    if (fchdir(room) < 0 || chroot(".") < 0) no(r, "chroot", "/");
    else words->ends[0] = make(r, a, room);
  }
  words->why = r->why;
  close_fd(&room), close_fd(&top); /* the table is not ours alone: nothing closes them with us */
  _exit(0);
}

static int apart(struct run *r, const struct value *a, maker *make) {
  struct words *words = new_words();
  struct clone_args args = {.flags = CLONE_FILES, .exit_signal = SIGCHLD};
  pid_t self = getpid(), pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
  if (pid == 0 && die_with(self)) work_apart(r, a, make, words);
  if (pid == 0) _exit(112);
  if (pid < 0) no(r, "clone3", "");
  else waitpid(pid, NULL, 0), r->why = words->why.error ? words->why : r->why;
  int made = words->ends[0];
  munmap(words, sizeof *words);
  return pid < 0 ? -1 : made >= 0 ? made : r->why.error ? -1 : refuse(r, ECHILD, "died", "");
}

/* The kernel locks the flags of what comes to a mount table of lesser rights, and of clones of it: without write permission, say, for good. */
static int make_sealed(struct run *r, const struct value *a, int room) {
  struct stat st;
  int mount = slot(r, a);
  if (mount < 0) return -1;
  if (fstat(mount, &st) < 0) return no(r, "fstat", "");
  AUTO_FD file = S_ISDIR(st.st_mode) ? -1 : openat(room, "it", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0 && mkdirat(room, "it", 0700) < 0) return no(r, "mkdirat", "");
  AUTO_FD spot = openat(room, "it", O_PATH | O_CLOEXEC);
  if (spot < 0) return no(r, "openat", "");
  if (move_onto(r, mount, &(bool){false}, spot, "") < 0) return -1;
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) return no(r, "unshare", "CLONE_NEWUSER");
  return done_or(r, open_tree(AT_FDCWD, "it", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (r->deep[a->n] ? AT_RECURSIVE : 0)), "open_tree", "");
}

int do_seal(struct run *r, const struct value *a) {
  bool deep = r->deep[a->n];
  int fd = apart(r, a, make_sealed);
  if (fd < 0 || keep(r, a, fd, "", "") < 0) return -1;
  return r->deep[a->n] = deep, 0;
}

/* On a file system of the node, where device nodes work; in none that anybody can get at by a path. */
static int make_device(struct run *r, const struct value *a, int room) {
  mode_t type = (mode_t)a[1].n & S_IFMT;
  if (type != S_IFCHR && type != S_IFBLK) return refuse(r, EINVAL, "mknodat", "");
  if (mknodat(room, "it", type, makedev((unsigned)(a[2].n >> 32), (unsigned)a[2].n)) < 0) return no(r, "mknodat", "");
  if (fchownat(room, "it", (uid_t)a[3].n, (gid_t)a[4].n, 0) < 0) return no(r, "fchownat", "");
  if (fchmodat(room, "it", (mode_t)a[1].n & 0777, 0) < 0) return no(r, "fchmodat", "");
  return done_or(r, open_tree(AT_FDCWD, "it", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC), "open_tree", "");
}

int do_device(struct run *r, const struct value *a) {
  int fd = apart(r, a, make_device);
  return fd < 0 ? -1 : keep(r, a, fd, "", "");
}

/* What a process of ours holds open, not what is mounted where: in a container anything may be. The process is seen to live after that was opened. */
int do_remount(struct run *r, const struct value *a) {
  char path[64];
  struct statfs st;
  AUTO_FD process = open_process((pid_t)a[0].n, a[1].n);
  if (process < 0) return no(r, "pidfd_open", "");
  snprintf(path, sizeof path, "/proc/%d/fd/%u", (pid_t)a[0].n, (unsigned)a[2].n);
  AUTO_FD at = on_node(r, path, O_PATH | O_DIRECTORY);
  if (at < 0) return -1;
  if (syscall(SYS_pidfd_send_signal, process, 0, NULL, 0) < 0) return no(r, "pidfd_send_signal", "");
  if (fstatfs(at, &st) < 0) return no(r, "fstatfs", path);
  if ((uint64_t)st.f_type != a[3].n) return refuse(r, EMEDIUMTYPE, "fstatfs", path);
  AUTO_FD fs = fspick(at, "", FSPICK_EMPTY_PATH | FSPICK_CLOEXEC);
  if (fs < 0) return no(r, "fspick", path);
  for (char **o = a[4].list; o && *o; o++)
    if (set_option(fs, *o) < 0) return fs_failed(r, fs, "fsconfig", path, *o);
  return fsconfig(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0) < 0 ? fs_failed(r, fs, "fsconfig", path, "reconfigure") : 0;
}
