/* The operations: one table (code, name, places, arguments, action), the parser that checks a plan against it, the walk, and the actions.
 * An action knows nothing of the others; what one leaves for the next lies in struct run. */
#include "protocol.h"

#include <dirent.h>
#include <grp.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/major.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <net/if.h>
#include <sched.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#define CGROUP1_MAGIC 0x27e0eb
#define CGROUP2_MAGIC 0x63677270
#define MAX_GROUPS_DEPTH 64
#define PATIENCE_MS 10000 /* what a killed cgroup may take to become empty */

static int no(struct run *r, const char *call, const char *path) { return failed(&r->why, call, path); }
static int refuse(struct run *r, int error, const char *call, const char *path) { return errno = error, no(r, call, path); }
static int done_or(struct run *r, long result, const char *call, const char *path) { return result < 0 ? no(r, call, path) : (int)result; }
/* What is not there need not be taken away. */
static int gone_or(struct run *r, int result, const char *call, const char *path) { return result < 0 && errno != ENOENT ? no(r, call, path) : 0; }

/* --- slots */
static int slot(struct run *r, const struct value *v) {
  int fd = v->n < MAX_SLOTS ? r->slots[v->n] : -1;
  return fd < 0 ? refuse(r, EBADF, "slot", "") : fd;
}

static int keep(struct run *r, const struct value *v, int fd, const char *call, const char *path) {
  if (fd < 0) return no(r, call, path);
  close_fd(&r->slots[v->n]);
  r->slots[v->n] = fd;
  r->placed[v->n] = r->deep[v->n] = false;
  return 0;
}

/* Moves a detached mount onto an opened place. The second and later times a clone of it is moved: only an attached mount can be cloned. */
static int move_onto(struct run *r, int mount, bool *placed, int target, const char *path) {
  AUTO_FD clone = -1;
  if (*placed) {
    clone = open_tree(mount, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
    if (clone < 0) return no(r, "open_tree", path);
  }
  int from = *placed ? clone : mount;
  if (move_mount(from, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0) return no(r, "move_mount", path);
  return *placed = true, 0;
}

static int move_slot(struct run *r, const struct value *v, int target, const char *path) {
  int mount = target < 0 ? -1 : slot(r, v);
  return mount < 0 ? -1 : move_onto(r, mount, &r->placed[v->n], target, path);
}

/* --- files and control files of the node */
static int do_mkdir(struct run *r, const struct value *a) {
  struct stat st;
  int result = mkdir(a[0].text, (mode_t)a[1].n & 07777);
  return result < 0 && errno == EEXIST && stat(a[0].text, &st) == 0 && S_ISDIR(st.st_mode) ? 0 : done_or(r, result, "mkdir", a[0].text);
}

static int do_rmdir(struct run *r, const struct value *a) { return gone_or(r, rmdir(a->text), "rmdir", a->text); }
static int do_write(struct run *r, const struct value *a) {
  return done_or(r, write_file(a[0].text, O_TRUNC, a[1].bytes.at, a[1].bytes.length), "write", a[0].text);
}
static int do_chown(struct run *r, const struct value *a) {
  return done_or(r, lchown(a[0].text, (uid_t)a[1].n, (gid_t)a[2].n), "lchown", a[0].text);
}
static int do_umount(struct run *r, const struct value *a) {
  int result = umount2(a[0].text, (int)a[1].n | UMOUNT_NOFOLLOW);
  return result < 0 && errno == EINVAL ? 0 : gone_or(r, result, "umount2", a[0].text); /* EINVAL: nothing is mounted there */
}

/* --- cgroups */
/* Where version 1 has `tasks`, a thread that moves itself (0) takes no lock against forks: 0.02 ms. With cgroup.procs, or for somebody else, it does,
 * and the first to take it in half a second waits for a grace period of RCU: 7 ms. */
static int do_join_cgroup(struct run *r, const struct value *a) {
  char path[PATH_MAX + 16];
  if (r->home && !strcmp(r->home, a->text)) return 0;
  snprintf(path, sizeof path, "%s/tasks", a->text);
  int result = write_file(path, 0, "0", 1);
  if (result < 0 && errno == ENOENT) snprintf(path, sizeof path, "%s/cgroup.procs", a->text), result = write_file(path, 0, "0", 1);
  return done_or(r, result, "write", path);
}

/* Opened by us, since rights are those of who opened; written by the newborn, see above. */
static int do_attach_cgroup(struct run *r, const struct value *a) {
  char path[PATH_MAX + 16];
  snprintf(path, sizeof path, "%s/tasks", a->text);
  if (r->door_count == MAX_DOORS) return refuse(r, E2BIG, "open", path);
  int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return no(r, "open", path);
  return r->doors[r->door_count++] = fd, 0;
}

/* A cgroup directory, and nothing else: what follows removes and kills. */
static int open_cgroup(int at, const char *path) {
  AUTO_FD fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  struct statfs fs;
  if (fd < 0 || fstatfs(fd, &fs) < 0) return -1;
  if (fs.f_type != CGROUP1_MAGIC && fs.f_type != CGROUP2_MAGIC) return errno = EINVAL, -1;
  return take_fd(&fd);
}

/* Calls visit for every directory below `dir`, deepest first. What is deeper than MAX_GROUPS_DEPTH, which only version 1 lets be, is refused. */
static int each_group(int dir, int depth, int (*visit)(int parent, const char *name, void *with), void *with) {
  int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *list = copy < 0 ? NULL : fdopendir(copy);
  if (!list) return close_fd(&copy), -1;
  int result = 0;
  for (struct dirent *e; result == 0 && (e = readdir(list));) {
    if (e->d_type != DT_DIR || e->d_name[0] == '.') continue;
    AUTO_FD sub = open_cgroup(dir, e->d_name);
    if (sub < 0) result = errno == ENOENT ? 0 : -1;
    else if (depth == 0) result = (errno = ELOOP, -1);
    else result = each_group(sub, depth - 1, visit, with);
    if (result == 0) result = visit(dir, e->d_name, with);
  }
  closedir(list);
  return result;
}

/* A task leaves its cgroup a moment after its parent has seen it end; no hierarchy of version 1 tells when, so this one thing is tried again. */
static int remove_group(int parent, const char *name, void *deadline) {
  for (long pause_ns = 500000;; pause_ns = pause_ns < 20000000 ? pause_ns * 2 : pause_ns) {
    if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT) return 0;
    if (errno != EBUSY || now_ms(CLOCK_MONOTONIC) > *(int64_t *)deadline) return -1;
    nanosleep(&(struct timespec){.tv_nsec = pause_ns}, NULL);
  }
}

static int do_rm_cgroup(struct run *r, const struct value *a) {
  int64_t deadline = now_ms(CLOCK_MONOTONIC) + 2000;
  AUTO_FD dir = open_cgroup(AT_FDCWD, a->text);
  if (dir < 0) return errno == ENOENT ? 0 : no(r, "open", a->text);
  if (each_group(dir, MAX_GROUPS_DEPTH, remove_group, &deadline) < 0) return no(r, "rmdir", a->text);
  return done_or(r, remove_group(AT_FDCWD, a->text, &deadline), "rmdir", a->text);
}

struct hunt {
  int64_t deadline;
  int found, last; /* pidfd of the last that was killed */
};

static FILE *open_procs(int dir) {
  int fd = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
  return fd < 0 ? NULL : fdopen(fd, "r");
}

static bool has_member(int dir, pid_t pid) {
  FILE *list = open_procs(dir);
  pid_t member = 0;
  while (list && fscanf(list, "%d", &member) == 1 && member != pid) {}
  if (list) fclose(list);
  return member == pid;
}

/* A pid may be given anew between reading and opening: only who is still a member once the pidfd is open gets killed. */
static void kill_members(int dir, struct hunt *hunt) {
  FILE *list = open_procs(dir);
  for (pid_t pid; list && fscanf(list, "%d", &pid) == 1;) {
    AUTO_FD fd = pid > 1 && pid != getpid() ? pidfd_open(pid, 0) : -1;
    if (fd < 0 || !has_member(dir, pid)) continue;
    pidfd_send_signal(fd, SIGKILL, NULL, 0);
    hunt->found++;
    close_fd(&hunt->last);
    hunt->last = take_fd(&fd);
  }
  if (list) fclose(list);
}

static int kill_group(int parent, const char *name, void *with) {
  AUTO_FD dir = open_cgroup(parent, name);
  if (dir >= 0) kill_members(dir, with);
  return dir >= 0 || errno == ENOENT ? 0 : -1;
}

static int kill_by_pid(struct run *r, int dir, const char *path) {
  struct hunt hunt = {.deadline = now_ms(CLOCK_MONOTONIC) + PATIENCE_MS, .found = 1, .last = -1};
  while (hunt.found > 0) {
    int64_t left = hunt.deadline - now_ms(CLOCK_MONOTONIC);
    if (left <= 0) return close_fd(&hunt.last), refuse(r, ETIMEDOUT, "kill", path);
    if (hunt.last >= 0) poll(&(struct pollfd){.fd = hunt.last, .events = POLLIN}, 1, (int)left);
    hunt.found = 0;
    if (each_group(dir, MAX_GROUPS_DEPTH, kill_group, &hunt) < 0) return no(r, "kill", path);
    kill_members(dir, &hunt);
  }
  close_fd(&hunt.last);
  return 0;
}

static int wait_empty(struct run *r, int dir, const char *path) {
  int64_t deadline = now_ms(CLOCK_MONOTONIC) + PATIENCE_MS;
  AUTO_FD events = openat(dir, "cgroup.events", O_RDONLY | O_CLOEXEC);
  if (events < 0) return no(r, "open cgroup.events", path);
  for (;;) {
    char text[256] = "";
    ssize_t n = pread(events, text, sizeof text - 1, 0);
    if (n < 0) return errno == ENODEV ? 0 : no(r, "read cgroup.events", path);
    if (strstr(text, "populated 0")) return 0;
    int64_t left = deadline - now_ms(CLOCK_MONOTONIC);
    if (left <= 0) return refuse(r, ETIMEDOUT, "cgroup.kill", path);
    poll(&(struct pollfd){.fd = events, .events = POLLPRI}, 1, (int)left);
  }
}

static int do_kill_cgroup(struct run *r, const struct value *a) {
  AUTO_FD dir = open_cgroup(AT_FDCWD, a->text);
  if (dir < 0) return errno == ENOENT ? 0 : no(r, "open", a->text);
  AUTO_FD kill = openat(dir, "cgroup.kill", O_WRONLY | O_CLOEXEC);
  if (kill < 0) return errno == ENOENT ? kill_by_pid(r, dir, a->text) : no(r, "open cgroup.kill", a->text);
  if (write(kill, "1", 1) != 1) return no(r, "write cgroup.kill", a->text);
  return wait_empty(r, dir, a->text);
}

static int bpf(int command, union bpf_attr *attr) { return (int)syscall(SYS_bpf, command, attr, sizeof *attr); }

/* The program that we attached before, -1: none. Nobody else attaches any to this directory; it stays root's. */
static int attached_program(int dir) {
  uint32_t id = 0;
  union bpf_attr query = {.query = {.target_fd = (uint32_t)dir, .attach_type = BPF_CGROUP_DEVICE, .prog_ids = (uintptr_t)&id, .prog_cnt = 1}};
  if (bpf(BPF_PROG_QUERY, &query) < 0 || query.query.prog_cnt != 1) return -1;
  return bpf(BPF_PROG_GET_FD_BY_ID, &(union bpf_attr){.prog_id = id});
}

/* Attached programs live as long as their cgroup; several may sit on one path to the root, and all must agree. One that is there already is replaced
 * in one step: at no time is there none. */
static int do_bpf_device(struct run *r, const struct value *a) {
  union bpf_attr attr;
  AUTO_FD dir = open_cgroup(AT_FDCWD, a[0].text);
  if (dir < 0) return no(r, "open", a[0].text);
  memset(&attr, 0, sizeof attr);
  attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attr.insns = (uintptr_t)a[1].bytes.at;
  attr.insn_cnt = a[1].bytes.length / sizeof(struct bpf_insn);
  attr.license = (uintptr_t)"MIT";
  AUTO_FD program = bpf(BPF_PROG_LOAD, &attr);
  if (program < 0) return no(r, "bpf BPF_PROG_LOAD", a[0].text);
  memset(&attr, 0, sizeof attr);
  attr.target_fd = (uint32_t)dir;
  attr.attach_bpf_fd = (uint32_t)program;
  attr.attach_type = BPF_CGROUP_DEVICE;
  AUTO_FD before = attached_program(dir);
  attr.attach_flags = BPF_F_ALLOW_MULTI | (before < 0 ? 0 : BPF_F_REPLACE);
  attr.replace_bpf_fd = (uint32_t)(before < 0 ? 0 : before);
  return done_or(r, bpf(BPF_PROG_ATTACH, &attr), "bpf BPF_PROG_ATTACH", a[0].text);
}

/* --- mounts of the node */
static int write_map(struct run *r, pid_t pid, const char *file, const void *map, size_t length) {
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
static int do_userns(struct run *r, const struct value *a) {
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

static int do_clone_tree(struct run *r, const struct value *a) { return clone_tree(r, a, 0); }
/* Who writes in a directory above could have put a link there. */
static int do_clone_source(struct run *r, const struct value *a) { return clone_tree(r, a, RESOLVE_NO_SYMLINKS); }

static int on_node(struct run *r, const char *path, int flags) { return done_or(r, open(path, flags | O_CLOEXEC | O_NOCTTY), "open", path); }
static int do_set_tree(struct run *r, const struct value *a) {
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

static int do_attach(struct run *r, const struct value *a) {
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
static int new_fs(struct run *r, const char *type, char **options, uint64_t attrs) {
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

static int do_new_fs(struct run *r, const struct value *a) {
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

static int do_seal(struct run *r, const struct value *a) {
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

static int do_device(struct run *r, const struct value *a) {
  int fd = apart(r, a, make_device);
  return fd < 0 ? -1 : keep(r, a, fd, "", "");
}

/* The process is seen to live after its root was opened: then the root is its own. What lies at the path may be anything of the container's, hence the magic. */
static int do_remount(struct run *r, const struct value *a) {
  char path[64];
  struct statfs st;
  AUTO_FD process = open_process((pid_t)a[0].n, a[1].n);
  if (process < 0) return no(r, "pidfd_open", "");
  snprintf(path, sizeof path, "/proc/%d/root", (pid_t)a[0].n);
  AUTO_FD root = on_node(r, path, O_PATH | O_DIRECTORY);
  if (root < 0) return -1;
  if (syscall(SYS_pidfd_send_signal, process, 0, NULL, 0) < 0) return no(r, "pidfd_send_signal", "");
  AUTO_FD at = open_below(root, a[2].text, O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
  if (at < 0) return no(r, "openat2", a[2].text);
  if (fstatfs(at, &st) < 0) return no(r, "fstatfs", a[2].text);
  if ((uint64_t)st.f_type != a[3].n) return refuse(r, EMEDIUMTYPE, "fstatfs", a[2].text);
  AUTO_FD fs = fspick(at, "", FSPICK_EMPTY_PATH | FSPICK_CLOEXEC);
  if (fs < 0) return no(r, "fspick", a[2].text);
  for (char **o = a[4].list; o && *o; o++)
    if (set_option(fs, *o) < 0) return fs_failed(r, fs, "fsconfig", a[2].text, *o);
  return fsconfig(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0) < 0 ? fs_failed(r, fs, "fsconfig", a[2].text, "reconfigure") : 0;
}

/* --- between birth and go */
static int do_idmap(struct run *r, const struct value *a) {
  if (write_map(r, r->child, "uid_map", a[0].text, strlen(a[0].text)) < 0) return -1;
  return write_map(r, r->child, "gid_map", a[1].text, strlen(a[1].text));
}

static int do_note_pid(struct run *r, const struct value *a) {
  char text[64];
  int n = snprintf(text, sizeof text, "%d %llu\n", r->child, (unsigned long long)start_time(r->child));
  if (write_file(a->text, O_CREAT | O_TRUNC, text, (size_t)n) == 0) return r->noted = a->text, 0;
  no(r, "write", a->text);
  return unlink(a->text), -1;
}

/* --- inside */
static int below(struct run *r, const char *path, uint64_t flags) {
  return r->root < 0 ? refuse(r, ENOTDIR, "root", path) : done_or(r, open_below(r->root, path, flags, 0), "openat2", path);
}
static int parent_of(struct run *r, const char *path, char name[NAME_MAX + 1]) {
  return r->root < 0 ? refuse(r, ENOTDIR, "root", path) : done_or(r, open_parent(r->root, path, name), "openat2", path);
}

static int do_root(struct run *r, const struct value *a) {
  AUTO_FD target = on_node(r, a[1].text, O_PATH | O_DIRECTORY);
  if (move_slot(r, &a[0], target, a[1].text) < 0) return -1;
  return r->root = r->slots[a[0].n], 0;
}

static int do_mount(struct run *r, const struct value *a) {
  bool placed = false;
  TRY_FD(target, below(r, a[1].text, O_PATH | O_DIRECTORY));
  AUTO_FD mount = new_fs(r, a[0].text, a[2].list, a[3].n);
  return mount < 0 ? -1 : move_onto(r, mount, &placed, target, a[1].text);
}

static int do_place(struct run *r, const struct value *a) {
  AUTO_FD target = below(r, a[1].text, O_PATH);
  return move_slot(r, &a[0], target, a[1].text);
}

static int do_dir(struct run *r, const struct value *a) {
  char name[NAME_MAX + 1];
  TRY_FD(parent, parent_of(r, a[0].text, name));
  if (mkdirat(parent, name, (mode_t)a[1].n & 07777) == 0) return 0;
  if (errno != EEXIST) return no(r, "mkdirat", a[0].text);
  TRY_FD(there, below(r, a[0].text, O_PATH | O_DIRECTORY)); /* what is there must be a directory, or a link to one that stays below the root */
  return 0;
}

static int do_file(struct run *r, const struct value *a) {
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

static int do_symlink(struct run *r, const struct value *a) {
  char name[NAME_MAX + 1], there[PATH_MAX];
  TRY_FD(parent, parent_of(r, a[1].text, name));
  if (symlinkat(a[0].text, parent, name) == 0) return 0;
  if (errno != EEXIST) return no(r, "symlinkat", a[1].text);
  size_t length = strlen(a[0].text);
  bool same = readlinkat(parent, name, there, sizeof there) == (ssize_t)length && !memcmp(there, a[0].text, length);
  return same ? 0 : refuse(r, EEXIST, "symlinkat", a[1].text);
}

static int do_protect(struct run *r, const struct value *a) {
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

static int do_mask(struct run *r, const struct value *a) {
  struct stat st;
  AUTO_FD target = below(r, a[0].text, O_PATH);
  if (target < 0) return r->why.error == ENOENT ? 0 : -1;
  if (fstat(target, &st) < 0) return no(r, "fstat", a[0].text);
  return S_ISDIR(st.st_mode) ? mask_directory(r, target, a[0].text) : move_slot(r, &a[1], target, a[0].text);
}

static int do_pivot(struct run *r, const struct value *a) {
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

static int do_hostname(struct run *r, const struct value *a) { return done_or(r, sethostname(a->text, strlen(a->text)), "sethostname", a->text); }

static int do_link_up(struct run *r, const struct value *a) {
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

static int do_tty_at(struct run *r, const struct value *a) {
  struct tty *t = tty(r, a[0].n);
  if (!t || uncover_tty(r, a[1].text) < 0) return -1;
  AUTO_FD target = below(r, a[1].text, O_PATH | O_NOFOLLOW);
  if (target < 0 || move_onto(r, t->mount, &t->placed, target, a[1].text) < 0) return -1;
  return t->path = a[1].text, 0;
}

/* The terminal by its name inside, so that ttyname(3) works there and no descriptor leads to a mount of the node; checked to be the same one. */
static int do_stdio(struct run *r, const struct value *a) {
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

static int do_cover(struct run *r, const struct value *a) {
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
static int do_uncover(struct run *r, const struct value *a) {
  char name[NAME_MAX + 1];
  struct statx there;
  TRY_FD(parent, walk_to_parent(r, a[0].text, name));
  if (statx(parent, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, STATX_MNT_ID, &there) < 0) return no(r, "statx", a[0].text);
  if (!(there.stx_mask & STATX_MNT_ID) || there.stx_mnt_id != a[1].n) return refuse(r, ESTALE, "statx", a[0].text);
  if (fchdir(parent) < 0) return no(r, "fchdir", a[0].text);
  return done_or(r, umount2(name, (int)a[2].n | UMOUNT_NOFOLLOW), "umount2", a[0].text);
}

static int do_unlink(struct run *r, const struct value *a) {
  char name[NAME_MAX + 1];
  TRY_FD(parent, walk_to_parent(r, a[0].text, name));
  return gone_or(r, unlinkat(parent, name, 0), "unlinkat", a[0].text);
}

/* --- what the process is */
static int do_rlimit(struct run *r, const struct value *a) {
  struct rlimit now, want = {.rlim_cur = a[1].n, .rlim_max = a[2].n};
  if (getrlimit((int)a[0].n, &now) < 0) return no(r, "getrlimit", "");
  if (want.rlim_max > now.rlim_max) want.rlim_max = now.rlim_max; /* raising it needs CAP_SYS_RESOURCE on the node */
  if (want.rlim_cur > want.rlim_max) want.rlim_cur = want.rlim_max;
  return done_or(r, setrlimit((int)a[0].n, &want), "setrlimit", "");
}

static int do_caps(struct run *r, const struct value *a) {
  uint64_t keep = 0;
  for (int cap = 0; cap < 64; cap++) {
    int has = prctl(PR_CAPBSET_READ, cap);
    if (has < 0) break; /* past the last one that this kernel knows */
    if (a->n >> cap & 1) keep |= (uint64_t)has << cap;
    else if (has && prctl(PR_CAPBSET_DROP, cap) < 0) return no(r, "prctl PR_CAPBSET_DROP", "");
  }
  struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct sets[2];
  for (int i = 0; i < 2; i++) sets[i].effective = sets[i].permitted = sets[i].inheritable = (uint32_t)(keep >> (32 * i));
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0) return no(r, "prctl PR_CAP_AMBIENT", "");
  return done_or(r, syscall(SYS_capset, &head, sets), "capset", "");
}

static int do_seccomp(struct run *r, const struct value *a) {
  size_t count = a->bytes.length / sizeof(struct sock_filter);
  if (count == 0 || count > BPF_MAXINSNS || a->bytes.length % sizeof(struct sock_filter)) return refuse(r, EINVAL, "seccomp", "");
  struct sock_fprog program = {.len = (unsigned short)count, .filter = (void *)(uintptr_t)a->bytes.at};
  return done_or(r, syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), "seccomp", "");
}

static int do_cwd(struct run *r, const struct value *a) {
  return r->rooted ? done_or(r, chdir(a->text), "chdir", a->text) : refuse(r, EPERM, "chdir", a->text);
}

static int do_exec(struct run *r, const struct value *a) {
  if (!r->rooted) return refuse(r, EPERM, "execve", "");
  umask(022);
  prctl(PR_SET_PDEATHSIG, 0);
  reset_signals();
  if (r->words) r->words->executing = true;
  refuse(r, ENOENT, "execve", a[0].list[0] ? a[0].list[0] : "");
  char **argv = a[1].list, *given = argv[0], name[NAME_MAX + 2] = "-";
  for (char **file = a[0].list; *file; file++) {
    /* Programs such as busybox look at the name that they are called by, so a list of shells cannot share one. */
    const char *base = strrchr(*file, '/');
    if (!base) continue;
    if (given && (*given == 0 || !strcmp(given, "-"))) {
      snprintf(name + 1, sizeof name - 1, "%s", base + 1);
      argv[0] = *given ? name : name + 1;
    }
    execve(*file, argv, a[2].list);
    if (errno != ENOENT && r->why.error == ENOENT) no(r, "execve", *file); /* the first that is there but cannot be executed tells more than the next that is not */
  }
  return -1;
}

/* --- the table */
static const struct op_def TABLE[] = {
  {1, "mkdir", NODE, "pu", {"path", "mode"}, do_mkdir},
  {2, "rmdir", NODE, "p", {"path"}, do_rmdir},
  {4, "write", NODE | BORN | INSIDE | ENTER, "pb", {"path", "data"}, do_write},
  {5, "chown", NODE, "puu", {"path", "uid", "gid"}, do_chown},
  {6, "umount", NODE, "pu", {"path", "flags"}, do_umount},
  {7, "joinCgroup", NODE | ENTER, "p", {"path"}, do_join_cgroup},
  {8, "rmCgroup", NODE, "p", {"path"}, do_rm_cgroup},
  {9, "killCgroup", NODE, "p", {"path"}, do_kill_cgroup},
  {10, "bpfDevice", NODE, "pb", {"path", "program"}, do_bpf_device},
  {11, "attachCgroup", NODE, "p", {"path"}, do_attach_cgroup},
  {16, "userns", NODE, "suu", {"slot", "base", "count"}, do_userns},
  {17, "cloneTree", NODE, "spu", {"slot", "path", "recursive"}, do_clone_tree},
  {18, "setTree", NODE | BORN, "sqqqo", {"slot", "set", "clear", "propagation", "userns"}, do_set_tree},
  {19, "attach", NODE, "sp", {"slot", "path"}, do_attach},
  {20, "newFs", NODE, "stlqu", {"slot", "type", "options", "attrs", "fsuid"}, do_new_fs},
  {21, "seal", NODE, "s", {"slot"}, do_seal},
  {22, "device", NODE, "suquu", {"slot", "mode", "device", "uid", "gid"}, do_device},
  {23, "remount", NODE, "uqpql", {"pid", "startTime", "path", "magic", "options"}, do_remount},
  {24, "cloneSource", NODE, "spu", {"slot", "path", "recursive"}, do_clone_source},
  {32, "idmap", BORN, "tt", {"uids", "gids"}, do_idmap},
  {34, "notePid", BORN, "p", {"path"}, do_note_pid},
  {48, "root", INSIDE, "sp", {"slot", "path"}, do_root},
  {49, "mount", INSIDE, "tplq", {"type", "path", "options", "attrs"}, do_mount},
  {50, "place", INSIDE, "sp", {"slot", "path"}, do_place},
  {51, "dir", INSIDE, "pu", {"path", "mode"}, do_dir},
  {52, "file", INSIDE, "pu", {"path", "mode"}, do_file},
  {53, "symlink", INSIDE, "tp", {"target", "path"}, do_symlink},
  {54, "protect", INSIDE, "pq", {"path", "attrs"}, do_protect},
  {55, "mask", INSIDE, "ps", {"path", "slot"}, do_mask},
  {57, "pivot", INSIDE, "", {NULL}, do_pivot},
  {58, "hostname", INSIDE, "t", {"name"}, do_hostname},
  {59, "linkUp", INSIDE, "t", {"name"}, do_link_up},
  {60, "ttyAt", INSIDE | VISIT, "up", {"tty", "path"}, do_tty_at},
  {61, "stdio", INSIDE, "u", {"tty"}, do_stdio},
  {62, "cover", INSIDE | VISIT, "sp", {"slot", "path"}, do_cover},
  {63, "uncover", VISIT, "puu", {"path", "mount", "flags"}, do_uncover},
  {64, "unlink", VISIT, "p", {"path"}, do_unlink},
  {80, "rlimit", INSIDE | ENTER, "uqq", {"resource", "soft", "hard"}, do_rlimit},
  {81, "caps", INSIDE | ENTER, "q", {"keep"}, do_caps},
  {82, "seccomp", INSIDE | ENTER, "b", {"program"}, do_seccomp},
  {84, "cwd", INSIDE | ENTER, "p", {"path"}, do_cwd},
  {85, "exec", INSIDE | ENTER, "lll", {"files", "argv", "env"}, do_exec},
};
#define TABLE_END (TABLE + sizeof TABLE / sizeof *TABLE)

void print_ops(void) {
  static const char *const places[] = {"node", "born", "inside", "enter", "visit"};
  static const char *const kinds[128] = {['p'] = "path", ['t'] = "text", ['u'] = "u32", ['q'] = "u64", ['b'] = "bytes", ['l'] = "list", ['s'] = "slot", ['o'] = "slot"};
  for (const struct op_def *d = TABLE; d < TABLE_END; d++) {
    printf("%u %s", d->code, d->name);
    for (int p = 0; p < 5; p++)
      if (d->places >> p & 1) printf(" @%s", places[p]);
    for (int i = 0; d->kinds[i]; i++) printf(" %s:%s", d->names[i], kinds[(unsigned char)d->kinds[i]]);
    putchar('\n');
  }
}

/* --- parsing */
bool get_values(struct reader *in, const char *kinds, struct value *v) {
  for (; *kinds && !in->bad; kinds++, v++) switch (*kinds) {
      case 'p': v->text = get_path(in, false); break;
      case 't': v->text = get_text(in, PATH_MAX - 1); break;
      case 'u': v->n = get_u32(in); break;
      case 'q': v->n = get_u64(in); break;
      case 'b': v->bytes = get_bytes(in, MAX_FRAME); break;
      case 'l': v->list = get_list(in); break;
      default:
        v->n = get_u8(in);
        if (v->n >= MAX_SLOTS && !(*kinds == 'o' && v->n >= NEWBORN)) in->bad = true;
    }
  return !in->bad;
}

static bool get_op(struct reader *in, struct op *op, enum place place) {
  uint16_t code = get_u16(in);
  struct bytes body = get_bytes(in, MAX_FRAME);
  struct reader args = {.at = body.at, .end = body.at + body.length};
  for (const struct op_def *d = TABLE; d < TABLE_END; d++)
    if (d->code == code && d->places & place) op->def = d;
  return op->def && !in->bad && get_values(&args, op->def->kinds, op->args) && args.at == args.end;
}

bool get_ops(struct reader *in, struct ops *ops, enum place place, const char *stage, struct failure *why) {
  uint32_t count = get_u16(in);
  ops->count = 0;
  ops->list = calloc(count ? count : 1, sizeof *ops->list);
  if (!ops->list) abort();
  while (!in->bad && ops->count < count) in->bad = !get_op(in, &ops->list[ops->count], place) || !++ops->count;
  if (!in->bad) return true;
  const struct op_def *def = ops->count < count ? ops->list[ops->count].def : NULL;
  *why = (struct failure){.stage = stage, .index = ops->count, .op = def ? def->name : "unknown", .call = "parse", .error = EPROTO};
  return false;
}

bool ends_in_exec(const struct ops *ops) { return ops->count > 0 && ops->list[ops->count - 1].def->act == do_exec; }

/* --- the walk */
void run_init(struct run *r) {
  memset(r, 0, sizeof *r);
  memset(r->slots, 0xff, sizeof r->slots);
  r->root = r->empty = r->stop = -1;
}

void run_close(struct run *r) {
  for (int i = 0; i < MAX_SLOTS; i++) close_fd(&r->slots[i]);
  while (r->door_count > 0) close_fd(&r->doors[--r->door_count]);
  close_fd(&r->empty);
}

int run_ops(struct run *r, const struct ops *ops, const char *stage) {
  for (uint32_t i = 0; i < ops->count; i++) {
    r->why = (struct failure){.stage = stage, .index = i, .op = ops->list[i].def->name};
    if (ops->list[i].def->act(r, ops->list[i].args) < 0) return -1;
    if (r->stop >= 0 && poll(&(struct pollfd){.fd = r->stop, .events = POLLIN}, 1, 0) > 0) return refuse(r, ECANCELED, "cancel", "");
  }
  return 0;
}

/* In the mount namespace of a running container, with its root's rights, unseen by its processes. */
int go_visit(struct run *r, int pidfd) {
  r->why.op = "join";
  if (setns(pidfd, CLONE_NEWUSER | CLONE_NEWNS) < 0) return no(r, "setns", "");
  /* Its own ids, so that what is made belongs to its root. */
  if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0) return no(r, "setresuid", "");
  prctl(PR_SET_DUMPABLE, 0); /* a change of ids sets both as fs.suid_dumpable and nobody say */
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return r->root = on_node(r, "/", O_PATH | O_DIRECTORY), r->root < 0 ? -1 : 0;
}

noreturn void host_job(struct job *job) {
  struct run r;
  struct ops ops, inside = {0};
  run_init(&r);
  bool visits = job->kind == REQ_VISIT;
  pid_t pid = visits ? (pid_t)get_u32(&job->in) : 0;
  uint64_t started = visits ? get_u64(&job->in) : 0;
  bool good = get_ops(&job->in, &ops, NODE, "host", &r.why) && (!visits || get_ops(&job->in, &inside, VISIT, "visit", &r.why));
  after_parse(job, good, &r.why);
  r.why = (struct failure){.stage = "visit", .op = "init"};
  AUTO_FD pidfd = visits ? open_process(pid, started) : -1;
  bool failed = visits && pidfd < 0 && no(&r, "pidfd_open", "") < 0;
  failed = failed || run_ops(&r, &ops, "host") < 0;
  r.why = failed ? r.why : (struct failure){.stage = "visit", .op = "join"};
  if (failed || (visits && go_visit(&r, pidfd) < 0) || run_ops(&r, &inside, "visit") < 0) reply_failed(job, &r.why);
  else reply_done(job, &(struct buffer){0});
  _exit(0);
}
