// An engine in memory for tests of the manager: states change as the real verbs change them, refusals are the real ones, every call is
// written down. It says nothing about the kernel.

import {
  badgeOf,
  type Change,
  type ChangeEvidence,
  type Connections,
  type ConsoleWatch,
  type CtConfig,
  type CtLedger,
  type CtParameter,
  type CtProcess,
  type CtSample,
  type CtState,
  type CtUbc,
  decide,
  type Engine,
  type Evidence,
  type Growth,
  type HistoryPoint,
  type JournalEntry,
  type LinkNow,
  type LogLine,
  listField,
  type Meaning,
  type NodePromise,
  type NodeSample,
  type Obstacle,
  PARAMS,
  type PlanLine,
  type RunOptions,
  type SeatOrder,
  type SeatOutcome,
  type Sentence,
  sectionOf,
  type Talks,
  type TaskNote,
  type TaskRecord,
  type TaskRecords,
  type TemplateDetail,
  type TerminalLink,
  type UbcRow,
  UNLIMITED,
  type Verb,
  type Vitals,
  VzError,
  type Who,
} from '../../src/engine/index.ts';
import { applyChanges, changesOf } from '../../src/engine/spec/params/read.ts';
import type { ManagedEngine } from '../../src/tui/app/manager.ts';
import { ofOneLife } from '../engine/account/one-life.ts';
import type { FakeLink } from './panes/fake-link.ts';
import { openPtyLink } from './panes/pty-link.ts';

export const MIB = 1024 * 1024;

export const processOf = (pid: number, other: Partial<CtProcess> = {}): CtProcess => ({
  ct: 101,
  pid,
  startTime: BigInt(pid),
  parent: null,
  inner: pid - 4000,
  uid: 0,
  state: 'S',
  nice: 0,
  threads: 1,
  cpu: 0,
  cpuTime: 65,
  memory: MIB,
  age: 100,
  command: `program ${pid}`,
  ...other,
});

/** A container that runs and needs nobody, but for what is said otherwise. */
export function sampleOf(id: number, other: Partial<CtSample> = {}): CtSample {
  const base: CtSample = {
    id,
    name: '',
    hostname: '',
    description: '',
    ostemplate: 'busybox',
    layout: 'simfs',
    ips: [],
    state: 'running',
    unattended: false,
    init: { pid: 4000 + id, startTime: 1n },
    uptime: 60,
    trouble: '',
    restartAt: null,
    numproc: { held: 8, limit: 120, failcnt: 0 },
    memory: { held: 20 * MIB, limit: 256 * MIB, failcnt: 0 },
    cpu: 0,
  };
  return { ...base, ...other };
}

export const beanOf = (name: string, other: Partial<UbcRow> = {}): UbcRow => ({
  name,
  held: 0,
  maxheld: other.held ?? 0,
  barrier: UNLIMITED,
  limit: UNLIMITED,
  failcnt: 0,
  source: 'pids.current',
  failSource: 'pids.events',
  enforced: 'kernel',
  reason: '',
  ...other,
});

export const stoppedOf = (id: number, other: Partial<CtSample> = {}): CtSample =>
  sampleOf(id, { state: 'stopped', init: null, uptime: 0, cpu: null, ...other });

export function nodeOf(containers: readonly CtSample[], other: Partial<NodeSample> = {}): NodeSample {
  return {
    at: Date.UTC(2024, 4, 1, 3, 14, 2),
    hostname: 'node7',
    cpus: 4,
    cpu: 37,
    memory: { held: 11 * 1024 * MIB, limit: 24 * 1024 * MIB },
    load: [1.62, 1.2, 0.9],
    containers,
    ...other,
  };
}

/** A template that was built three days ago, but for busybox, which came with the program. */
export function templateOf(name: string, other: Partial<TemplateDetail> = {}): TemplateDetail {
  const origin =
    name === 'busybox'
      ? ({ kind: 'embedded' } as const)
      : ({
          kind: 'built',
          recipe: name,
          suite: 'bookworm',
          sources: ['deb http://b.example/debian bookworm main'],
          include: [],
        } as const);
  const made = nodeOf([]).at - 3 * 86_400_000;
  return {
    name,
    file: `/vz/template/cache/${name}.tar.zst`,
    size: MIB,
    made,
    origin,
    fault: '',
    shared: false,
    users: [],
    overlays: [],
    ...other,
  };
}

/** A verb that waits until the test lets it go on. */
export interface Gate {
  open(): void;
}

export class FakeRecords implements TaskRecords {
  readonly told: string[] = [];
  running: TaskRecord[] = [];
  ended: TaskRecord[] = [];
  wishes: number[] = [];
  #changed = (): void => {};
  /** Something of the above has changed. */
  change(): void {
    this.#changed();
  }
  write(own: number, note: TaskNote): void {
    this.told.push(`${own} ${note.state}${note.left ? ' left' : ''}`);
  }
  end(own: number, note: TaskNote): void {
    this.told.push(`${own} ${note.state}${note.left ? ' left' : ''}`);
  }
  others = (): readonly TaskRecord[] => this.running;
  past = (): readonly TaskRecord[] => this.ended;
  cancel(record: string): void {
    this.told.push(`cancel ${record}`);
  }
  asked = (): readonly number[] => this.wishes.splice(0);
  watch(changed: () => void): () => void {
    this.#changed = changed;
    return () => {};
  }
}

export class FakeEngine {
  readonly calls: string[] = [];
  /** What was only looked at, where somebody inside has a part in it. */
  readonly reads: string[] = [];
  readonly node = {
    templateDir: '/mnt/vz/template',
    values: new Map([
      ['VE_PRIVATE', '/vz/private/$VEID'],
      ['VE_ROOT', '/vz/root/$VEID'],
    ]),
    shown: (path: string) => path,
    around: { cpus: 4, device: () => 'ENOENT', hardware: () => '00:00:00:00:00:00' },
  };
  templateNames: string[] = ['busybox', 'debian-12'];
  brokenTemplates: TemplateDetail[] = [];
  /** Refusals of containers that are made together, by CTID. */
  readonly brokenSeats = new Map<number, VzError>();
  /** What was given, and what was written. */
  readonly passwords = new Map<number, string>();
  readonly secrets = new Map<string, string>();
  obstacleList: Obstacle[] = [];
  journalEntries: JournalEntry[] = [];
  /** What other managers do, and what is told of our own. */
  readonly records = new FakeRecords();
  /** What the lens finds, by the word. */
  readonly meanings = new Map<string, readonly Meaning[]>();
  /** What stands in configs, by CTID. */
  readonly configs = new Map<number, ReadonlyMap<string, string>>();
  /** Sample configs by name. */
  readonly samples = new Map<string, ReadonlyMap<string, string>>();
  /** By CTID. */
  readonly processes = new Map<number, readonly CtProcess[]>();
  readonly vitals = new Map<number, Vitals>();
  /** By CTID; without them numproc and physpages alone, as the sample has them. */
  /** Of every ledger. */
  gaps: CtLedger['gaps'] = [];
  readonly beans = new Map<number, readonly UbcRow[]>();
  /** How often accounts were read beside the sampler. */
  readings = 0;
  promised: readonly NodePromise[] = [];
  /** Links of running containers, by CTID; their rates are those of each look but the first. */
  readonly links = new Map<number, readonly LinkNow[]>();
  /** By CTID. */
  readonly connections = new Map<number, Connections>();
  talks: Talks = { talks: [], source: 'sockets', cut: false };
  readonly lowered = new Map<number, ReadonlyMap<string, ChangeEvidence>>();
  /** By CTID, beancounter and span. */
  readonly past = new Map<string, readonly HistoryPoint[]>();
  /** What was refused lately, and while nobody looked. */
  readonly lately = new Map<number, Growth>();
  readonly unseen = new Map<number, Growth>();
  /** What goes wrong. */
  sentences: readonly Sentence[] = [];
  /** Who holds what, by beancounter. */
  readonly holders = new Map<string, Who>();
  /** Milliseconds that have gone by. */
  elapsed = 0;
  /** By CTID and source. */
  readonly logs = new Map<string, readonly LogLine[]>();
  /** Consoles that can be watched, by CTID. */
  readonly consoles = new Map<number, FakeLink>();
  readonly #containers = new Map<number, CtSample>();
  readonly #failures = new Map<string, Error>();
  /** What has been read of parameters is told when this resolves. */
  reading: () => Promise<void> = async () => {};
  /** Words of network parameters that somebody else has → the refusal. */
  readonly taken = new Map<string, VzError>();
  readonly #gates = new Map<string, Promise<void>>();
  readonly #outcomes = new Map<number, ReturnType<Engine['outcome']>>();

  constructor(containers: readonly CtSample[] = []) {
    for (const ct of containers) this.#containers.set(ct.id, ct);
  }

  /** The next call of the verb fails so. */
  fail(verb: string, error: Error): void {
    this.#failures.set(verb, error);
  }

  /** Calls of the verb wait in the middle, after their first line. */
  hold(verb: string): Gate {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gates.set(verb, promise);
    return { open: resolve };
  }

  put(ct: CtSample): void {
    this.#containers.set(ct.id, ct);
  }

  remove(id: number): void {
    this.#containers.delete(id);
  }

  get(id: number): CtSample | undefined {
    return this.#containers.get(id);
  }

  setOutcome(id: number, outcome: ReturnType<Engine['outcome']>): void {
    this.#outcomes.set(id, outcome);
  }

  tick(fields: readonly string[] = [], ubc = false): NodeSample {
    const rows = [...this.#containers.values()].sort((a, b) => a.id - b.id);
    const counted = ubc ? rows.map((ct) => ({ ...ct, ubc: { ...this.#ubc(ct.id).map(ofOneLife)[0]!, gaps: this.gaps } })) : rows;
    const shown = fields.length === 0 ? counted : counted.map((ct) => ({ ...ct, fields: this.#fields(ct, fields) }));
    return nodeOf(shown, { at: nodeOf([]).at + this.elapsed });
  }

  /** What vzlist would say of it by its config; nothing is counted here. */
  #fields(ct: CtSample, names: readonly string[]): NonNullable<CtSample['fields']> {
    const entry = { ...ct, values: new Map(this.configs.get(ct.id)), private: '', root: '' };
    return Object.fromEntries(names.flatMap((name) => [[name, listField(name)?.cell({ entry, usage: null }) ?? null]]));
  }

  async #verb(verb: Verb, id: number, run: RunOptions | undefined, to: CtState | null): Promise<void> {
    this.calls.push(`${verb} ${id}`);
    const ct = this.#containers.get(id);
    const verdict = decide(verb, ct?.state ?? 'absent');
    if ('refuse' in verdict) throw new VzError(verdict.refuse, { ct: id, state: ct?.state, verb });
    run?.report?.({ level: 0, text: `${verb} begins` });
    await this.#wait(verb, run);
    const failure = this.#failures.get(verb);
    this.#failures.delete(verb);
    if (failure !== undefined) throw failure;
    if (to === null) this.#containers.delete(id);
    else if (ct !== undefined)
      this.#containers.set(
        id,
        to === 'running' || to === 'frozen' ? sampleOf(id, { name: ct.name, state: to }) : stoppedOf(id, { name: ct.name, state: to }),
      );
  }

  #config(id: number): CtConfig {
    const values = new Map(this.configs.get(id));
    return { id, file: `/etc/vz/conf/${id}.conf`, exists: true, own: values, values, remarks: [] };
  }

  /** A second goes by in which so many more are refused. */
  refuse(id: number, name: string, more: number): void {
    const rows = (this.beans.get(id) ?? []).map((row) => (row.name === name ? { ...row, failcnt: row.failcnt + more } : row));
    this.beans.set(id, rows);
    this.elapsed += 1000;
  }

  #ubc(id: number): readonly CtUbc[] {
    const ct = this.#containers.get(id);
    if (ct === undefined) return [];
    const { numproc, memory } = ct;
    const limit = (n: number | null): bigint => (n === null ? UNLIMITED : BigInt(n));
    const usual = [
      beanOf('numproc', { held: numproc.held, barrier: limit(numproc.limit), limit: limit(numproc.limit), failcnt: numproc.failcnt }),
      beanOf('physpages', {
        held: memory.held / 4096,
        barrier: 0n,
        limit: limit(memory.limit === null ? null : memory.limit / 4096),
        failcnt: memory.failcnt,
      }),
    ];
    const rows = this.beans.get(id) ?? usual;
    if (ct.init !== null) return [{ id, running: true, rows }];
    // what runs no more leaves what its lives have counted
    return [{ id, running: false, rows: rows.map((row) => ({ ...row, held: 0, source: 'none', failSource: 'none' })) }];
  }

  /** What the engine would tell of file and vitals. */
  #parameters(id: number): readonly CtParameter[] {
    const { own } = this.#config(id);
    const vitals = this.vitals.get(id) ?? null;
    const pages = (limit: number | null): string => `0:${limit === null ? 'unlimited' : limit / 4096}`;
    const live = new Map(
      vitals === null
        ? []
        : ([
            ['NUMPROC', String(vitals.numproc.limit ?? 'unlimited')],
            ['PHYSPAGES', pages(vitals.memory.limit)],
            ...(vitals.swap === null ? [] : [['SWAPPAGES', pages(vitals.swap.limit)] as const]),
            ...(vitals.cpu === null
              ? []
              : ([
                  ['CPULIMIT', String(vitals.cpu.limit ?? 0)],
                  ['CPUUNITS', String(vitals.cpu.units)],
                ] as const)),
          ] as readonly (readonly [string, string])[]),
    );
    const use = (held: number, peak: number, unit: number) => ({ held: held / unit, maxheld: peak / unit, failcnt: 0 });
    const counted = new Map<string, ReturnType<typeof use>>(
      vitals === null
        ? []
        : ([
            ['NUMPROC', use(vitals.numproc.held, vitals.numproc.peak, 1)],
            ['PHYSPAGES', use(vitals.memory.held, vitals.memory.peak, 4096)],
          ] as const),
    );
    const usual = new Map([
      ['CPUUNITS', '1000'],
      ['CPULIMIT', '0'],
    ]);
    return PARAMS.map((param) => {
      const file = own.get(param.key) ?? null;
      const derived = file === null ? (usual.get(param.key) ?? null) : null;
      const now = live.get(param.key) ?? null;
      const drift = now !== null && (file ?? derived) !== null && now !== (file ?? derived);
      const { key } = param;
      return {
        key,
        param,
        section: sectionOf(param),
        own: file,
        file,
        derived,
        live: now,
        held: counted.get(key) ?? null,
        badge: badgeOf(param),
        enforcer: param.enforcer,
        drift,
      };
    });
  }

  /** As the grammars have it, into the config; of what acts at once numproc alone. */
  async #set(id: number, values: Readonly<Record<string, string | Change>>, run: RunOptions | undefined): Promise<void> {
    this.calls.push(`set ${id} ${JSON.stringify(values)}`);
    const ct = this.#containers.get(id);
    const verdict = decide('set', ct?.state ?? 'absent');
    if ('refuse' in verdict) throw new VzError(verdict.refuse, { ct: id, state: ct?.state, verb: 'set' });
    await this.#wait('set', run);
    const failure = this.#failures.get('set');
    this.#failures.delete('set');
    if (failure !== undefined) throw failure;
    const own = this.configs.get(id) ?? new Map<string, string>();
    const { values: changed } = applyChanges(own, changesOf(values, this.node.around), id, this.node.around);
    this.configs.set(id, new Map([...own, ...changed]));
    const vitals = this.vitals.get(id);
    const limit = changed.get('NUMPROC');
    if (vitals !== undefined && limit !== undefined)
      this.vitals.set(id, { ...vitals, numproc: { ...vitals.numproc, limit: Number(limit.split(':').at(-1)) } });
  }

  async #wait(verb: string, run: RunOptions | undefined): Promise<void> {
    const gate = this.#gates.get(verb);
    if (gate === undefined) return;
    const cancelled = new Promise<never>((_, reject) => {
      run?.signal?.addEventListener('abort', () => reject(new VzError('cancelled', { what: verb })), { once: true });
    });
    await Promise.race([gate, cancelled]);
  }

  /** As the manager takes it. */
  asEngine(): ManagedEngine {
    const plan: PlanLine[] = [];
    const recorder = {
      create: async (id: number) =>
        void plan.push({ what: 'mkdir', detail: `/vz/private/${id}` }, { what: 'write', detail: `/etc/vz/conf/${id}.conf` }),
      createMany: async (seats: readonly SeatOrder[]) => {
        for (const { id } of seats) plan.push({ what: 'mkdir', detail: `/vz/private/${id}` });
        return [];
      },
      start: async (id: number) => void plan.push({ what: 'clone', detail: `init of ${id}` }),
      set: async (id: number, values: Readonly<Record<string, Change>>) => {
        const failure = this.#failures.get('plan set');
        this.#failures.delete('plan set');
        if (failure !== undefined) throw failure;
        const limit = this.vitals.get(id)?.numproc.limit;
        const path = `/sys/fs/cgroup/pids/vz/${id}/pids.max`;
        if (values['NUMPROC'] !== undefined && limit != null)
          plan.push({
            what: 'node',
            detail: `write ${path}`,
            control: { path, before: String(limit), after: values['NUMPROC'].set ?? '' },
          });
        plan.push({ what: 'file', detail: `write /etc/vz/conf/${id}.conf` });
      },
    } as unknown as Engine;
    return {
      node: this.node,
      conflict: async (_id, values) =>
        [...this.taken].find(([word]) => Object.values(values).some((value) => JSON.stringify(value).includes(word)))?.[1] ?? null,
      sampler: () => ({ tick: (fields, ubc) => this.tick(fields, ubc), close: () => {} }),
      outcome: (id) => this.#outcomes.get(id) ?? null,
      config: (id) => this.#config(id),
      configs: () => [...this.#containers.keys()].map((id) => this.#config(id)),
      parameters: async (id) => {
        const read = this.#parameters(id);
        await this.reading();
        return read;
      },
      set: (id, values, _options, run) => this.#set(id, values, run),
      editConfig: async (id, { set = {}, unset = [] }) => {
        this.calls.push(`config ${id} ${JSON.stringify({ set, unset })}`);
        const kept = [...(this.configs.get(id) ?? [])].filter(([key]) => !unset.includes(key));
        this.configs.set(id, new Map([...kept, ...Object.entries(set)]));
      },
      samples: () => [...this.samples].map(([name, values]) => ({ name, values })),
      makeSample: async (id, name) => {
        if (this.samples.has(name)) throw new VzError('sample-exists', { path: `/etc/vz/conf/ve-${name}.conf-sample` });
        this.calls.push(`sample ${id} ${name}`);
        this.samples.set(name, new Map(this.configs.get(id)));
      },
      size: () => ({ ram: 6_000_000n, swap: 1_000_000n }),
      freeId: () => Math.max(100, ...this.#containers.keys()) + 1,
      create: async (id, options, run) => {
        this.calls.push(`create ${id} ${JSON.stringify(options)}`);
        run?.report?.({ level: 0, text: 'Creating', progress: { done: 1, total: 4, unit: 'bytes' } });
        await this.#wait('create', run);
        const failure = this.#failures.get('create');
        if (failure !== undefined) throw failure;
        const { NAME } = options.values;
        this.#containers.set(id, stoppedOf(id, { name: typeof NAME === 'string' ? NAME : '' }));
      },
      freeze: (id, run) => this.#verb('freeze', id, run, 'frozen'),
      thaw: (id, run) => this.#verb('thaw', id, run, 'running'),
      processes: () => ({ look: (cts) => cts.flatMap(({ id }) => this.processes.get(id) ?? []), named: async () => {}, close: () => {} }),
      journal: (most, id) => ({ entries: this.journalEntries.filter((one) => id === undefined || one.id === id).slice(-most), damaged: 0 }),
      journalEnd: () => String(this.journalEntries.length),
      users: async () => new Map([[0, 'root']]),
      vitals: (id) => this.vitals.get(id) ?? null,
      why: async (id = null) => {
        await this.#wait('why', undefined);
        const failure = this.#failures.get('why');
        if (failure !== undefined) throw failure;
        return {
          sentences: this.sentences.filter((one) => id === null || one.id === id),
          looked: ['beancounters', 'pressure', 'disks'],
          evidence: {} as Evidence,
        };
      },
      countRules: async () => {},
      lowered: (id) => this.lowered.get(id) ?? new Map(),
      promises: () => this.promised,
      traffic: () => {
        let first = true;
        return {
          look: async (cts) => {
            await this.#wait('traffic', undefined);
            const rated = !first;
            first = false;
            return cts.map(({ id }) => ({
              id,
              elsewhere: false,
              more: 0,
              links: (this.links.get(id) ?? []).map((link) => (rated ? link : { ...link, rate: null })),
            }));
          },
        };
      },
      connections: () => ({
        look: async ({ init: { pid } }) => {
          await this.#wait('connections', undefined);
          const failure = this.#failures.get('connections');
          if (failure !== undefined) throw failure;
          return this.connections.get(pid - 4000) ?? { states: [], talkers: [], datagrams: { up: 0, down: 0, rate: null }, cut: false };
        },
      }),
      talks: async () => this.talks,
      ubcHistory: () => ({
        points: (id, row, span) => this.past.get(`${id} ${row} ${span}`) ?? [],
        growth: (id) => this.lately.get(id) ?? null,
        unseen: (id) => this.unseen.get(id) ?? null,
        times: () => new Map(),
        damaged: () => 0,
      }),
      lens: async (asked) => ({ asked, meanings: this.meanings.get(asked) ?? [] }),
      who: async (_id, name) => {
        await this.#wait('who', undefined);
        return this.holders.get(name) ?? null;
      },
      ubc: (ids = [...this.#containers.keys()]) => {
        this.readings++;
        return ids.flatMap((id) => this.#ubc(id)).map(ofOneLife);
      },
      followLog: async (id, request) => {
        this.reads.push(`log ${id} ${request.source}`);
        const lines = this.logs.get(`${id} ${request.source}`);
        if (lines === undefined) throw new VzError('not-running');
        request.named(request.source === 'console' ? 'console' : 'journal');
        request.lines(lines);
        return { more: () => {}, close: () => void this.reads.push(`log ${id} closed`) };
      },
      signal: async (id, process, signal) => {
        if (!this.processes.get(id)?.some((one) => one === process)) throw new VzError('no-process', { ct: id, pid: process.pid });
        this.calls.push(`signal ${id} ${process.pid} ${signal}`);
      },
      renice: async (id, process, nice) => void this.calls.push(`renice ${id} ${process.pid} ${nice}`),
      createMany: async (seats, { start = false, ended }, run) => {
        this.calls.push(`create many ${seats.map(({ id }) => id).join(' ')}${start ? ' and start' : ''}`);
        await this.#wait('create-many', run);
        const outcomes: SeatOutcome[] = seats.map(({ id, options: { values, password } }) => {
          const { NAME } = values;
          const error = this.brokenSeats.get(id) ?? null;
          if (password !== undefined) this.passwords.set(id, password);
          if (error === null) this.#containers.set(id, (start ? sampleOf : stoppedOf)(id, { name: typeof NAME === 'string' ? NAME : '' }));
          return { id, end: error !== null ? 'failed' : start ? 'started' : 'created', made: error === null, seconds: 0.1, error };
        });
        for (const outcome of outcomes) ended?.(outcome);
        return outcomes;
      },
      secretFile: (path) => {
        if (this.secrets.has(path)) throw new VzError('file-exists', { path });
        return { add: (line) => void this.secrets.set(path, line), drop: () => void this.secrets.delete(path) };
      },
      start: (id, _options, run) => this.#verb('start', id, run, 'running'),
      stop: (id, _options, run) => this.#verb('stop', id, run, 'stopped'),
      restart: (id, _options, run) => this.#verb('restart', id, run, 'running'),
      destroy: (id, run) => this.#verb('destroy', id, run, null),
      mount: (id, run) => this.#verb('mount', id, run, 'mounted'),
      umount: (id, run) => this.#verb('umount', id, run, 'stopped'),
      plan: async (call) => {
        plan.length = 0;
        await call(recorder, plan);
        return [...plan];
      },
      shell: async (id, _term, { columns, rows }, signal) => {
        this.calls.push(`enter ${id}`);
        await this.#wait('enter', signal === undefined ? undefined : { signal });
        return openPtyLink('/bin/cat', [], columns, rows);
      },
      console: async (id): Promise<TerminalLink> => {
        this.calls.push(`console ${id}`);
        throw new VzError('not-running');
      },
      watchConsole: async (id): Promise<ConsoleWatch> => {
        this.reads.push(`console ${id}`);
        const link = this.consoles.get(id);
        if (link === undefined) throw new VzError('no-keeper', { ct: id });
        const turn = (does: string, writer: boolean) => () => {
          this.calls.push(`${does} the keyboard of ${id}`);
          link.promote(writer);
        };
        link.promote(false);
        return { link, take: turn('take', true), give: turn('give', false) };
      },
      templates: () => this.templateNames.map((name) => ({ name, file: `/vz/template/cache/${name}.tar.gz`, size: MIB, made: 0 })),
      inspectTemplates: async () => [...this.templateNames.map((name) => templateOf(name)), ...this.brokenTemplates],
      checkTemplate: async (name, run) => {
        this.calls.push(`check ${name}`);
        await this.#wait('check', run);
        const failure = this.#failures.get('check');
        this.#failures.delete('check');
        if (failure !== undefined) throw failure;
      },
      removeTemplate: async (name) => {
        this.calls.push(`remove template ${name}`);
        this.templateNames = this.templateNames.filter((one) => one !== name);
      },
      buildTemplate: async (name, _options, run) => {
        this.calls.push(`template ${name}`);
        run?.report?.({ level: 0, text: 'Fetching packages', progress: { done: 37, total: 120, unit: 'packages' } });
        await this.#wait('template', run);
        this.templateNames = [...this.templateNames, name];
      },
      program: async (_id, words, run) => {
        this.calls.push(`program ${JSON.stringify(words)}`);
        run?.report?.({ level: 0, text: 'said by the program' });
        await this.#wait('program', run);
      },
      tasks: () => this.records,
      programEnv: () => ({ PATH: '/bin' }),
      obstacles: async () => this.obstacleList,
      close: () => void this.calls.push('close'),
    };
  }
}
