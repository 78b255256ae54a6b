/* Birth of a container and adoption of one whose keeper was lost: the order of steps, and that a failure at any of them leaves nothing half-made.
 *
 *   server            keeper-to-be                                  newborn
 *     | fork ---------> |
 *     |                 | prepare, terminals, lease, socket
 *     |                 | clone3 -----------------------------------> | waits at the gate
 *     |                 | born (id map, cgroups)                      |
 *     |                 | gate: one byte ---------------------------> | inside, exec
 *     |                 | <-- end of a close-on-exec pipe, last words in shared memory
 *     | <--- reply ---- | grows old as keeper
 *
 * Server dies before the gate is opened: the keeper-to-be is killed by PR_SET_PDEATHSIG, and the newborn with it (the gate reads end of file).
 * Keeper-to-be dies after that: the newborn is killed by PR_SET_PDEATHSIG until it executes. Cancelling is SIGTERM, looked at between operations. */
#include "protocol.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <linux/securebits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAMESPACES (CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP)
#define LEAST (CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID)

struct plan {
  uint64_t flags, sigpending;
  uint32_t creator;
  uint8_t cgroup_slot;
  struct ops prepare, born, inside;
  struct keeper keeper;
};

static int malformed(struct failure *why, const char *stage) {
  if (!why->error) *why = (struct failure){.stage = stage, .op = "plan", .call = "parse", .error = EPROTO};
  return -1;
}

static bool get_end(struct reader *in, struct keeper *k, struct failure *why) {
  return get_ops(in, &k->leave, NODE, "leave", why) && get_ops(in, &k->cleanup, NODE, "cleanup", why);
}

static int get_start(struct reader *in, struct plan *p, struct failure *why) {
  memset(why, 0, sizeof *why);
  p->flags = get_u64(in);
  p->creator = get_u32(in);
  p->sigpending = get_u64(in);
  p->cgroup_slot = get_u8(in);
  bool good = get_keeper(in, &p->keeper) && get_ops(in, &p->prepare, NODE, "prepare", why) && get_ops(in, &p->born, BORN, "born", why) &&
              get_ops(in, &p->inside, INSIDE, "inside", why) && get_end(in, &p->keeper, why);
  if ((p->flags & ~(uint64_t)NAMESPACES) || (p->flags & LEAST) != LEAST || (p->cgroup_slot >= MAX_SLOTS && p->cgroup_slot != NO_SLOT)) good = false;
  return good && in->at == in->end && p->creator != 0 && ends_in_exec(&p->inside) ? 0 : malformed(why, "start");
}

bool start_check(struct reader *in, struct failure *why) {
  static struct plan p;
  return get_start(in, &p, why) == 0;
}

/* --- the keeper-to-be */

/* Out of the engine's session and directory, with its signals as a descriptor: cancelling is looked at between operations. */
static int detach(struct job *job, struct failure *why) {
  sigset_t stop;
  *why = (struct failure){.stage = "launcher", .op = "detach"};
  close_all_but(&job->out, 1);
  setsid();
  umask(0);
  if (chdir("/") < 0) return failed(why, "chdir", "/");
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigprocmask(SIG_SETMASK, &stop, NULL);
  int fd = signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);
  return fd < 0 ? failed(why, "signalfd", "") : fd;
}

/* What every newborn does before its plan: become root inside, lose the node's keyring, mounts that could travel back, and the session. */
static int arrive(uint64_t flags, int gate, struct failure *why) {
  *why = (struct failure){.stage = "inside", .op = "arrive"};
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
  char go;
  if (read(gate, &go, 1) != 1) _exit(112);
  r->stop = -1;
  if (arrive(p->flags, gate, &r->why) == 0) run_ops(r, &p->inside, "inside");
  give_up(r->words, &r->why);
}

/* The counters of a user namespace (queued signals, message queues, keys …) belong to the uid that makes it: each container needs its own.
 * RLIMIT_SIGPENDING at that moment becomes the namespace's bound. */
static pid_t clone_as(const struct plan *p, const struct run *r, struct failure *why) {
  struct rlimit was, bound;
  struct clone_args args = {.flags = p->flags & ~(uint64_t)CLONE_NEWCGROUP, .exit_signal = SIGCHLD};
  *why = (struct failure){.stage = "clone", .op = "clone"};
  if (p->cgroup_slot != NO_SLOT) {
    if (r->slots[p->cgroup_slot] < 0) return errno = EBADF, failed(why, "clone3", "cgroup");
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = (uint64_t)r->slots[p->cgroup_slot];
  }
  if (prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP) < 0) return failed(why, "prctl PR_SET_SECUREBITS", "");
  getrlimit(RLIMIT_SIGPENDING, &was);
  bound = was;
  if (p->sigpending < bound.rlim_max) bound.rlim_cur = p->sigpending;
  else bound.rlim_cur = bound.rlim_max;
  setrlimit(RLIMIT_SIGPENDING, &bound);
  if (syscall(SYS_setresuid, -1, p->creator, -1) < 0) return failed(why, "setresuid", "");
  pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
  if (pid == 0) return 0;
  if (pid < 0) failed(why, "clone3", "");
  if (syscall(SYS_setresuid, -1, 0, -1) < 0) abort();
  setrlimit(RLIMIT_SIGPENDING, &was);
  prctl(PR_SET_SECUREBITS, 0);
  return pid;
}

/* Waits for the end of the child's pipe: 0 executed, -1 failed or cancelled. */
static int hear(struct run *r, int pipe, struct failure *why) {
  struct pollfd fds[] = {{.fd = pipe, .events = POLLIN}, {.fd = r->stop, .events = POLLIN}};
  while (fds[0].revents == 0) {
    if (poll(fds, 2, -1) < 0) continue;
    if (fds[1].revents == 0) continue;
    *why = (struct failure){.stage = "inside", .op = "cancel", .call = "cancel", .error = ECANCELED};
    return -1;
  }
  *why = (struct failure){.stage = "inside", .op = "newborn"};
  return judge(r->words, why);
}

static void send_ids(int out, const struct keeper *k) {
  struct buffer ids = {0};
  put_u32(&ids, (uint32_t)k->init);
  put_u64(&ids, k->init_started);
  put_u32(&ids, (uint32_t)getpid());
  put_u64(&ids, start_time(getpid()));
  reply_done(out, &ids);
  free(ids.data);
}

/* The point of no return: from here on a container may live without the server. */
static int open_gate(pid_t server, int gate, struct failure *why) {
  *why = (struct failure){.stage = "born", .op = "gate"};
  prctl(PR_SET_PDEATHSIG, 0);
  if (getppid() != server) return errno = ECANCELED, failed(why, "getppid", "");
  return write(gate, "g", 1) == 1 ? 0 : failed(why, "write", "gate");
}

static noreturn void abandon(struct plan *p, struct run *r, int out, const struct failure *why) {
  if (r->child > 0) {
    kill(r->child, SIGKILL);
    waitpid(r->child, NULL, 0);
  }
  if (r->noted) unlink(r->noted);
  keeper_unlink(&p->keeper);
  run_close(r);
  reply_failed(out, why);
  _exit(0);
}

/* Everything up to a running init. */
static int give_birth(struct plan *p, struct run *r, pid_t server, struct failure *why) {
  int gate[2], report[2];
  if (!die_with(server)) _exit(112);
  if (run_ops(r, &p->prepare, "prepare") < 0) return *why = r->why, -1;
  if (keeper_open(&p->keeper, p->creator, why) < 0) return -1;
  *why = (struct failure){.stage = "clone", .op = "pipe"};
  if (pipe2(gate, O_CLOEXEC) < 0 || pipe2(report, O_CLOEXEC) < 0) return failed(why, "pipe2", "");
  r->ttys = p->keeper.ttys;
  r->tty_count = p->keeper.tty_count;
  r->child = clone_as(p, r, why);
  if (r->child < 0) return -1;
  if (r->child == 0) {
    close(gate[1]);
    close(report[0]);
    newborn(p, r, gate[0]);
  }
  close(report[1]);
  close(gate[0]);
  if (!die_with(server)) return errno = ECANCELED, failed(why, "getppid", ""); /* once more: the change of ids cleared it */
  if (run_ops(r, &p->born, "born") < 0) return *why = r->why, -1;
  p->keeper.init = r->child;
  p->keeper.init_started = start_time(r->child);
  if (open_gate(server, gate[1], why) < 0) return -1;
  int result = hear(r, report[0], why);
  close(gate[1]);
  close(report[0]);
  return result;
}

noreturn void start_job(struct job *job) {
  static struct plan p;
  struct failure why;
  struct run r;
  run_init(&r);
  r.words = new_words();
  p.keeper.run_dir = p.keeper.listener = -1;
  if (get_start(&job->in, &p, &why) < 0 || (r.stop = detach(job, &why)) < 0) abandon(&p, &r, job->out, &why);
  if (give_birth(&p, &r, job->server, &why) < 0) abandon(&p, &r, job->out, &why);
  keeper_settle(&p.keeper);
  send_ids(job->out, &p.keeper);
  close(job->out);
  close(r.stop);
  run_close(&r);
  keeper_run(&p.keeper);
}

/* --- adoption */

struct adoption {
  pid_t pid;
  uint64_t started;
  uint32_t creator;
  struct ops prepare, inside;
  struct keeper keeper;
};

static int get_adoption(struct reader *in, struct adoption *a, struct failure *why) {
  memset(why, 0, sizeof *why);
  a->pid = (pid_t)get_u32(in);
  a->started = get_u64(in);
  a->creator = get_u32(in);
  bool good = get_keeper(in, &a->keeper) && get_ops(in, &a->prepare, NODE, "prepare", why) && get_ops(in, &a->inside, INSIDE, "inside", why) &&
              get_end(in, &a->keeper, why);
  for (uint32_t i = 0; good && i < a->inside.count; i++) good = !strcmp(a->inside.list[i].def->name, "ttyAt");
  return good && in->at == in->end && a->creator != 0 ? 0 : malformed(why, "adopt");
}

bool adopt_check(struct reader *in, struct failure *why) {
  static struct adoption a;
  return get_adoption(in, &a, why) == 0;
}

/* Puts the new terminals in place: with the container's own rights, in its mount namespace, unseen by its processes. */
static noreturn void visit(struct adoption *a, struct run *r) {
  r->why = (struct failure){.stage = "inside", .op = "join"};
  prctl(PR_SET_DUMPABLE, 0);
  if (setns(a->keeper.pidfd, CLONE_NEWUSER | CLONE_NEWNS) < 0) {
    failed(&r->why, "setns", "");
    give_up(r->words, &r->why);
  }
  r->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (run_ops(r, &a->inside, "inside") < 0) give_up(r->words, &r->why);
  r->words->executing = true;
  _exit(0);
}

static int take_over(struct adoption *a, struct run *r, pid_t server, struct failure *why) {
  int report[2];
  if (!die_with(server)) _exit(112);
  *why = (struct failure){.stage = "adopt", .op = "init"};
  a->keeper.pidfd = open_process(a->pid, a->started);
  if (a->keeper.pidfd < 0) return failed(why, "pidfd_open", "");
  if (run_ops(r, &a->prepare, "prepare") < 0) return *why = r->why, -1;
  if (keeper_open(&a->keeper, a->creator, why) < 0) return -1;
  *why = (struct failure){.stage = "adopt", .op = "visit"};
  if (pipe2(report, O_CLOEXEC) < 0) return failed(why, "pipe2", "");
  r->ttys = a->keeper.ttys;
  r->tty_count = a->keeper.tty_count;
  pid_t child = fork();
  if (child < 0) return failed(why, "fork", "");
  if (child == 0) visit(a, r);
  close(report[1]);
  int result = hear(r, report[0], why);
  close(report[0]);
  if (result < 0) kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  a->keeper.init = a->pid;
  a->keeper.init_started = a->started;
  prctl(PR_SET_PDEATHSIG, 0);
  return result;
}

noreturn void adopt_job(struct job *job) {
  static struct adoption a;
  struct failure why;
  struct run r;
  run_init(&r);
  r.words = new_words();
  a.keeper.run_dir = a.keeper.listener = -1;
  if (get_adoption(&job->in, &a, &why) < 0 || (r.stop = detach(job, &why)) < 0 || take_over(&a, &r, job->server, &why) < 0) {
    keeper_unlink(&a.keeper);
    reply_failed(job->out, &why);
    _exit(0);
  }
  keeper_settle(&a.keeper);
  send_ids(job->out, &a.keeper);
  close(job->out);
  close(r.stop);
  run_close(&r);
  keeper_run(&a.keeper);
}
