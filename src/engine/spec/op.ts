// The launch vocabulary: every operation that the launcher knows, as one table. TypeScript composes plans from it, launcher/protocol.ts
// encodes them, launcher/ops.c interprets them. No policy here: an operation never knows why it is asked for.

/** How an argument travels: `path` absolute on the node or below the new root, `list` = strings, `slot` = number of a kept descriptor (0…63). */
export type ArgKind = 'path' | 'text' | 'u32' | 'u64' | 'slot' | 'bytes' | 'list';

/**
 * Where an operation may stand.
 * `node`: in the node's namespaces, as host plan or in the `prepare`, `become` and `cleanup` lists. `prepare` runs in the keeper-to-be before the clone.
 * `born`: by the keeper-to-be after the clone, before the child may go on. `inside`: by the child, as root of the container, before exec.
 * `enter`: by the process that joins a running container.
 * `visit`: in a running container's mount namespace, with its root's rights, unseen by its processes.
 */
export type Place = 'node' | 'born' | 'inside' | 'enter' | 'visit';

interface Shape {
  readonly code: number;
  readonly at: readonly Place[];
  readonly args: Readonly<Record<string, ArgKind>>;
}

const NODE = ['node'] as const;
const INSIDE = ['inside'] as const;
const VISIT = ['visit'] as const;

export const OPS = {
  // --- files and control files of the node; missing things are no error for rmdir and umount
  /** An existing directory is no error. */
  mkdir: { code: 1, at: NODE, args: { path: 'path', mode: 'u32' } },
  rmdir: { code: 2, at: NODE, args: { path: 'path' } },
  /** Inside: only into file systems that the plan has mounted there. */
  write: { code: 4, at: ['node', 'born', 'inside', 'enter'], args: { path: 'path', data: 'bytes' } },
  chown: { code: 5, at: NODE, args: { path: 'path', uid: 'u32', gid: 'u32' } },
  umount: { code: 6, at: NODE, args: { path: 'path', flags: 'u32' } },
  /** Moves the calling process into the cgroup directory (writes 0 to tasks on v1, to cgroup.procs on v2). */
  joinCgroup: { code: 7, at: ['node', 'enter'], args: { path: 'path' } },
  /** Removes a directory of the cgroup file system with everything below it, deepest first. */
  rmCgroup: { code: 8, at: NODE, args: { path: 'path' } },
  /** Ends every process below a cgroup directory: cgroup.kill where it exists, otherwise kill by pid until it is empty. */
  killCgroup: { code: 9, at: NODE, args: { path: 'path' } },
  /** Loads a BPF_PROG_TYPE_CGROUP_DEVICE program (struct bpf_insn array, native byte order) and attaches it to a v2 cgroup directory with BPF_F_ALLOW_MULTI,
   * in one step in place of the one that was attached before. */
  bpfDevice: { code: 10, at: NODE, args: { path: 'path', program: 'bytes' } },
  /** In `prepare`: the newborn moves itself into this directory of a v1 hierarchy before it does anything else (v2: StartPlan.cgroup). */
  attachCgroup: { code: 11, at: NODE, args: { path: 'path' } },
  /**
   * The hard limit of a resource (RLIMIT_*) for all processes below a cgroup directory: who has more loses it, who has as much as any of them gets it (EPERM without
   * CAP_SYS_RESOURCE). path "": of the newborn, or of who joins, as far as it can be had. owner: the user whom their namespaces belong to, 0 with "".
   */
  bound: { code: 41, at: ['node', 'born', 'enter'], args: { path: 'text', resource: 'u32', most: 'u64', owner: 'u32' } },
  /** A file or directory into a slot, for reading; the last name may be no link. */
  open: { code: 12, at: NODE, args: { slot: 'slot', path: 'path' } },
  /**
   * One call of bpf(2), put together by spec/bpf/call.ts: attr is the kernel's union bpf_attr, data what it points to, fixes the places in both that
   * only the launcher can fill in. slot: where the descriptor goes that the call gives, NO_SLOT for a call that gives none.
   */
  bpf: { code: 13, at: NODE, args: { slot: 'slot', command: 'u32', attr: 'bytes', data: 'bytes', fixes: 'bytes' } },

  // --- mounts; a slot holds a detached mount, a user namespace or an opened directory
  /** A user namespace that only carries an id map: inside ids 0…count-1 are base…base+count-1 outside. */
  userns: { code: 16, at: NODE, args: { slot: 'slot', base: 'u32', count: 'u32' } },
  /** Clone of the mount tree at path, detached (open_tree). recursive: 0 or 1. */
  cloneTree: { code: 17, at: NODE, args: { slot: 'slot', path: 'path', recursive: 'u32' } },
  /** mount_setattr on the mount in `slot`, attached or not. userns: slot, NO_SLOT or NEWBORN; propagation: 0 or MS_SHARED, MS_SLAVE, MS_PRIVATE. */
  setTree: { code: 18, at: ['node', 'born'], args: { slot: 'slot', set: 'u64', clear: 'u64', propagation: 'u64', userns: 'slot' } },
  /** Puts the detached mount at a path of the node (move_mount). */
  attach: { code: 19, at: NODE, args: { slot: 'slot', path: 'path' } },
  /** A new file system, detached (fsopen, fsconfig, fsmount). options: "key=value" or "flag". fsuid: file-system ids to make it with. */
  newFs: { code: 20, at: NODE, args: { slot: 'slot', type: 'text', options: 'list', attrs: 'u64', fsuid: 'u32' } },

  /**
   * Locks the flags of the detached mount in `slot`, and of what is mounted below it, as the kernel does for mounts that come to a user namespace:
   * root inside can take the whole off, but not change it or look below its parts.
   */
  seal: { code: 21, at: NODE, args: { slot: 'slot' } },
  /** A device node, detached, on a file system of the node. mode with its type (S_IFCHR or S_IFBLK); device: major << 32 | minor. */
  device: { code: 22, at: NODE, args: { slot: 'slot', mode: 'u32', device: 'u64', uid: 'u32', gid: 'u32' } },

  /**
   * New options for a file system that the node has made, at a path of a container that runs (pid and start time of its init): with the node's
   * rights. What is not named in `options` is as if it never had been. magic: as of statfs(2); EMEDIUMTYPE where something else lies there.
   */
  remount: { code: 23, at: NODE, args: { pid: 'u32', startTime: 'u64', descriptor: 'u32', magic: 'u64', options: 'list' } },
  /** cloneTree of a path that leads through no link (ELOOP otherwise). */
  cloneSource: { code: 24, at: NODE, args: { slot: 'slot', path: 'path', recursive: 'u32' } },
  /**
   * A program of the node (looked for where PROGRAM_PATH says), with `input` on its standard input; it has ended well when the operation is done, and
   * fails with EREMOTEIO and what it said otherwise. flags: RUN_FORGIVEN where its failure is none.
   */
  run: { code: 39, at: ['node', 'born'], args: { flags: 'u32', argv: 'list', input: 'bytes' } },
  /**
   * Links, addresses, routes and proxied neighbours, by lines in the words of ip(8), one after the other (routes.c says which; fails with EINVAL for others). pid
   * and startTime: a process, in whose network namespace links of `netns container` are made, 0: the newborn in `born`, none elsewhere; net: instead, a
   * file that pinNet has made, "" without. flags: LINKS_JOIN for all of it to be in that namespace, LINKS_FORGIVEN where no failure is one.
   */
  links: { code: 38, at: ['node', 'born'], args: { pid: 'u32', startTime: 'u64', net: 'text', flags: 'u32', lines: 'list' } },
  /** Elements of sets and maps of nftables, and counters, by lines in the words of nft(8) (elements.c says which; fails with EINVAL for others): all of them or none. `destroy` stands alone. */
  elements: { code: 40, at: NODE, args: { lines: 'list' } },
  /** A file of the node that stands for the network namespace of a process (see links), and keeps it after its end. */
  pinNet: { code: 26, at: ['node', 'born'], args: { pid: 'u32', startTime: 'u64', path: 'path' } },
  /** Moves a link of the node into the namespace of a pinned file, where it gets this index. gone: 1 where it is no error that it is not there. */
  lendLink: { code: 27, at: ['node', 'born'], args: { net: 'path', name: 'text', index: 'u32', gone: 'u32' } },
  /**
   * Moves the link with this index back under this name, without other names that it was given; home: its index here, where nobody has that by now.
   * ENODEV where it is not there any more, EEXIST where another one has its name: then it is back as devN.
   */
  returnLink: { code: 28, at: NODE, args: { net: 'path', index: 'u32', name: 'text', home: 'u32' } },
  /** Tells the neighbours on a link of the node that an address (4 or 16 bytes) is to be found here. */
  announce: { code: 29, at: ['node', 'born'], args: { device: 'text', address: 'bytes' } },
  /**
   * Asks the neighbours on a link of the node whether somebody has these addresses, and listens for `wait` milliseconds: fails with EADDRINUSE and
   * "ADDRESS MAC" for the first that is answered for. own: the node's IPv4 address there, "" for none.
   */
  probe: { code: 30, at: NODE, args: { device: 'text', own: 'text', addresses: 'list', wait: 'u32' } },

  // --- between birth and go
  idmap: { code: 32, at: ['born'], args: { uids: 'text', gids: 'text' } },
  /** Writes "PID STARTTIME\n" of the newborn (start time in clock ticks since boot, field 22 of /proc/PID/stat). */
  notePid: { code: 34, at: ['born'], args: { path: 'path' } },
  /** Keeps what `slot` stands for open in the keeper, as long as that lives; no later operation has the slot. */
  hold: { code: 35, at: ['born'], args: { slot: 'slot' } },
  /** Takes away what stands in the namespace of a pinned file on links of other namespaces, but for these indexes. */
  cutLinks: { code: 36, at: NODE, args: { net: 'path', keep: 'list' } },
  /** Fails (ENOENT) where there is no such table of nftables, or no such number in its set of type mark; family: NFPROTO_INET … */
  needMark: { code: 37, at: NODE, args: { family: 'u32', table: 'text', set: 'text', mark: 'u32' } },

  // --- inside; paths are resolved below the new root and cannot leave it
  /** Puts the tree of `slot` over `path` in the container's mount namespace and makes it the root of all following operations. */
  root: { code: 48, at: INSIDE, args: { slot: 'slot', path: 'path' } },
  mount: { code: 49, at: INSIDE, args: { type: 'text', path: 'path', options: 'list', attrs: 'u64' } },
  /** Puts the detached mount of `slot` at a path below the root. */
  place: { code: 50, at: INSIDE, args: { slot: 'slot', path: 'path' } },
  dir: { code: 51, at: INSIDE, args: { path: 'path', mode: 'u32' } },
  /** An empty file, to be mounted over. */
  file: { code: 52, at: INSIDE, args: { path: 'path', mode: 'u32' } },
  symlink: { code: 53, at: INSIDE, args: { target: 'text', path: 'path' } },
  /** Binds path over itself with mount attributes set, e.g. read-only. A missing path is no error. */
  protect: { code: 54, at: INSIDE, args: { path: 'path', attrs: 'u64' } },
  /** Hides path: a file under the mount of `slot` (the null device), a directory under an empty read-only tmpfs. A missing path is no error. */
  mask: { code: 55, at: INSIDE, args: { path: 'path', slot: 'slot' } },
  pivot: { code: 57, at: INSIDE, args: {} },
  hostname: { code: 58, at: INSIDE, args: { name: 'text' } },
  linkUp: { code: 59, at: ['node', 'born', 'inside'], args: { name: 'text' } },
  /** The slave of tty number `tty` (see StartPlan.ttys) bound over a path below the root, owned by inside ids 0:5. */
  ttyAt: { code: 60, at: ['inside', 'visit'], args: { tty: 'u32', path: 'path' } },
  /** Descriptors 0, 1, 2 become the slave of tty number `tty`. */
  stdio: { code: 61, at: INSIDE, args: { tty: 'u32' } },
  /** Puts the mount of `slot` over a path that leads through no link; missing directories, and the last name, are made. */
  cover: { code: 62, at: ['inside', 'visit'], args: { slot: 'slot', path: 'path' } },
  /** Unmounts what lies over a path, if it is the mount of this id (field 1 of mountinfo; ESTALE otherwise). */
  uncover: { code: 63, at: VISIT, args: { path: 'path', mount: 'u32', flags: 'u32' } },
  /** Removes a file. A missing one is no error. */
  unlink: { code: 64, at: VISIT, args: { path: 'path' } },

  // --- what the process is
  rlimit: { code: 80, at: ['inside', 'enter'], args: { resource: 'u32', soft: 'u64', hard: 'u64' } },
  /** Bounding, permitted, effective and inheritable sets become `keep` (bit n = capability n); ambient is emptied. */
  caps: { code: 81, at: ['inside', 'enter'], args: { keep: 'u64' } },
  /** Installs a classic BPF program (struct sock_filter array, native byte order) without no_new_privs; needs CAP_SYS_ADMIN in the user namespace. */
  seccomp: { code: 82, at: ['inside', 'enter'], args: { program: 'bytes' } },
  cwd: { code: 84, at: ['inside', 'enter'], args: { path: 'path' } },
  /**
   * Last operation. The first program of `files` (absolute paths) that can be executed is; env is the whole environment.
   * argv[0] "" stands for that program's own name, "-" for the same as a login shell is called.
   */
  exec: { code: 85, at: ['inside', 'enter'], args: { files: 'list', argv: 'list', env: 'list' } },
} as const satisfies Record<string, Shape>;

/** "no descriptor" where a slot is optional. */
export const NO_SLOT = 0xff;
/** Instead of a slot with a user namespace: that of the newborn, in `born`, once it has its id map. */
export const NEWBORN = 0xfe;
export const MAX_SLOTS = 64;
/** Of `run`. */
export const RUN_FORGIVEN = 1;
/** Of `links`. */
export const LINKS_JOIN = 1;
export const LINKS_FORGIVEN = 2;
/** Plans and tree operations at once. */
export const MAX_JOBS = 64;
/** Terminals of one container at most, the console among them. */
export const MAX_TTYS = 7;

interface ArgTypes {
  path: string;
  text: string;
  u32: number;
  u64: bigint;
  slot: number;
  bytes: Uint8Array;
  list: readonly string[];
}

export type OpName = keyof typeof OPS;
type ArgsOf<K extends OpName> = {
  readonly [A in keyof (typeof OPS)[K]['args']]: (typeof OPS)[K]['args'][A] extends ArgKind ? ArgTypes[(typeof OPS)[K]['args'][A]] : never;
};
export type Op = { [K in OpName]: { readonly op: K } & ArgsOf<K> }[OpName];

/** Operations in the node's namespaces, in order; the first failure ends the list. */
export interface HostPlan {
  readonly ops: readonly Op[];
}

/** What is prepared on the node and then put into a running container, or taken out of it. */
export interface VisitPlan {
  /** Init, as noted at its birth. */
  readonly pid: number;
  readonly startTime: bigint;
  /** In the node's namespaces. */
  readonly prepare: readonly Op[];
  /** Operations of place `visit`. */
  readonly inside: readonly Op[];
}

/** A terminal held by the keeper: number 1 is the console, 2… are further ttys. */
export interface TtyPlan {
  readonly number: number;
  /** Log file of what the container prints, "" for none. */
  readonly log: string;
  /** Bytes after which the log is renamed to NAME.1 and begun anew. */
  readonly logBytes: number;
}

/** What a keeper needs, at birth as well as when it takes over a container whose keeper was lost. */
export interface KeeperPlan {
  readonly id: number;
  /** v2 directory that the keeper is born in where it is there already, "" for none; `prepare` makes it and joins it otherwise. */
  readonly home: string;
  /** At most 7. */
  readonly ttys: readonly TtyPlan[];
  /** First mapped id: the effective uid at the clone, owner of consoles and of the container's ucounts. */
  readonly creator: number;
  /**
   * Directory of the keeper's socket `console` and of its notes, all mode 0600: `keeper` ("PID STARTTIME\n") while it serves; after init's end
   * `exit` ("WAITSTATUS MILLISECONDS_SINCE_1970\n", WAITSTATUS as of wait(2) or "unknown") and `last` (up to 4 KiB of the first tty, only what draws).
   * When onExit runs, `exit` and `last` are there, `console` and `keeper` are gone and the lease is free.
   */
  readonly runDir: string;
  /** File whose OFD lock the keeper holds as long as it lives (the lease of the id range), "" for none. Held by another: EAGAIN. */
  readonly lease: string;
  /** At most 8 command lines, tried in this order when init has ended; the first that exits with 0 ends the matter. Run in the keeper's session. */
  readonly onExit: readonly (readonly string[])[];
  /** The whole environment of these commands, PATH included. */
  readonly onExitEnv: readonly string[];
  /** In the node's namespaces, in the keeper-to-be, before anything else. */
  readonly prepare: readonly Op[];
  /** Worked off by the keeper itself when every command of onExit failed; an operation that fails does not end the list. */
  readonly cleanup: readonly Op[];
}

export interface StartPlan extends KeeperPlan {
  /** Clone flags of clone3 without the exit signal; CLONE_INTO_CGROUP is added by the launcher where `cgroup` is given. NEWUSER, NEWNS, NEWPID must be there. */
  readonly cloneFlags: bigint;
  /** RLIMIT_SIGPENDING at the clone: the user namespace's bound on queued signals (beancounter numsiginfo). Cut to the node's hard limit. */
  readonly sigpending: bigint;
  /** v2 directory to be born in, "" for none. */
  readonly cgroup: string;
  /** Done by the process that clones, with the node's rights and before the user namespace: what is inherited by birth, and by nobody else. */
  readonly become: readonly Op[];
  readonly born: readonly Op[];
  readonly inside: readonly Op[];
}

/** A new keeper for a running container. Init is not its child: how it ended is read from /proc or asked by PIDFD_GET_INFO (Linux 6.15), else "unknown". */
export interface AdoptPlan extends KeeperPlan {
  /** Init, as noted at its birth. */
  readonly pid: number;
  readonly startTime: bigint;
  /** Only ttyAt operations: the new terminals over the dead ones. */
  readonly inside: readonly Op[];
}

/** Who comes back in the place of a process that became `enter`, and when. */
export interface HandBack {
  /** Command line, executed with one more argument: "exit\nCODE", "signal\nNUMBER" or "failed\nSTAGE\nINDEX\nOP\nSYSCALL\nPATH\nERRNO". */
  readonly argv: readonly string[];
  readonly env: readonly string[];
  /** After every end; otherwise only after a signal, and when the program could not be executed. */
  readonly always: boolean;
  /** As which every exit code but 0 is given back, 0: as it is. */
  readonly failure: number;
  /** What ps shows meanwhile. */
  readonly title: string;
}

export interface TerminalSize {
  readonly columns: number;
  /** At least 1. */
  readonly rows: number;
}

/** Joining a running container. */
export interface EnterPlan {
  readonly pid: number;
  /** Start time of pid in clock ticks since boot: a recycled pid is refused. */
  readonly startTime: bigint;
  /** v2 directory that the program is born in, made if missing; "" for none. */
  readonly cgroup: string;
  /** A new terminal of the container's own devpts, relayed to descriptors 0 and 1; otherwise descriptors 0, 1, 2 as they are. */
  readonly pty: boolean;
  /**
   * null: the terminal is as large as ours. Otherwise its bytes come and go over descriptors 0 and 1, the end of 0 hangs up, and each new size comes
   * over descriptor 3: u16 rows, u16 columns.
   */
  readonly size: TerminalSize | null;
  /** Bytes typed into the pty before the user's own (vzctl enter --exec). */
  readonly typed: Uint8Array;
  /** null: who started the launcher waits for it. */
  readonly back: HandBack | null;
  /** joinCgroup and write operations first, in the node's namespaces; then what the process is; exec last. */
  readonly ops: readonly Op[];
}

/** Operations below a root directory (RESOLVE_IN_ROOT): nothing that lies inside can lead them out. */
export type TreeOp =
  | { readonly op: 'read'; readonly path: string; readonly max: number }
  | { readonly op: 'list'; readonly path: string; readonly max: number }
  | { readonly op: 'stat'; readonly path: string; readonly follow: boolean }
  | { readonly op: 'readlink'; readonly path: string }
  /** Atomic: a temporary file in the same directory, then rename. Keeps mode and owner of an existing regular file. */
  | {
      readonly op: 'write';
      readonly path: string;
      readonly data: Uint8Array;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  | { readonly op: 'mkdir'; readonly path: string; readonly mode: number }
  | { readonly op: 'symlink'; readonly target: string; readonly path: string }
  /** A file, a link, or a directory with all that is in it. A missing path is no error. */
  | { readonly op: 'remove'; readonly path: string }
  /** Links are not followed. */
  | { readonly op: 'chown'; readonly path: string; readonly uid: number; readonly gid: number };

export interface TreeStat {
  readonly type: 'file' | 'dir' | 'link' | 'other';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
}

/** One result per TreeOp; `errno` (a name such as "ENOENT") instead of a thrown error, since most callers expect some to be missing. */
export type TreeResult =
  | {
      readonly ok: true;
      readonly data?: Uint8Array;
      readonly names?: readonly string[];
      readonly stat?: TreeStat;
      readonly target?: string;
    }
  | { readonly ok: false; readonly errno: string };
