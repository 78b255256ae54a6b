// What is being done and was done: runs of verbs, verbs on many containers at once, and how they fail. As plain data.

/** A failure as plain data: taken from a VzError, or from any other error with code "unknown". */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly fields: Readonly<Record<string, string | number | undefined>>;
}

export interface TaskLine {
  readonly level: -1 | 0 | 1;
  readonly text: string;
}

/** One run of a verb, from its key to its dismissal. */
export interface Task {
  readonly id: number;
  /** What the footer and the panel call it: "start 101 web". */
  readonly title: string;
  readonly verb: string;
  /** CTID, null for work on templates. */
  readonly ct: number | null;
  /** The same as a vzctl line, for people who want to repeat it. */
  readonly command: string;
  readonly state: 'running' | 'cancelling' | 'done' | 'failed' | 'cancelled';
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly lines: readonly TaskLine[];
  readonly progress: { readonly done: number; readonly total: number; readonly unit: string } | null;
  readonly failure: Failure | null;
  /** A failure stays on the screen until this is set: by a key, or because it has become moot. */
  readonly dismissed: boolean;
  /** It is or was another process's: how it is asked to be cancelled, and whose it is. */
  readonly elsewhere?: { readonly record: string; readonly by: string };
}

/** How far a verb on many is with one of them. */
export interface BulkItem {
  readonly ct: number;
  /** "101 web". */
  readonly label: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  /** Its task, once it has begun. */
  readonly task: number | null;
  readonly failure: Failure | null;
}

/** One verb on many containers. */
export interface Bulk {
  readonly id: number;
  /** Name in the table of keys: what it takes to do the same again. */
  readonly action: string;
  /** What is done: "stop". */
  readonly title: string;
  readonly items: readonly BulkItem[];
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** Nothing more of it begins. */
  readonly cancelled: boolean;
}
