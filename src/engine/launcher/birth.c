/* Birth of a container and adoption of one whose keeper was lost: the order of steps, and that a failure at any of them leaves nothing half-made.
 *
 *   server            keeper-to-be               midwife            newborn
 *     | fork ---------> |
 *     |                 | prepare, lease, terminals, socket
 *     |                 | fork ---------------> |
 *     |                 |                       | become, clone3 ---> | waits at the gate, as the keeper-to-be's child
 *     |                 | born (id map, cgroups)                      |
 *     |                 | gate: one byte ---------------------------> | inside, exec
 *     |                 | <-- end of a close-on-exec pipe, last words in shared memory
 *     | <--- reply ---- | grows old as keeper
 *
 * Adoption: instead of a newborn a visitor joins the container for a moment and puts the new terminals in place.
 * Server dies before the gate is opened: the keeper-to-be is killed by PR_SET_PDEATHSIG, and the newborn with it (the gate reads end of file).
 * Keeper-to-be dies after that: the newborn is killed by PR_SET_PDEATHSIG until it executes. Cancelling is SIGTERM, looked at between operations. */
#include "protocol.h"

#include <grp.h>
#include <linux/keyctl.h>
#include <linux/securebits.h>
#include <sched.h>
#include <sys/resource.h>

struct plan {
  bool adopt;
  uint64_t flags, sigpending;
  uint32_t creator;
  const char *cgroup; /* v2 directory that the newborn is born in, "": ours */
  struct ops prepare, become, born, inside;
  struct keeper keeper;
};

static bool get_birth(struct reader *in, struct plan *p) {
  p->flags = get_u64(in);
  p->creator = get_u32(in);
  p->sigpending = get_u64(in);
  p->cgroup = get_path(in, true);
  uint64_t least = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID;
  return !(p->flags & ~(uint64_t)NAMESPACES) && (p->flags & least) == least;
}

static bool get_plan(struct reader *in, struct plan *p, struct failure *why) {
  struct keeper *k = &p->keeper;
  *why = (struct failure){0};
  k->run_dir = k->listener = -1;
  get_path(in, true); /* our own cgroup: the server has seen to it */
  if (p->adopt) k->init = (pid_t)get_u32(in), k->init_started = get_u64(in), p->creator = get_u32(in);
  bool good = (p->adopt || get_birth(in, p)) && p->creator != 0 && get_keeper(in, k) && get_ops(in, &p->prepare, NODE, "prepare", why);
  good = good && (p->adopt || (get_ops(in, &p->become, NODE, "become", why) && get_ops(in, &p->born, BORN, "born", why)));
  good = good && get_ops(in, &p->inside, p->adopt ? VISIT : INSIDE, "inside", why);
  good = good && get_ops(in, &k->cleanup, NODE, "cleanup", why) && in->at == in->end;
  good = good && (p->adopt || ends_in_exec(&p->inside));
  if (!good && !why->error) *why = (struct failure){.stage = p->adopt ? "adopt" : "start", .op = "plan", .call = "parse", .error = EPROTO};
  return good;
}

/* --- the newborn */
/* What every newborn does before its plan: become root inside, lose the node's keyring, mounts that could travel back, and the session. */
static int arrive(uint64_t flags, int gate, struct run *r) {
  struct failure *why = &r->why;
  *why = (struct failure){.stage = "inside", .op = "arrive"};
  for (uint32_t i = 0; i < r->door_count; i++)
    if (write(r->doors[i], "0", 1) != 1) return failed(why, "write", "tasks");
  if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0) return failed(why, "setresuid", "");
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* after the change of ids, which clears it */
  struct pollfd parent = {.fd = gate};
  if (poll(&parent, 1, 0) > 0) _exit(112); /* hung up: the keeper-to-be was gone before the call above */
  if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS) return failed(why, "keyctl", "");
  /* Only now, when the newborn lies in its place on every hierarchy, does its view begin there. */
  if (flags & CLONE_NEWCGROUP && unshare(CLONE_NEWCGROUP) < 0) return failed(why, "unshare", "CLONE_NEWCGROUP");
  if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0) return failed(why, "mount", "/");
  setsid();
  return 0;
}

static noreturn void newborn(const struct plan *p, struct run *r, int gate) {
  if (read(gate, &(char){0}, 1) != 1) _exit(112);
  r->stop = -1;
  if (arrive(p->flags, gate, r) == 0) run_ops(r, &p->inside, "inside");
  give_up(r->words, &r->why);
}

/* --- the midwife: what a newborn can only be born as. It goes at once, so that nothing of it has to be undone. */
/* The counters of a user namespace (queued signals, message queues, keys …) belong to the uid that makes it: each container needs its own.
 * RLIMIT_SIGPENDING at that moment becomes the namespace's bound. */
static pid_t clone_as(const struct plan *p, struct run *r) {
  struct rlimit bound;
  struct clone_args args = {.flags = (p->flags & ~(uint64_t)CLONE_NEWCGROUP) | CLONE_PARENT};
  struct failure *why = &r->why;
  if (run_ops(r, &p->become, "become") < 0) return -1;
  *why = (struct failure){.stage = "clone", .op = "clone"};
  AUTO_FD cgroup = *p->cgroup ? open(p->cgroup, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
  if (*p->cgroup && cgroup < 0) return failed(why, "open", p->cgroup);
  if (cgroup >= 0) args.flags |= CLONE_INTO_CGROUP, args.cgroup = (uint64_t)cgroup;
  if (prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP) < 0) return failed(why, "prctl PR_SET_SECUREBITS", "");
  getrlimit(RLIMIT_SIGPENDING, &bound);
  bound.rlim_cur = p->sigpending < bound.rlim_max ? p->sigpending : bound.rlim_max;
  setrlimit(RLIMIT_SIGPENDING, &bound);
  if (syscall(SYS_setresuid, -1, p->creator, -1) < 0) return failed(why, "setresuid", "");
  pid_t child = (pid_t)syscall(SYS_clone3, &args, sizeof args);
  return child < 0 ? failed(why, "clone3", "") : child;
}

static noreturn void midwife(const struct plan *p, struct run *r, const int gate[2], int done) {
  pid_t child = clone_as(p, r);
  if (child < 0) give_up(r->words, &r->why);
  if (child > 0) r->words->child = child, _exit(0);
  close(gate[1]), close(done);
  newborn(p, r, gate[0]);
}

/* Puts the new terminals of an adoption in place: with the container's own rights, in its mount namespace, unseen by its processes. */
static noreturn void visitor(const struct plan *p, struct run *r) {
  r->why = (struct failure){.stage = "inside"};
  if (go_visit(r, p->keeper.pidfd) < 0 || run_ops(r, &p->inside, "inside") < 0) give_up(r->words, &r->why);
  r->words->executing = true;
  _exit(0);
}

/* --- the keeper-to-be */
/* Out of the engine's session and directory, with its signals as a descriptor: cancelling is looked at between operations. */
static int detach(struct job *job, struct failure *why) {
  *why = (struct failure){.stage = "launcher", .op = "detach"};
  close_all_but(&job->out, 1);
  setsid();
  umask(0);
  if (chdir("/") < 0) return failed(why, "chdir", "/");
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  int fd = watch_signals((int[]){SIGTERM, 0});
  return fd < 0 ? failed(why, "signalfd", "") : fd;
}

/* Waits for the end of the child's pipe: 0 executed, -1 failed or cancelled. */
static int hear(struct run *r, int pipe, struct failure *why) {
  struct pollfd fds[] = {{.fd = pipe, .events = POLLIN}, {.fd = r->stop, .events = POLLIN}};
  while (fds[0].revents == 0 && fds[1].revents == 0) poll(fds, 2, -1);
  *why = (struct failure){.stage = "inside", .op = "newborn"};
  return fds[0].revents ? judge(r->words, why) : (errno = ECANCELED, failed(why, "cancel", ""));
}

/* The point of no return: from here on a container may live without the server. */
static int open_gate(pid_t server, int gate, struct failure *why) {
  *why = (struct failure){.stage = "born", .op = "gate"};
  prctl(PR_SET_PDEATHSIG, 0);
  if (getppid() != server) return errno = ECANCELED, failed(why, "getppid", "");
  return write(gate, "g", 1) == 1 ? 0 : failed(why, "write", "gate");
}

static int give_birth(struct plan *p, struct run *r, pid_t server, const int gate[2], const int done[2], struct failure *why) {
  pid_t helper = fork();
  if (helper == 0) midwife(p, r, gate, done[0]);
  *why = (struct failure){.stage = "clone", .op = "clone"};
  if (helper < 0) return failed(why, "fork", "");
  waitpid(helper, NULL, 0);
  if ((r->child = r->words->child) == 0) return judge(r->words, why);
  close(gate[0]);
  if (run_ops(r, &p->born, "born") < 0) return *why = r->why, -1;
  p->keeper.init = r->child, p->keeper.init_started = start_time(r->child);
  if (p->keeper.init_started == 0) return failed(why, "start time", "");
  if (keeper_lets(&p->keeper) < 0) return failed(why, "write", p->keeper.lease_path);
  return open_gate(server, gate[1], why);
}

static int take_over(struct plan *p, struct run *r, struct failure *why) {
  *why = (struct failure){.stage = "adopt", .op = "visit"};
  r->child = fork();
  if (r->child == 0) visitor(p, r);
  if (r->child < 0) return failed(why, "fork", "");
  return keeper_lets(&p->keeper) < 0 ? failed(why, "write", p->keeper.lease_path) : 0;
}

/* Everything up to a running init, or to the new terminals of one. */
static int bring_up(struct plan *p, struct run *r, pid_t server, struct failure *why) {
  int gate[2], done[2];
  if (!die_with(server)) _exit(112);
  *why = (struct failure){.stage = "adopt", .op = "init"};
  if (p->adopt && (p->keeper.pidfd = open_process(p->keeper.init, p->keeper.init_started)) < 0) return failed(why, "pidfd_open", "");
  if (run_ops(r, &p->prepare, "prepare") < 0) return *why = r->why, -1;
  if (keeper_open(&p->keeper, p->creator, why) < 0) return -1;
  *why = (struct failure){.stage = "clone", .op = "pipe"};
  if (pipe2(gate, O_CLOEXEC) < 0 || pipe2(done, O_CLOEXEC) < 0) return failed(why, "pipe2", "");
  r->ttys = p->keeper.ttys;
  r->tty_count = p->keeper.tty_count;
  if ((p->adopt ? take_over(p, r, why) : give_birth(p, r, server, gate, done, why)) < 0) return -1;
  close(done[1]);
  int result = hear(r, done[0], why);
  close(done[0]), close(gate[1]);
  if (p->adopt && result == 0) waitpid(r->child, NULL, 0), r->child = 0, prctl(PR_SET_PDEATHSIG, 0);
  return result;
}

noreturn void birth_job(struct job *job) {
  static struct plan p;
  struct failure why;
  struct run r;
  struct buffer ids = {0};
  run_init(&r);
  r.words = new_words();
  r.home = job->home;
  p.adopt = job->kind == REQ_ADOPT;
  after_parse(job, get_plan(&job->in, &p, &why), &why);
  r.stop = detach(job, &why);
  bool born = r.stop >= 0 && bring_up(&p, &r, job->server, &why) == 0;
  if (born) {
    keeper_settle(&p.keeper);
    put_u32(&ids, (uint32_t)p.keeper.init), put_u64(&ids, p.keeper.init_started);
    put_u32(&ids, (uint32_t)getpid()), put_u64(&ids, start_time(getpid()));
  }
  /* A birth that nobody hears of is none. */
  if (!born || (reply_done(job, &ids) < 0 && failed(&why, "write", "reply"))) {
    if (r.child > 0) kill(r.child, SIGKILL), waitpid(r.child, NULL, 0);
    if (r.noted) unlink(r.noted);
    keeper_unlink(&p.keeper);
    if (!p.adopt && p.keeper.lease >= 0) unlink(p.keeper.lease_path);
    run_close(&r);
    reply_failed(job, &why);
    _exit(0);
  }
  close(job->out), close(r.stop);
  run_close(&r);
  keeper_run(&p.keeper);
}
