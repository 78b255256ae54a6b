// The shape of the parameter table: what a container parameter is, how one is read and written, and how a change meets what is stored.

/** What a value is checked against that lies outside of it. spec asks nobody itself. */
export interface Around {
  /** CPUs of the node. */
  readonly cpus: number;
  /** What /dev/NAME is; an errno name when it cannot be looked at. */
  readonly device: (path: string) => { readonly type: 'block' | 'char' | 'other'; readonly major: number } | string;
  /** Hardware address of the node's first network card, lower case, "00:00:00:00:00:00" without one. */
  readonly hardware: () => string;
  /** An address of the node's pools that no config has, for container `id`, who has `not` already; null where there is none. */
  readonly free?: (family: 4 | 6, id: number, not: readonly string[]) => string | null;
}

/** A line that a value provokes while it is read, with the level of VerbEvent. */
export interface Remark {
  readonly level: -1 | 0 | 1;
  readonly text: string;
}

/** A value as configs keep it (canonical, unescaped), or why it is refused. */
export type Reading =
  | { readonly ok: true; readonly value: string; readonly remarks?: readonly Remark[] }
  | {
      readonly ok: false;
      /** range: too large; a config then takes `cut` and warns. */
      readonly fault: 'syntax' | 'range';
      readonly cut?: string;
      /** What of the value the refusal shows: lists show their first word. */
      readonly shown?: string;
      readonly remarks?: readonly Remark[];
    };

/** What is asked of one parameter: canonical texts, lists joined by blanks. del "all" empties. */
export interface Change {
  readonly set?: string;
  readonly add?: string;
  readonly del?: string;
  /** Fields of NETIF entries, "ifname=eth0,bridge=br0;ifname=eth1,mac_filter=off". */
  readonly edit?: string;
}
export type Operation = keyof Change;

/** Result of a change: the line to store, null for "nothing to store". */
export type Merged = { readonly ok: true; readonly value: string | null } | { readonly ok: false; readonly text: string };

/** A thing of a list by its fields; what is left open is missing or empty. */
export type Item = Readonly<Record<string, string>>;

export interface ItemField {
  readonly name: string;
  /** One line for whoever fills it in. */
  readonly help: string;
  readonly choices?: readonly string[];
  /** What is wrong with a text that is not empty, as "expected …"; null: nothing. */
  readonly fault?: (text: string) => string | null;
  /** It may stay open; otherwise the thing is none without it. */
  readonly open?: true;
}

/** What a thing of a list is read beside. */
export interface Beside {
  readonly id: number;
  readonly around: Around;
  /** The other things of the list, canonical. */
  readonly others: readonly string[];
}

/** How a list is edited thing by thing. */
export interface Items {
  /** What one of them is called: "address". */
  readonly one: string;
  readonly fields: readonly ItemField[];
  /** Of a canonical value. */
  readonly split: (value: string) => readonly Item[];
  readonly separator: ' ' | ';';
  /** One of them as a canonical value has it, with what follows from what is left open; remarks say what was chosen. */
  readonly read: (item: Item, beside: Beside) => Reading;
  /** Said when nobody else has anything of it; lists of which that is no question have no such sentence. */
  readonly free?: string;
  /** By which two of them are the same. */
  readonly identity: (item: Item) => string;
}

export interface Grammar {
  /** How a value is written, for help and forms. */
  readonly hint: string;
  /** From the command line or a form. */
  readonly read: (text: string, around: Around) => Reading;
  /** From a config, where it differs. */
  readonly readFile?: (text: string, around: Around) => Reading;
  /** Lists only: the same option twice, or two lines of a config. */
  readonly join?: (first: string, second: string) => string;
  /** Where a change is more than a new value. */
  readonly merge?: (stored: string | undefined, change: Change, id: number, around: Around) => Merged;
  /** Lists only: how they are edited thing by thing. */
  readonly items?: Items;
  /** The change that leads from one canonical value to another, where words that come and go do not tell. */
  readonly way?: (before: string, wanted: string) => Change;
  /** Of two canonical values, where they may mean the same and differ. */
  readonly same?: (a: string, b: string) => boolean;
  /** A canonical value as an option takes it, where that differs. */
  readonly option?: (value: string) => string;
  /** Text between the quotes where it is more than the value: some lists end in a blank. */
  readonly print?: (value: string) => string;
  /** Left as it is for the shell to expand ($VEID). */
  readonly expands?: boolean;
  /** Two numbers, barrier and limit; one of them stands for both. */
  readonly pair?: true;
  /** All values that there are, where they are few. */
  readonly choices?: readonly string[];
  /** Sample values for tests and examples in help. */
  readonly examples: readonly string[];
  /** Words that a value, or one word of a list, may be besides others: for completion. */
  readonly words?: readonly string[];
}

export interface Flag {
  readonly name: string;
  readonly short?: string;
  readonly op: Operation;
  /** Where this flag reads its value differently (--ram for PHYSPAGES). */
  readonly grammar?: Grammar;
  /** With op edit: the field of the entry. */
  readonly field?: string;
  readonly help?: string;
}

/** What numbers of a value count, for whoever shows them. Blocks are of 1 KiB, units are shares of OpenVZ. */
export type Unit = 'items' | 'bytes' | 'pages' | 'blocks' | 'percent' | 'units' | 'seconds' | 'bytes/s' | 'operations/s';

/** Who holds a container to a parameter. */
export interface Enforcer {
  readonly by: 'cgroup' | 'kernel' | 'bpf' | 'seccomp' | 'idmap' | 'engine' | 'distribution' | 'nobody';
  /** What of it does: a controller, a mount option, a step; with nobody, why. */
  readonly how: string;
  /** Of a controller: its control file by cgroup version; none where that version has none. */
  readonly files?: { readonly 1?: string; readonly 2?: string };
}

export interface Param {
  readonly key: string;
  /** Other names in old configs; they are read, never written. */
  readonly aliases?: readonly string[];
  readonly grammar: Grammar;
  readonly flags: readonly Flag[];
  /** The same option, or config line, again: the first or the last one counts, or both together. */
  readonly repeat: 'first' | 'last' | 'add';
  /** live: acts on a running container; restart: needs one; stored: only kept; node: acts on the node at once. */
  readonly acts: 'live' | 'restart' | 'stored' | 'node';
  /** What this version makes of it: acts at once, with the next start, or not at all; then it is read, checked, kept and shown, no more. */
  readonly effect: 'live' | 'start' | 'none';
  readonly enforcer: Enforcer;
  /** First Linux that can hold a container to it, where an older one that the engine runs on can't. */
  readonly since?: string;
  /** Values that are numbers count this. */
  readonly unit?: Unit;
  /** Taken, kept and written for old files and scripts; says what to use instead, or why nothing. */
  readonly obsolete?: string;
  /** What each choice comes to, where its name does not tell; short, for a line of a form. */
  readonly means?: Readonly<Record<string, string>>;
  readonly fallback?: string;
  readonly help: string;
  /** Field of vzlist that shows it. */
  readonly field?: string;
}
