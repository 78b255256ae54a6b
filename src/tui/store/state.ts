// What the manager knows at one moment: the whole state as one value, and nothing about how it is drawn or who changes it.
import type {
  Change,
  CtParameter,
  CtProcess,
  CtSample,
  JournalEntry,
  LogSource,
  NodeSample,
  NodeSize,
  Obstacle,
  PlanLine,
  SampleConfig,
  SeatOutcome,
  TemplateInfo,
  Vitals,
} from '../../engine/index.ts';
import type { CreateForm } from '../forms/create-form.ts';
import type { ItemsForm } from '../forms/items-form.ts';
import type { LineInput } from '../forms/line-input.ts';
import type { ParameterForm } from '../forms/parameter-form.ts';
import type { Bindings } from '../keys/bindings.ts';
import type { ColumnId } from './columns.ts';
import type { Notice } from './notice.ts';
import type { KeptPanes, PaneInfo, PanePrompt, Watched } from './pane-info.ts';
import type { PaneTree } from './pane-tree.ts';
import type { Tab } from './tabs.ts';
import type { Bulk, Failure, Task } from './task.ts';
import type { CtLog, Draft, Listing, ProcessSort, SeenJournal, SeenNet, SeenUbc, SeenWhy, UbcGrid, UbcSort, Users } from './view-state.ts';

export type View =
  | { readonly name: 'table' }
  | { readonly name: 'container'; readonly ct: number }
  | { readonly name: 'tasks'; readonly selected: number | null }
  /** A task's failure, or without one how the container ended: that was before the manager, or nobody's verb. */
  | {
      readonly name: 'trouble';
      /** Lines scrolled away at its top, where not all fit. */
      readonly top?: number;
      readonly ct: number | null;
      readonly task: number | null;
      readonly ended: { readonly at: number; readonly failure: Failure } | null;
    }
  /** `selected`: name of a template. */
  | { readonly name: 'templates'; readonly selected: string | null }
  | { readonly name: 'panes' }
  | { readonly name: 'create' }
  /** Processes of all containers. */
  | { readonly name: 'node-processes' }
  /** Beancounters of all containers. */
  | { readonly name: 'node-beans' }
  /** Networks of all containers. */
  | { readonly name: 'node-network' }
  /** What becomes of a verb on all that was marked; `chosen` counts from its first line. */
  | { readonly name: 'bulk'; readonly chosen: number }
  /** What saving the changed parameters of a container would do; `top`: lines scrolled away. */
  | { readonly name: 'changes'; readonly ct: number; readonly top: number }
  | { readonly name: 'journal' }
  /** What goes wrong with a container; null: with the node. */
  | { readonly name: 'why'; readonly ct: number | null }
  | { readonly name: 'task-log'; readonly task: number }
  /** `top`: rows scrolled away. */
  | { readonly name: 'made'; readonly task: number; readonly top: number };
export type ViewName = View['name'];

/** A template, its texts made harmless. */
export interface TemplateRow {
  /** As verbs take it; `label` is what is drawn. */
  readonly name: string;
  readonly label: string;
  readonly file: string;
  /** Bytes of the archive, 0 without one. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly made: number;
  readonly shared: boolean;
  readonly embedded: boolean;
  readonly from: string;
  /** Lines of the apt sources that it was built from. */
  readonly sources: readonly string[];
  /** Why nothing can be made from it; "" when nothing is known against it. */
  readonly fault: string;
  /** What a look at all of its bytes has found. */
  readonly checked: 'not' | 'whole' | 'broken';
}

/** One container of an order for many. */
export interface MadeRow {
  readonly id: number;
  readonly name: string;
  readonly hostname: string;
  /** Of root, "" for none; it is kept nowhere else. */
  readonly password: string;
  readonly end: 'waits' | SeatOutcome['end'];
  /** It is there, whatever came after. */
  readonly made: boolean;
  /** How far it is, or what went wrong. */
  readonly text: string;
}

export interface MadeList {
  /** Id of the task that makes them. */
  readonly task: number;
  readonly title: string;
  readonly rows: readonly MadeRow[];
  /** Where the passwords were taken: "copied", or a file; "" for nowhere. */
  readonly kept: string;
}

/** What floats above the view and takes all keys. */
export type Overlay =
  | { readonly kind: 'help'; readonly top: number }
  /** What a command of one's own is asked for; it is about container `ct`, null: none. */
  | { readonly kind: 'ask'; readonly action: string; readonly ct: number | null; readonly input: LineInput; readonly trouble: string }
  /** `chosen` counts what matches, the best is 0. */
  | { readonly kind: 'palette'; readonly input: LineInput; readonly chosen: number }
  /** Columns to choose from; `chosen` counts those that fit what is typed, the first is 0. */
  | { readonly kind: 'columns'; readonly input: LineInput; readonly chosen: number }
  | { readonly kind: 'save'; readonly task: number; readonly input: LineInput; readonly trouble: string }
  /** `action` is a name in the table of keys. */
  | { readonly kind: 'confirm'; readonly action: string; readonly question: Question }
  /** `chosen` counts the recipes that the text fits. */
  | { readonly kind: 'template'; readonly input: LineInput; readonly chosen: number; readonly trouble: string }
  /** Which signal, or which place in the queue for the CPU, for the process that is aimed at. */
  | { readonly kind: 'signal' }
  /** One parameter that is changed. */
  | { readonly kind: 'parameter'; readonly form: ParameterForm }
  /** One that is a list, thing by thing. */
  | { readonly kind: 'items'; readonly form: ItemsForm }
  /** Sample configs, one of which a container is compared with; `chosen` counts from the first. */
  | { readonly kind: 'samples'; readonly samples: readonly SampleConfig[]; readonly chosen: number }
  /** What the sample that is made of a container is called. */
  | { readonly kind: 'sample-name'; readonly ct: number; readonly input: LineInput; readonly trouble: string }
  | { readonly kind: 'renice'; readonly input: LineInput; readonly trouble: string };

/** A process that something is about to be done to. */
export interface Aim {
  readonly process: CtProcess;
  /** Place in SIGNALS of the signal under the cursor. */
  readonly signal: number;
}

/** What was read of the container that is looked at, beside what the sampler tells of all. */
export interface Looked {
  /** CTID, null: nothing was read yet. */
  readonly ct: number | null;
  readonly vitals: Vitals | null;
  /** Where they are looked at. */
  readonly parameters: readonly CtParameter[] | null;
  /** Newest last; what others and this manager did to it. */
  readonly journal: readonly JournalEntry[];
}

/** A parameter before it was changed. */
export interface Before {
  /** Canonical, as the container's own file had it; null: it said nothing. */
  readonly own: string | null;
  /** What held, by kernel or files; null where nothing did. */
  readonly held: string | null;
}

/** Parameters that were saved last, by whom they can be taken back, and for which others they can be saved as well. */
export interface SavedChanges {
  readonly changes: ReadonlyMap<string, Change>;
  /** By CTID and key. */
  readonly before: ReadonlyMap<number, ReadonlyMap<string, Before>>;
}

/** What saving a draft would do, as far as it is known. */
export interface Review {
  readonly ct: number;
  readonly draft: Draft;
  /** Null while it is being found out. */
  readonly lines: readonly PlanLine[] | null;
  readonly failure: Failure | null;
}

/** What a dangerous action will do, said before it is done. */
export interface Question {
  /** CTID that it is about: the answer holds for no other; null for what is about no container, or several. */
  readonly ct: number | null;
  /** CTIDs, where it is about what is marked. */
  readonly cts?: readonly number[];
  readonly title: string;
  readonly lines: readonly string[];
  readonly command: string;
  /** Word behind the key that goes on: "stop it". */
  readonly yes: string;
  /** Words behind the keys that do not: "keep it". */
  readonly no: string;
  /** Words behind l, where there is a third answer. */
  readonly other?: string;
  /** true: Enter is enough. false: only y. */
  readonly enter: boolean;
}

export interface Sort {
  readonly column: ColumnId;
  readonly descending: boolean;
}

/** What the last tick added per second, and for how many ticks it stays warm. */
export interface Warm {
  readonly delta: number;
  readonly ticks: number;
}

/** Refusals of one container since the manager looks, of all beancounters and by their names. */
export interface Heat extends Warm {
  readonly by: ReadonlyMap<string, Warm>;
}

export interface Settings {
  readonly theme: string;
  readonly mouse: boolean;
  readonly sort: Sort;
  /** In their order; null: the usual ones. */
  readonly columns: readonly ColumnId[] | null;
  /** Milliseconds between two looks at the node. */
  readonly period: number;
  /** Programs in panes may set the clipboard. */
  readonly paneClipboard: boolean;
  /** The tour has been offered. */
  readonly toured: boolean;
  readonly processSort: ProcessSort;
  readonly ubcSort: UbcSort;
  /** Long lines of logs are broken instead of cut. */
  readonly logWrap: boolean;
  /** Open when the manager was left; null where none was. */
  readonly lastPanes: KeptPanes | null;
}

/** Limits that a container at rest will have; null = none. Processes, and bytes. */
export interface Configured {
  readonly ct: number;
  /** Missing where the config does not say. */
  readonly numproc?: number | null;
  readonly memory: number | null;
}

/** CTID under the cursor, and where it was last seen: where the cursor goes when its container is gone. */
export interface Cursor {
  readonly ct: number | null;
  readonly index: number;
  readonly top: number;
  /** The container that it goes to as soon as there is one, if it is not moved before. */
  readonly next?: number;
}

export interface ManagerState {
  /** The engine is loaded beside the first frame. */
  readonly engine: 'loading' | 'ready' | { readonly failed: Failure };
  readonly readOnly: boolean;
  /** It was started so: nobody switches it off. */
  readonly readOnlyFixed: boolean;
  /** What the person has changed about the table of keys. */
  readonly bindings: Bindings;
  /** What is wrong in the person's own files, a sentence each. */
  readonly faults: readonly string[];
  readonly size: { readonly columns: number; readonly rows: number };
  readonly sample: NodeSample | null;
  /** Node CPU percent of the last ticks, newest last. */
  readonly cpuHistory: readonly number[];
  /** CPU percent of the last ticks by CTID, newest last. */
  readonly ctHistory: ReadonlyMap<number, readonly number[]>;
  /** Why the last tick of the sampler failed; "" when it did not. */
  readonly sampleTrouble: string;
  /** Of the container at rest that was looked at last. */
  readonly configured: Configured | null;
  readonly obstacles: readonly Obstacle[];
  readonly templates: readonly TemplateInfo[];
  /** As their list shows them; null before the first look. */
  readonly templateRows: readonly TemplateRow[] | null;
  /** Where archives are looked for; "" until the engine is loaded. */
  readonly templateCache: string;
  /** The containers after filter and sort, in the order of the screen. */
  readonly rows: readonly CtSample[];
  readonly heat: ReadonlyMap<number, Heat>;
  readonly sort: Sort;
  /** Columns of the table in their order; null: the usual ones. */
  readonly columns: readonly ColumnId[] | null;
  /** Milliseconds between two looks at the node. */
  readonly period: number;
  /** CTIDs in the order that rows keep until somebody lets go; null: they follow their figures. */
  readonly held: readonly number[] | null;
  /** CTIDs of what is marked. */
  readonly marks: ReadonlySet<number>;
  /** The last one that was marked or unmarked: where a range begins. */
  readonly markFrom: number | null;
  /** The verb on marked containers that runs, or ran last. */
  readonly bulk: Bulk | null;
  readonly filter: LineInput;
  readonly filtering: boolean;
  readonly cursor: Cursor;
  /** Never empty; the last one is on the screen. */
  readonly views: readonly [View, ...View[]];
  readonly overlay: Overlay | null;
  /** Of the container view, as it was left last. */
  readonly tab: Tab;
  /** Of the view on top, if it is its own: listing.ts tells. */
  readonly listing: Listing;
  /** Of the containers that are looked at; null: not read yet. */
  readonly processes: readonly CtProcess[] | null;
  readonly processSort: ProcessSort;
  /** Beancounters of the container that is looked at. */
  readonly ubc: SeenUbc;
  readonly ubcSort: UbcSort;
  readonly grid: UbcGrid;
  readonly net: SeenNet;
  /** As it was found out last. */
  readonly why: SeenWhy;
  readonly users: Users;
  readonly looked: Looked;
  /** Of the tabs console and log. */
  readonly log: CtLog;
  /** Which of the two the tab log shows. */
  readonly logSource: LogSource;
  /** Lines of this level and worse are shown, where the log has levels; 7 is all. */
  readonly logLevel: number;
  /** Long lines are broken instead of cut. */
  readonly logWrap: boolean;
  /** What a choice or a question on the screen is about. */
  readonly aim: Aim | null;
  /** Oldest first. */
  readonly tasks: readonly Task[];
  /** Of other managers and sessions, past ones first. */
  readonly others: readonly Task[];
  readonly notices: readonly Notice[];
  /** Null until it is opened. */
  readonly journal: SeenJournal | null;
  readonly panes: readonly PaneInfo[];
  /** The pane that keys are about. */
  readonly paneCursor: number | null;
  /** Open when the manager was left last; null once one is open again. */
  readonly lastPanes: KeptPanes | null;
  /** The shell or console that is being opened, which has the keyboard already: "a shell in 101 web"; "" when none is. */
  readonly opening: string;
  /** Null while no tab shows one. */
  readonly watched: Watched | null;
  /** The keyboard belongs to the pane under the pane cursor, in a container's tab to its console. */
  readonly typing: boolean;
  readonly zoomed: boolean;
  /** How the panes that are shown share the screen; null while none is open. */
  readonly arrangement: PaneTree | null;
  /** What is typed goes to all marked panes. */
  readonly broadcast: boolean;
  readonly prompt: PanePrompt | null;
  readonly form: CreateForm | null;
  /** Orders for many containers whose list nobody has left yet, oldest first. */
  readonly made: readonly MadeList[];
  /** Where the tour is, and the state in which its step began; null without one. */
  readonly tour: { readonly step: number; readonly since: ManagerState } | null;
  readonly toured: boolean;
  readonly plan: { readonly lines: readonly PlanLine[]; readonly failure: Failure | null; readonly top: number } | null;
  /** By CTID; what was changed in the form and is not saved. */
  readonly drafts: ReadonlyMap<number, Draft>;
  readonly review: Review | null;
  /** What limits are compared with; null until a form was opened. */
  readonly nodeSize: NodeSize | null;
  /** The sample that a container is compared with. */
  readonly compare: SampleConfig | null;
  readonly saved: SavedChanges | null;
  /** What the last key led to where it led to nothing; gone with the next one. */
  readonly hint: string;
  readonly theme: string;
  readonly mouse: boolean;
  readonly paneClipboard: boolean;
  /** Milliseconds since 1970 of the newest beat of the clock in the header. */
  readonly now: number;
}
