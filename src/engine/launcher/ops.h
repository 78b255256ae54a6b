/* What the files of operations share: how an action fails, and the descriptors that one leaves for the next. Actions are called from the table in ops.c alone. */
#pragma once
#include "protocol.h"

typedef int act(struct run *r, const struct value *a);

/* --- how it went: 0 or what was asked for, -1 with r->why (ops.c) */
int no(struct run *r, const char *call, const char *path), refuse(struct run *r, int error, const char *call, const char *path);
int done_or(struct run *r, long result, const char *call, const char *path);
/* What is not there need not be taken away. */
int gone_or(struct run *r, int result, const char *call, const char *path);

/* --- slots (ops.c) */
int slot(struct run *r, const struct value *v), keep(struct run *r, const struct value *v, int fd, const char *call, const char *path);
/* Moves a detached mount onto an opened place. The second and later times a clone of it is moved: only an attached mount can be cloned. */
int move_onto(struct run *r, int mount, bool *placed, int target, const char *path);
int move_slot(struct run *r, const struct value *v, int target, const char *path);

/* --- mounts of the node (mounts.c) */
int write_map(struct run *r, pid_t pid, const char *file, const void *map, size_t length);
int on_node(struct run *r, const char *path, int flags);
int new_fs(struct run *r, const char *type, char **options, uint64_t attrs);

act do_userns, do_clone_tree, do_clone_source, do_set_tree, do_attach, do_new_fs, do_seal, do_device, do_remount;

/* --- cgroups (cgroups.c) */
int open_cgroup(int at, const char *path);
#define MAX_GROUPS_DEPTH 64
int each_group(int dir, int depth, int (*visit)(int parent, const char *name, void *with), void *with);

act do_join_cgroup, do_attach_cgroup, do_rm_cgroup, do_kill_cgroup, do_bound;

/* --- programs in the kernel (bpf.c) */
act do_open, do_bpf, do_bpf_device;

/* --- programs of the node (run.c) */
act do_run;

/* --- links, addresses, routes (routes.c) */
/* Network namespace of a process, of the newborn for 0. */
int open_net(struct run *r, pid_t pid, uint64_t started);

act do_links;

/* --- sets and maps of nftables (elements.c) */
act do_elements;

/* --- links of the node (links.c) */
act do_pin_net, do_lend_link, do_return_link, do_cut_links, do_need_mark;

/* --- what neighbours are told and asked (wire.c) */
act do_announce, do_probe;

/* --- inside (inside.c) */
act do_root, do_mount, do_place, do_dir, do_file, do_symlink, do_protect, do_mask, do_pivot, do_hostname, do_link_up, do_tty_at, do_stdio,
  do_cover, do_uncover, do_unlink;
