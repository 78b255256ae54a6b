/* What the parts of the launcher share: the wire, a plan in memory, the walk through its operations. The wire is drawn in protocol.ts. */
#ifndef VZDECK_PROTOCOL_H
#define VZDECK_PROTOCOL_H
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROTOCOL 2
#define MAGIC 0x6b64767au /* "zvdk" */
#define MAX_FRAME (16u << 20)
#define MAX_REPLY (64u << 20)
#define MAX_SLOTS 64
#define MAX_JOBS 64 /* the engine asks for no more at once */
#define MAX_DOORS 16
#define NO_SLOT 0xff
#define NEWBORN 0xfe /* instead of a slot: the user namespace of the newborn */
#define MAX_ARGS 6
#define MAX_TTYS 7 /* each may come to hold a RING: a keeper stays below one MiB */
#define MAX_COMMANDS 8
/* What a container has of its own. */
#define NAMESPACES (CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP)

enum request { REQ_HELLO = 1, REQ_OPS, REQ_START, REQ_ADOPT, REQ_TREE, REQ_LOCK, REQ_UNLOCK, REQ_ENDED, REQ_KILL, REQ_CANCEL, REQ_CHECK, REQ_VISIT, REQ_RULES };
enum reply { REP_DONE = 0x80, REP_FAILED = 0x81 };

/* --- cleanup by scope (main.c) */
void close_fd(int *fd);
int take_fd(int *fd);
#define AUTO_FD __attribute__((cleanup(close_fd))) int
#define TRY_FD(name, opened) AUTO_FD name = (opened); if (name < 0) return -1

/* --- wire (main.c). A reader never passes its end; the first fault makes it `bad` for good and all further values zero. */
struct reader {
  const uint8_t *at, *end;
  bool bad;
};
struct bytes {
  const uint8_t *at;
  uint32_t length;
};
/* Of a frame; length is that of the payload. */
struct head {
  uint32_t length, id;
  uint16_t kind, zero;
};
struct buffer {
  uint8_t *data;
  size_t length, room;
};
uint8_t get_u8(struct reader *in);
uint16_t get_u16(struct reader *in);
uint32_t get_u32(struct reader *in);
uint64_t get_u64(struct reader *in);
struct bytes get_bytes(struct reader *in, uint32_t max);
/* On the wire with its terminating NUL, so that the text can be used where it lies. */
const char *get_text(struct reader *in, uint32_t max);
/* Absolute, without "..", below PATH_MAX; `maybe_empty`: "" is allowed too. */
const char *get_path(struct reader *in, bool maybe_empty);
/* NULL-terminated; the strings lie in the plan. */
char **get_list(struct reader *in);
void put_raw(struct buffer *out, const void *data, size_t length);
void put_u8(struct buffer *out, uint8_t v), put_u16(struct buffer *out, uint16_t v);
void put_u32(struct buffer *out, uint32_t v), put_u64(struct buffer *out, uint64_t v);
void put_bytes(struct buffer *out, const void *data, size_t length);
void put_text(struct buffer *out, const char *text);
void put_frame(struct buffer *out, uint32_t id, uint16_t kind, const void *payload, size_t length);
/* Frees the payload. */
int send_frame(int fd, uint32_t id, uint16_t kind, struct buffer *payload);

/* --- failures (main.c): stage and index say where in the plan. */
struct failure {
  const char *stage, *op, *call;
  uint32_t index;
  int error;
  char path[1024];
};
/* Notes the failure with the present errno; returns -1. */
int failed(struct failure *why, const char *call, const char *path);
void put_failure(struct buffer *out, const struct failure *why);
/* "EIO" for one that has no name. */
const char *error_name(int error);
/* Last words of a child, in memory that it shares with its parent until it executes. The parent listens for the end of a close-on-exec pipe. */
struct words {
  bool executing, failed;
  struct failure why;
  pid_t child; /* enter: the program … */
  int ends[3]; /* … and our ends of its 0, 1, 2 (of a terminal the first only), -1: it has ours */
};
struct words *new_words(void);
noreturn void give_up(struct words *words, const struct failure *why);
/* After the end of the pipe: 0 executed, -1 with why. */
int judge(const struct words *words, struct failure *why);

/* --- files and processes (main.c) */
int write_all(int fd, const void *data, size_t length);
int write_file(const char *path, int flags, const void *data, size_t length);
int write_note(int dir, const char *name, const void *data, size_t length);
/* openat2 with RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve. */
int open_below(int root, const char *path, uint64_t flags, uint64_t resolve);
/* Parent directory of a path below root, opened O_PATH; name becomes the last component. */
int open_parent(int root, const char *path, char name[NAME_MAX + 1]);
int64_t now_ms(clockid_t clock);
/* Start time in clock ticks since boot (field 22 of /proc/PID/stat), 0 when there is no such process; how a zombie ended (field 52), as of wait(2). */
uint64_t process_stat(pid_t pid, int *exit_code), start_time(pid_t pid);
/* A pidfd of exactly this process; ESRCH when it has ended, even if nobody has reaped it yet, or the pid has been given anew. */
int open_process(pid_t pid, uint64_t started);
/* Closes every descriptor from 3 on but those listed. */
void close_all_but(const int *keep, size_t count);
void null_stdio(void);
/* A descriptor for these signals (0 ends the list), which are all that is blocked from then on. */
int watch_signals(const int *numbers);
/* Signals as a fresh program expects them. */
void reset_signals(void);
/* The process goes when its parent goes; false: the parent is gone already. */
bool die_with(pid_t parent);
void set_title(const char *name, const char *title);

/* --- plans (ops.c) */
struct value {
  uint64_t n;
  const char *text;
  struct bytes bytes;
  char **list;
};
struct run;
struct op_def {
  uint16_t code;
  const char *name;
  uint16_t places;
  const char *kinds; /* of its arguments: p path, t text, u u32, q u64, s slot, o optional slot, b bytes, l list */
  const char *names[MAX_ARGS];
  int (*act)(struct run *r, const struct value *a);
};
enum place { NODE = 1, BORN = 2, INSIDE = 4, ENTER = 8, VISIT = 16 };
struct op {
  const struct op_def *def;
  struct value args[MAX_ARGS];
};
struct ops {
  uint32_t count;
  struct op *list;
};
/* One walk: what earlier operations left for later ones. */
struct run {
  struct failure why;
  int slots[MAX_SLOTS];
  bool placed[MAX_SLOTS], deep[MAX_SLOTS];
  int doors[MAX_DOORS]; /* files by which the newborn moves into its cgroups */
  uint32_t door_count;
  const char *home; /* cgroup that this process was born in, NULL: its parent's */
  int root;    /* root of the container, -1 before it is known */
  int empty;   /* read-only tmpfs that hides directories, -1 before its first use */
  bool empty_placed;
  bool rooted; /* the process's own root is the container's: after pivot, or after joining */
  pid_t child; /* the newborn, for `born` */
  struct tty *ttys;
  uint32_t tty_count;
  const char *noted;   /* file that notePid wrote */
  int stop;            /* signalfd that is looked at between operations, -1: none */
  struct words *words; /* told before exec, NULL: nobody listens */
};
void run_init(struct run *r), run_close(struct run *r);
bool get_values(struct reader *in, const char *kinds, struct value *values);
/* A list of operations, each allowed at `place`. False with why. */
bool get_ops(struct reader *in, struct ops *ops, enum place place, const char *stage, struct failure *why);
bool ends_in_exec(const struct ops *ops);
/* 0, or -1 with r->why. */
int run_ops(struct run *r, const struct ops *ops, const char *stage);
/* Joins user and mount namespace of a running container; then r->root is its root. */
int go_visit(struct run *r, int pidfd);
void print_ops(void);

/* --- the keeper (keeper.c) */
#define HISTORY (64u << 10)
#define RING (96u << 10) /* history and what a watcher may lag behind */
struct tty {
  uint32_t number;
  const char *log;
  uint64_t log_bytes, log_size;
  int log_fd, master, slave;
  int mount; /* detached mount of the slave, for ttyAt */
  bool placed;
  const char *path;       /* where ttyAt put it */
  uint8_t *ring;          /* the last of the `total` bytes that ever came */
  uint64_t total;
  uint8_t *pending;       /* typed, not yet taken by the pty */
  uint32_t pending_length;
  int64_t paused;         /* since when a watcher holds up this tty, 0: nobody does */
  uint8_t state, due;     /* of the filter before the log */
};
struct keeper {
  uint32_t id;
  pid_t init;
  uint64_t init_started;
  int pidfd; /* of an adopted init, -1: init is our child */
  const char *run_dir_path, *lease_path;
  int run_dir, lease, listener, signals, net;
  struct tty ttys[MAX_TTYS];
  uint32_t tty_count;
  char **commands[MAX_COMMANDS], **env;
  uint32_t command_count;
  struct ops cleanup;
};
/* Into one that is all zero, or knows its init already. */
bool get_keeper(struct reader *in, struct keeper *k);
/* Lease, terminals, logs, socket, notes. -1 with why. */
int keeper_open(struct keeper *k, uint32_t creator, struct failure *why);
/* Notes in the lease who lives in the range: it stays taken when the keeper is killed and the container is not. */
int keeper_lets(const struct keeper *k);
/* What keeper_open left in the file system. */
void keeper_unlink(struct keeper *k);
/* From here on no signal ends it, and it goes by its own name. */
void keeper_settle(struct keeper *k);
noreturn void keeper_run(struct keeper *k);

/* --- the modes. A job runs in a process of its own and writes one frame to `out`. */
struct job {
  struct reader in;
  uint32_t id;
  uint16_t kind;
  bool check; /* only says whether the plan is well formed */
  int out;
  pid_t server;
  const char *home; /* cgroup that the job was born in, NULL: the server's */
};
noreturn void host_job(struct job *job), birth_job(struct job *job), tree_job(struct job *job), rules_job(struct job *job), enter_check_job(struct job *job);
void after_parse(const struct job *job, bool good, const struct failure *why);
int reply_done(const struct job *job, struct buffer *payload);
void reply_failed(const struct job *job, const struct failure *why);
int serve(int socket);
/* 1 locked, 0 somebody else has it (then *fd is open), -1 failed. */
int try_lock(const char *path, int *fd);
int enter(const char *plan_file);
#endif
