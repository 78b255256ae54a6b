// What the state holds for the container view and its lists: their shapes, and how each begins. What they mean is told by listing.ts, processes.ts,
// log.ts and journal-rows.ts.
import type {
  Change,
  ChangeEvidence,
  Connections,
  CtTraffic,
  HistoryPoint,
  HistorySpan,
  JournalEntry,
  LedgerGap,
  LogLine,
  NodePromise,
  Talks,
  UbcRow,
  Who,
  Why,
} from '../../engine/index.ts';
import { type LineInput, lineInput } from '../forms/line-input.ts';

export interface Listing {
  /** Whose it is. */
  readonly of: string;
  readonly find: LineInput;
  /** Keys are typed into `find`. */
  readonly finding: boolean;
  /** The row under the cursor, and where it was last seen. null: the newest row, wherever that is (a log that is followed). */
  readonly key: string | null;
  readonly index: number;
  readonly top: number;
  readonly folded: ReadonlySet<string>;
}

export const NO_LISTING: Listing = { of: '', find: lineInput(), finding: false, key: '', index: 0, top: 0, folded: new Set() };

export const PROCESS_SORTS = ['tree', 'cpu', 'memory', 'time', 'pid'] as const;
export type ProcessSort = (typeof PROCESS_SORTS)[number];

/** By CTID and user id. */
export type Users = ReadonlyMap<number, ReadonlyMap<number, string>>;

export interface KeptLine extends LogLine {
  /** Counts up from the first that was read. */
  readonly key: string;
}

export interface CtLog {
  /** Whose log it is: CTID and source. */
  readonly of: string;
  /** "journal", "/var/log/messages", "console"; "" while nobody has said. */
  readonly what: string;
  readonly lines: readonly KeptLine[];
  readonly count: number;
  /** Why no more comes; "" while more may come. */
  readonly ended: string;
}

export const NO_LOG: CtLog = { of: '', what: '', lines: [], count: 0, ended: '' };

export interface JournalRow {
  readonly key: string;
  /** Its texts are made harmless. */
  readonly entry: JournalEntry;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface SeenJournal {
  /** The newest first. */
  readonly rows: readonly JournalRow[];
  readonly damaged: number;
}

/** A parameter that was changed in the form and is not saved. */
export interface DraftEntry {
  /** As the engine takes it. */
  readonly change: Change;
  /** The value that it leads to, as the config will have it. */
  readonly value: string;
}

/** By config key. */
export type Draft = ReadonlyMap<string, DraftEntry>;

/** Beancounters in one look. */
export interface UbcLook {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** By name, in the kernel's order. */
  readonly rows: ReadonlyMap<string, UbcRow>;
  /** Refusals of the last minute as the ledger has them; null where it has none. */
  readonly minute: ReadonlyMap<string, number> | null;
}

export const UBC_SORTS = ['trouble', 'file'] as const;
/** What needs somebody first, or as the old file has them. */
export type UbcSort = (typeof UBC_SORTS)[number];

/** What the lines below the beancounters are about. */
export type UbcPanel = { readonly kind: 'explain' } | WhoPanel | HistoryPanel;

/** How one beancounter was, as far as somebody has looked. */
export interface HistoryPanel {
  readonly kind: 'history';
  readonly span: HistorySpan;
  /** Whose points they are: CTID and beancounter; "" before the first. */
  readonly of: string;
  /** Oldest first. */
  readonly points: readonly HistoryPoint[];
  /** Samples that cannot be read any more. */
  readonly damaged: number;
}

/** Who holds one beancounter, asked for once. */
export interface WhoPanel {
  readonly kind: 'who';
  readonly ct: number;
  /** Of the beancounter. */
  readonly name: string;
  /** Null while it is being looked up; its texts are made harmless. */
  readonly answer: Who | null;
  /** Why it can't be told; "" while nothing speaks against it. */
  readonly trouble: string;
}

export interface SeenUbc {
  /** CTID, null: none was looked at yet. */
  readonly ct: number | null;
  readonly running: boolean;
  /** The first look since somebody looks. */
  readonly first: UbcLook | null;
  /** Oldest first, bounded. */
  readonly looks: readonly UbcLook[];
  /** Of the ledger, as of the last look. */
  readonly gaps: readonly LedgerGap[];
  /** Only rows that have trouble are shown. */
  readonly only: boolean;
  /** Null: a word about the row under the cursor. */
  readonly panel: UbcPanel | null;
  /** Who has lowered which of them last, as it was told at a time in milliseconds since 1970; null before that. */
  readonly lowered: { readonly at: number; readonly changes: ReadonlyMap<string, ChangeEvidence> } | null;
}

export const NO_UBC: SeenUbc = { ct: null, running: false, first: null, looks: [], gaps: [], only: false, panel: null, lowered: null };

/** The grid of all containers' beancounters. */
export interface UbcGrid {
  /** Name of the beancounter under the cursor. */
  readonly column: string;
  /** Only containers that have trouble are shown. */
  readonly only: boolean;
  /** What all were promised against what the node has; null before the first sum. */
  readonly promises: readonly NodePromise[] | null;
}

export const NO_GRID: UbcGrid = { column: 'numproc', only: false, promises: null };

export interface SeenWhy {
  /** CTID, null: the node with all of them. */
  readonly ct: number | null;
  /** Null before the first answer. */
  readonly answer: Pick<Why, 'sentences' | 'looked'> | null;
  /** It is being found out, perhaps anew. */
  readonly asking: boolean;
  /** Why it can't be told; "" while nothing speaks against it. */
  readonly trouble: string;
  /** Of the answer, milliseconds since 1970. */
  readonly at: number;
}

export const NO_WHY: SeenWhy = { ct: null, answer: null, asking: false, trouble: '', at: 0 };

/** Bytes a second of the last looks, newest last. */
export interface Pace {
  readonly up: readonly number[];
  readonly down: readonly number[];
}

export interface SeenNet {
  /** CTID, 'all', or null: nobody looks. */
  readonly of: number | 'all' | null;
  /** Null before the first look. */
  readonly traffic: readonly CtTraffic[] | null;
  /** By CTID, and by "CTID LINK". */
  readonly pace: ReadonlyMap<string, Pace>;
  /** Of the container that is looked at. */
  readonly connections: Connections | null;
  /** Where all are looked at. */
  readonly talks: Talks | null;
  /** Why connections can't be told; "" while nothing speaks against it. */
  readonly trouble: string;
}

export const NO_NET: SeenNet = { of: null, traffic: null, pace: new Map(), connections: null, talks: null, trouble: '' };
