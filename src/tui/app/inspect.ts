// Reads what the view on top shows beyond the sampler's rows: processes, vitals, parameters, a log. Asked at each tick and with each change of
// view, and for nothing that nobody looks at.
import type { CtLedger, CtParameter, Engine, JournalEntry, LogFollow, ProcessReader } from '../../engine/index.ts';
import { topView } from '../keys/mode.ts';
import { containerOf } from '../keys/subject.ts';
import { runs } from '../store/columns.ts';
import { cleanDeed } from '../store/events.ts';
import { failureOf } from '../store/failure.ts';
import { MOST_ENTRIES, seenJournal } from '../store/journal-rows.ts';
import { withLines } from '../store/log.ts';
import { cleanProcess } from '../store/processes.ts';
import type { ManagerState } from '../store/state.ts';
import type { Store } from '../store/store.ts';
import { beanUnder, cleanLowered, cleanUbc, withLook } from '../store/ubc.ts';
import { type CtLog, NO_LOG, type SeenUbc } from '../store/view-state.ts';
import { showsPrinted } from '../store/watched.ts';
import { NetworkLook } from './look-network.ts';
import type { ManagedEngine } from './manager.ts';

/** What is wanted, as one value: another one means that another thing is looked at. */
interface Wanted {
  /** CTIDs whose processes are shown, null: nobody's. */
  readonly processes: 'all' | number | null;
  /** The container whose vitals or parameters are shown. */
  readonly looked: number | null;
  /** Of a log: CTID and source. */
  readonly log: readonly [ct: number, source: ManagerState['logSource']] | null;
  /** The container whose beancounters are shown. */
  readonly beans?: number;
  /** Of which beancounter the history is shown, and how much of it. */
  readonly history?: string;
  /** What all containers were promised is shown. */
  readonly promises?: true;
  /** All deeds are shown. */
  readonly journal?: true;
  /** Whose networks are shown. */
  readonly net?: number | 'all';
}

interface ReadParameters {
  readonly look: number;
  readonly parameters: readonly CtParameter[];
}

/** What somebody inside changes is seen after so many looks. */
const LOOKS_TO_ASK = 15;
const LAST_LINES = 500;
const MINUTE = 60_000;
const LAST_DEEDS = 200;
/** What is logged inside is told by a program that is sent in. */
const NO_PROGRAM = 'Read-only: no program is sent in to read it';

/** "seconds numproc"; "" where no history is shown. */
const historyOf = (state: ManagerState): string =>
  state.ubc.panel?.kind === 'history' ? `${state.ubc.panel.span} ${beanUnder(state)?.name ?? ''}` : '';

function wantedBy(state: ManagerState): Wanted {
  const view = topView(state);
  if (view.name === 'node-processes') return { processes: 'all', looked: null, log: null };
  if (view.name === 'node-beans') return { processes: null, looked: null, log: null, promises: true };
  if (view.name === 'node-network') return { processes: null, looked: null, log: null, net: 'all' };
  if (view.name === 'journal') return { processes: null, looked: null, log: null, journal: true };
  if (view.name === 'changes') return { processes: null, looked: view.ct, log: null };
  if (view.name !== 'container') return { processes: null, looked: null, log: null };
  const { tab, logSource } = state;
  return {
    processes: tab === 'processes' ? view.ct : null,
    looked: tab === 'overview' || tab === 'parameters' || tab === 'events' ? view.ct : null,
    ...(tab === 'network' ? { net: view.ct } : {}),
    ...(tab === 'beans' ? { beans: view.ct, history: historyOf(state) } : {}),
    log: tab === 'console' ? (showsPrinted(state) ? [view.ct, 'console'] : null) : tab === 'log' ? [view.ct, logSource] : null,
  };
}

const nameOf = ({ processes, looked, beans, history, log, promises, journal, net }: Wanted, tab: string): string =>
  `${promises} ${processes} ${looked} ${beans} ${history} ${log} ${journal} ${net} ${tab}`;

/** The sampler has read it already: what is read twice a second costs twice, and shows two truths. */
const accountIn = (sample: ManagerState['sample'], ct: number | undefined): CtLedger | undefined =>
  sample?.containers.find(({ id }) => id === ct)?.ubc;

class Inspection {
  readonly #store: Store;
  readonly #engine: ManagedEngine;
  #wanted = '';
  /** Whose deeds were read last, and where the journal ended then. */
  #deeds = '';
  #reader: ProcessReader | null = null;
  /** Whose beancounters were read last, and with which look at the node. */
  #counted: { readonly ct: number | undefined; readonly sample: ManagerState['sample'] } = { ct: undefined, sample: null };
  /** CTIDs whose user names were asked for; they live as long as somebody looks at processes. */
  readonly #named = new Set<number>();
  /** Whose parameters were asked of programs as well, at which end of the journal, and so many looks ago. */
  #asked = { of: '', looks: 0 };
  /** What was read of parameters, and by which look: on a busy node an older one may end after a newer one. */
  #read: { readonly ct: number; readonly own: ReadParameters | null; readonly asked: ReadParameters | null } = {
    ct: 0,
    own: null,
    asked: null,
  };
  #looks = 0;
  readonly #network: NetworkLook;
  #log: { readonly of: string; readonly end: AbortController; follow: LogFollow | null } | null = null;

  constructor(store: Store, engine: ManagedEngine) {
    this.#store = store;
    this.#engine = engine;
    this.#network = new NetworkLook(store, engine);
  }

  /** `ticked`: the node has been looked at anew. */
  look(state: ManagerState, ticked: boolean): void {
    const wanted = wantedBy(state);
    const name = nameOf(wanted, state.tab);
    if (name === this.#wanted && !ticked) return;
    const other = name !== this.#wanted;
    this.#wanted = name;
    try {
      this.#processes(state, wanted.processes, other);
      this.#vitals(state, wanted.looked);
      this.#beans(state, wanted);
      this.#follow(state, wanted.log);
      this.#network.look(state, wanted.net ?? null);
      if (wanted.promises) this.#promises(state);
      if (wanted.journal) this.#journal(state);
    } catch (error) {
      // A container that goes while it is looked at leaves what was seen last.
      this.#store.setState({ hint: failureOf(error).message });
    }
  }

  #processes(state: ManagerState, of: Wanted['processes'], other: boolean): void {
    if (of === null) {
      this.#reader?.close();
      this.#reader = null;
      this.#named.clear();
      if (state.processes !== null) this.#store.setState({ processes: null });
      return;
    }
    this.#reader ??= this.#engine.processes();
    const cts = (state.sample?.containers ?? []).filter((ct) => ct.init !== null && (of === 'all' || ct.id === of));
    const processes = this.#reader.look(cts).map(cleanProcess);
    if (other || !sameItems(processes, state.processes)) this.#store.setState({ processes });
    for (const { id } of cts) this.#name(id);
  }

  /** A container whose users cannot be read has numbers. */
  #name(id: number): void {
    if (this.#named.has(id)) return;
    this.#named.add(id);
    this.#engine.users(id).then(
      (names) => this.#store.setState(({ users }) => ({ users: new Map([...users, [id, names]]) })),
      () => {},
    );
  }

  #vitals(state: ManagerState, ct: number | null): void {
    if (ct === null) return;
    const row = containerOf(state, ct);
    const vitals = row !== null && runs(row) ? this.#engine.vitals(ct) : null;
    const journal = this.#journalOf(state, ct);
    const parameters = state.looked.ct === ct ? state.looked.parameters : null;
    this.#store.setState({ looked: { ct, vitals, parameters, journal } });
    if (state.tab === 'parameters' || topView(state).name === 'changes') this.#parameters(ct);
  }

  /** Only those of the container that is looked at. */
  #beans({ sample, ubc: { panel } }: ManagerState, { beans: ct, history = '' }: Wanted): void {
    const anew = ct !== this.#counted.ct;
    const moved = !anew && sample === this.#counted.sample;
    this.#counted = { ct, sample };
    const rows = accountIn(sample, ct);
    if (ct === undefined || rows === undefined) return;
    const past = this.#engine.ubcHistory();
    const name = history.split(' ').at(-1) ?? '';
    const points = panel?.kind === 'history' ? past.points(ct, name, panel.span) : [];
    const damaged = panel?.kind === 'history' ? past.damaged(ct, panel.span) : 0;
    const minute = past.growth(ct, MINUTE, rows.rows)?.failcnt ?? null;
    const lowered = this.#lowered(ct, sample?.at ?? 0, anew);
    this.#store.setState(({ ubc: before }) => {
      const ubc = { ...before, lowered: lowered ?? before.lowered };
      // a key that asks for other points is no look at the container
      const looked = moved ? ubc : withLook(ubc, cleanUbc(rows), sample?.at ?? 0, anew, minute);
      return {
        ubc: looked.panel?.kind === 'history' ? { ...looked, panel: { ...looked.panel, of: `${ct} ${name}`, points, damaged } } : looked,
      };
    });
  }

  /** Read anew with each deed; null: nothing has been done since. */
  #lowered(ct: number, at: number, anew: boolean): SeenUbc['lowered'] {
    if (!this.#isNew(`beans ${ct}`) && !anew) return null;
    return { at, changes: cleanLowered(this.#engine.lowered(ct)) };
  }

  /** What is asked of programs comes later than the rest, and anew only now and then, or when something has been done to containers. */
  #parameters(ct: number): void {
    const of = `${ct} ${this.#engine.journalEnd()}`;
    const all = of !== this.#asked.of || this.#asked.looks >= LOOKS_TO_ASK;
    this.#asked = { of, looks: all ? 0 : this.#asked.looks + 1 };
    if (this.#read.ct !== ct) this.#read = { ct, own: null, asked: null };
    const look = ++this.#looks;
    const told = (part: 'own' | 'asked', parameters: readonly CtParameter[]): void => {
      if (this.#store.getState().looked.ct !== ct || this.#read.ct !== ct || (this.#read[part]?.look ?? 0) > look) return;
      this.#read = { ...this.#read, [part]: { look, parameters } };
      const { own, asked } = this.#read;
      if (own !== null)
        this.#store.setState(({ looked }) => ({ looked: { ...looked, parameters: withAsked(own.parameters, asked?.parameters ?? null) } }));
    };
    const failed = (error: unknown): void =>
      this.#store.setState(({ looked }) => (looked.ct === ct ? { hint: failureOf(error, ct).message } : {}));
    const account = accountIn(this.#store.getState().sample, ct);
    const own = this.#engine.parameters(ct, true, account).then((parameters) => told('own', parameters));
    (all ? own.then(() => this.#engine.parameters(ct, false, account)).then((parameters) => told('asked', parameters)) : own).catch(failed);
  }

  #promises({ sample }: ManagerState): void {
    const accounts = (sample?.containers ?? []).flatMap(({ init, ubc }) => (init === null || ubc === undefined ? [] : [ubc]));
    const promises = this.#engine.promises(accounts);
    this.#store.setState(({ grid }) => ({ grid: { ...grid, promises } }));
  }

  /** True once after each change: it may be megabytes. */
  #isNew(of: string): boolean {
    const deeds = `${of} ${this.#engine.journalEnd()}`;
    const is = deeds !== this.#deeds;
    this.#deeds = deeds;
    return is;
  }

  #journal(state: ManagerState): void {
    if (this.#isNew('all') || state.journal === null) this.#store.setState({ journal: seenJournal(this.#engine.journal(MOST_ENTRIES)) });
  }

  #journalOf({ looked, tab }: ManagerState, ct: number): readonly JournalEntry[] {
    const known = looked.ct === ct ? looked.journal : [];
    if (tab !== 'events' || (!this.#isNew(`ct ${ct}`) && looked.ct === ct)) return known;
    return this.#engine.journal(LAST_DEEDS, ct).entries.map(cleanDeed);
  }

  #follow(state: ManagerState, log: Wanted['log']): void {
    const of = log === null ? '' : log.join(' ');
    if (log !== null && this.#log?.of === of) {
      this.#log.follow?.more();
      // It has been started, thawed, or has got a log since.
      const row = containerOf(state, log[0]);
      if (state.log.ended === '' || row?.state !== 'running' || this.#log.follow !== null) return;
    }
    this.#endLog();
    if (log !== null) this.#beginLog(of, ...log);
    else if (state.log !== NO_LOG) this.#store.setState({ log: NO_LOG });
  }

  #beginLog(of: string, ct: number, source: ManagerState['logSource']): void {
    const end = new AbortController();
    const mine = { of, end, follow: null as LogFollow | null };
    this.#log = mine;
    const change = (make: (log: CtLog) => CtLog): void => {
      if (!end.signal.aborted) this.#store.setState((state) => ({ log: make(state.log) }));
    };
    change(() => ({ ...NO_LOG, of }));
    if (source === 'inside' && this.#store.getState().readOnly) {
      change((log) => ({ ...log, ended: NO_PROGRAM }));
      return;
    }
    const request: Parameters<Engine['followLog']>[1] = {
      source,
      last: LAST_LINES,
      follow: true,
      named: (what) => change((log) => ({ ...log, what })),
      lines: (lines) => change((log) => withLines(log, lines)),
      ended: (reason) => change((log) => ({ ...log, ended: reason || 'It has ended' })),
    };
    this.#engine.followLog(ct, request).then(
      (follow) => {
        if (end.signal.aborted) follow.close();
        else mine.follow = follow;
      },
      (error: unknown) => change((log) => ({ ...log, ended: failureOf(error, ct).message })),
    );
  }

  #endLog(): void {
    this.#log?.end.abort();
    this.#log?.follow?.close();
    this.#log = null;
  }

  close(): void {
    this.#reader?.close();
    this.#reader = null;
    this.#endLog();
  }
}

/** With what programs have told, as long as it runs on. */
function withAsked(parameters: readonly CtParameter[], told: readonly CtParameter[] | null): readonly CtParameter[] {
  if (!parameters.some(({ live }) => live !== null)) return parameters;
  return parameters.map((one, i) => {
    const asked = told?.[i];
    if (one.live !== null || asked?.key !== one.key || asked.live === null) return one;
    return { ...one, live: asked.live, drift: asked.drift && asked.file === one.file };
  });
}

const sameItems = (a: readonly unknown[], b: readonly unknown[] | null): boolean =>
  b !== null && a.length === b.length && a.every((one, i) => one === b[i]);

/** Begins when the engine is there; returns the end of it. */
export function inspect(store: Store, engine: () => ManagedEngine): () => void {
  let inspection: Inspection | null = null;
  const look = (state: ManagerState, before: ManagerState | null): void => {
    if (state.engine !== 'ready') return;
    inspection ??= new Inspection(store, engine());
    inspection.look(state, state.sample !== before?.sample);
  };
  look(store.getState(), null);
  const unsubscribe = store.subscribe(look);
  return () => {
    unsubscribe();
    inspection?.close();
  };
}
