/* Operations on cgroups of the node, v1 and v2: who is in one, and who ends with one. */
#include "ops.h"

#include <dirent.h>
#include <sys/resource.h>
#include <sys/vfs.h>

#define CGROUP1_MAGIC 0x27e0eb
#define CGROUP2_MAGIC 0x63677270
#define PATIENCE_MS 10000 /* what a killed cgroup may take to become empty */

/* Where version 1 has `tasks`, a thread that moves itself (0) takes no lock against forks: 0.02 ms. With cgroup.procs, or for somebody else, it does,
 * and the first to take it in half a second waits for a grace period of RCU: 7 ms. */
int do_join_cgroup(struct run *r, const struct value *a) {
  char path[PATH_MAX + 16];
  if (r->home && !strcmp(r->home, a->text)) return 0;
  snprintf(path, sizeof path, "%s/tasks", a->text);
  int result = write_file(path, 0, "0", 1);
  if (result < 0 && errno == ENOENT) snprintf(path, sizeof path, "%s/cgroup.procs", a->text), result = write_file(path, 0, "0", 1);
  return done_or(r, result, "write", path);
}

/* Opened by us, since rights are those of who opened; written by the newborn, see above. */
int do_attach_cgroup(struct run *r, const struct value *a) {
  char path[PATH_MAX + 16];
  snprintf(path, sizeof path, "%s/tasks", a->text);
  if (r->door_count == MAX_DOORS) return refuse(r, E2BIG, "open", path);
  int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return no(r, "open", path);
  return r->doors[r->door_count++] = fd, 0;
}

/* A cgroup directory, and nothing else: what follows removes and kills. */
int open_cgroup(int at, const char *path) {
  AUTO_FD fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  struct statfs fs;
  if (fd < 0 || fstatfs(fd, &fs) < 0) return -1;
  if (fs.f_type != CGROUP1_MAGIC && fs.f_type != CGROUP2_MAGIC) return errno = EINVAL, -1;
  return take_fd(&fd);
}

/* Calls visit for every directory below `dir`, deepest first. What is deeper than MAX_GROUPS_DEPTH, which only version 1 lets be, is refused. */
int each_group(int dir, int depth, int (*visit)(int parent, const char *name, void *with), void *with) {
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

int do_rm_cgroup(struct run *r, const struct value *a) {
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

int do_kill_cgroup(struct run *r, const struct value *a) {
  AUTO_FD dir = open_cgroup(AT_FDCWD, a->text);
  if (dir < 0) return errno == ENOENT ? 0 : no(r, "open", a->text);
  AUTO_FD kill = openat(dir, "cgroup.kill", O_WRONLY | O_CLOEXEC);
  if (kill < 0) return errno == ENOENT ? kill_by_pid(r, dir, a->text) : no(r, "open cgroup.kill", a->text);
  if (write(kill, "1", 1) != 1) return no(r, "write cgroup.kill", a->text);
  return wait_empty(r, dir, a->text);
}

/* --- a resource limit of all processes of a group */
struct bounds {
  int resource, error, changed;
  uid_t owner;
  rlim_t most, before; /* what they shall have at most; what who has most has now */
  bool raise;
};

/* Limits of processes in the namespaces of an owner are his to lower, whatever the rights of our root; with his ids nobody else can be meant, should a pid have been
 * given anew, or somebody be on his way in. To raise them takes CAP_SYS_RESOURCE on the node. */
static int limit_of(pid_t pid, const struct bounds *b, const struct rlimit *shall, struct rlimit *has) {
  if (b->raise) return prlimit(pid, b->resource, shall, has);
  if (setresuid(b->owner, b->owner, 0) < 0) return -1;
  int result = prlimit(pid, b->resource, shall, has), error = errno;
  return setresuid(0, 0, 0) < 0 ? -1 : (errno = error, result);
}

static int look_at(pid_t pid, struct bounds *b) {
  struct rlimit has;
  int result = limit_of(pid, b, NULL, &has);
  if (result == 0 && has.rlim_max > b->before) b->before = has.rlim_max;
  return result;
}

/* Who has more loses it. Who has as much as anybody is given more; who has less wants no more. */
static int bound_one(pid_t pid, struct bounds *b) {
  struct rlimit has;
  if (limit_of(pid, b, NULL, &has) < 0) return -1;
  if (b->raise ? has.rlim_max != b->before : has.rlim_max <= b->most) return 0;
  bool all = has.rlim_cur == has.rlim_max || has.rlim_cur > b->most;
  struct rlimit shall = {.rlim_cur = all ? b->most : has.rlim_cur, .rlim_max = b->most};
  int result = limit_of(pid, b, &shall, NULL);
  return b->changed += result == 0, result;
}

struct each_member {
  int (*visit)(pid_t pid, struct bounds *b);
  struct bounds *bounds;
};

static void each_member(int dir, const struct each_member *each) {
  struct bounds *b = each->bounds;
  FILE *list = open_procs(dir);
  for (pid_t pid; list && fscanf(list, "%d", &pid) == 1;)
    if (each->visit(pid, b) < 0 && errno != ESRCH && (b->raise || errno != EPERM)) b->error = errno;
  if (list) fclose(list);
}

static int each_member_of(int parent, const char *name, void *each) {
  AUTO_FD dir = open_cgroup(parent, name);
  if (dir >= 0) each_member(dir, each);
  return dir >= 0 || errno == ENOENT ? 0 : -1;
}

static int bound_all(int dir, struct bounds *b, int (*visit)(pid_t pid, struct bounds *b)) {
  struct each_member each = {visit, b};
  b->changed = 0;
  if (each_group(dir, MAX_GROUPS_DEPTH, each_member_of, &each) < 0) return -1;
  each_member(dir, &each);
  return b->error ? errno = b->error, -1 : 0;
}

/* A child has what its parent had when it began to be: the lists are gone through until nobody is found that has it still. */
int do_bound(struct run *r, const struct value *a) {
  struct bounds b = {.resource = (int)a[1].n, .most = a[2].n, .owner = (uid_t)a[3].n};
  struct rlimit own = {.rlim_cur = b.most, .rlim_max = b.most};
  if (!*a[0].text) return prlimit(r->child, b.resource, &own, NULL) < 0 && errno != EPERM ? no(r, "prlimit", "") : 0;
  AUTO_FD dir = open_cgroup(AT_FDCWD, a[0].text);
  if (dir < 0) return no(r, "open", a[0].text);
  int64_t deadline = now_ms(CLOCK_MONOTONIC) + PATIENCE_MS;
  if (bound_all(dir, &b, look_at) < 0) return no(r, "prlimit", a[0].text);
  b.raise = b.before < b.most;
  do {
    if (now_ms(CLOCK_MONOTONIC) > deadline) return refuse(r, ETIMEDOUT, "prlimit", a[0].text);
    if (bound_all(dir, &b, bound_one) < 0) return no(r, "prlimit", a[0].text);
  } while (b.changed > 0);
  return 0;
}
