// One fixed node whose names, titles and logs do their worst, for the screens that are kept as text. Knows no screen.
import { type JournalEntry, type Sentence, type UbcRow, type Vitals, VzError, type Who, type WhoLine } from '../../../src/engine/index.ts';
import { beanOf, FakeEngine, MIB, processOf, sampleOf, stoppedOf, templateOf } from '../fake-engine.ts';

const DAY = 86_400;
const WIDE = '漢字サーバー';
const RIGHT_TO_LEFT = 'שרת-דואר';
const COMBINING = 'cafe\u0301-n\u0303\u0302\u0301\u0301';
const CONTROL = '\x1b[2Jevil\x07\u202etxt.exe\r\n';

const VITALS: Vitals = {
  numproc: { held: 60, limit: 60, peak: 60, failcnt: 412 },
  memory: { held: 212 * MIB, limit: 512 * MIB, peak: 498 * MIB, failcnt: 0 },
  swap: { held: MIB, limit: 512 * MIB, peak: 4 * MIB, failcnt: 0 },
  oomKills: 2,
  cpu: { limit: 50, units: 1000, throttled: 7 },
  pressure: { cpu: { avg10: 33.4, avg60: 10, total: 0 }, memory: null, io: { avg10: 0, avg60: 0, total: 0 } },
};

/** What a kernel with cgroups v1 and BPF for sockets would tell; a reason does its worst. */
function sceneBeans(): readonly UbcRow[] {
  const pages = (n: number): number => Math.round((n * MIB) / 4096);
  const both = (n: number): Pick<UbcRow, 'barrier' | 'limit'> => ({ barrier: BigInt(n), limit: BigInt(n) });
  const counted = (reason: string): Partial<UbcRow> => ({ failSource: 'none', enforced: 'accounting-only', reason });
  const nobody: Partial<UbcRow> = { source: 'none', ...counted('nothing on this kernel tells of it') };
  const memory = { source: 'memory.stat', failSource: 'memory.failcnt' } as const;
  return [
    beanOf('kmemsize', {
      ...{ held: 14.1 * MIB, maxheld: 17 * MIB, barrier: 27_472_691n, limit: 29_255_270n, source: 'memory.kmem.usage_in_bytes' },
      ...counted('the kernel has no limit for it alone: it counts as memory, and physpages bounds that'),
    }),
    beanOf('lockedpages', { ...both(pages(512)), ...memory, failSource: 'none', enforced: 'partial', reason: 'for single processes only' }),
    beanOf('privvmpages', { held: pages(900), barrier: BigInt(pages(768)), limit: BigInt(pages(800)), ...memory, ...counted(CONTROL) }),
    beanOf('shmpages', {
      held: pages(4),
      maxheld: pages(4.1),
      ...both(pages(84)),
      ...memory,
      enforced: 'partial',
      reason: 'System V segments',
    }),
    beanOf('numproc', { held: 60, maxheld: 60, ...both(60), failcnt: 412 }),
    beanOf('physpages', { held: pages(450), maxheld: pages(498), barrier: 0n, limit: BigInt(pages(512)), ...memory }),
    beanOf('vmguarpages', { barrier: BigInt(pages(512)), ...nobody }),
    beanOf('oomguarpages', {
      held: pages(212),
      barrier: BigInt(pages(512)),
      ...memory,
      failcnt: 2,
      enforced: 'partial',
      reason: 'memory.low',
    }),
    beanOf('numtcpsock', { held: 118, maxheld: 240, ...both(360), source: 'BPF', failSource: 'BPF', enforced: 'bpf' }),
    beanOf('numflock', { held: 3, maxheld: 9, barrier: 188n, limit: 206n, ...counted('control groups do not count file locks') }),
    beanOf('numpty', { held: 2, maxheld: 4, ...both(16), source: 'devpts' }),
    beanOf('numothersock', {
      held: 41,
      maxheld: 77,
      ...both(360),
      failcnt: 3,
      source: 'BPF',
      enforced: 'bpf',
      reason: 'not of UNIX sockets',
    }),
    beanOf('dcachesize', { barrier: 3_409_920n, limit: 3_624_960n, ...nobody }),
    beanOf('numfile', { held: 1_234_567, maxheld: 1_300_000, ...both(9312), ...counted('no trampolines') }),
    beanOf('swappages', { held: pages(1), maxheld: pages(4), barrier: 0n, limit: BigInt(pages(512)), ...memory }),
  ];
}

/** Names of processes do their worst here as well. */
function sceneHolders(): Who {
  const line = (command: string, amount: number, other: Partial<WhoLine> = {}): WhoLine => ({
    ...{ what: `${amount} processes`, pid: 4002, inner: 2, name: 'apache2', command, processes: amount, parent: null },
    ...{ amount, share: amount / 60, ...other },
  });
  return {
    id: 101,
    name: 'numproc',
    unit: 'items',
    held: 60,
    lines: [
      line('apache2 -k start', 57, { parent: { pid: 4001, inner: 1, name: 'init' } }),
      line(`${WIDE} ${CONTROL}`, 2, { pid: 4004, inner: null, parent: { pid: 4003, inner: 3, name: CONTROL } }),
      line('', 1, { pid: null, inner: null, name: '', what: `threads of the kernel ${RIGHT_TO_LEFT}` }),
    ],
    notes: ['Processes that ended while they were looked at are not among them'],
  };
}

function sceneSentences(): readonly Sentence[] {
  const one = { severity: 'alarm', id: 101, subject: '101 (web)', remedy: 'vzctl set 101 --numproc 120 --save' } as const;
  return [
    {
      ...one,
      rule: 'refused',
      text: 'refused 412 forks in the last minute at numproc 60; apache2 holds 57; the limit was lowered from 120 by `vzctl set` 4 minutes ago',
      evidence: [
        'pids.events max: 412 refusals in all',
        'numproc holds 60 of 60, at most 60 (pids.current)',
        '57: apache2 -k start (pid 4002, 2 inside), 57 processes, begun by init (pid 4001)',
        'journal, 4 minutes ago, ada (10.0.0.7): vzctl set 101 --numproc 60 --save (NUMPROC was 120)',
      ],
    },
    {
      ...one,
      ...{ rule: 'spin', severity: 'warning', id: 103, subject: `103 (${WIDE})`, remedy: '' },
      text: `${CONTROL} takes 98 % of one CPU`,
      evidence: [`98 %: ${CONTROL} (pid 4100, 100 inside)`],
    },
    {
      ...one,
      ...{ rule: 'node-memory', severity: 'note', id: 0, subject: 'node7', remedy: '' },
      text: 'memory was promised twice over',
      evidence: ['limits of physpages: 48 GiB of 24 GiB'],
    },
  ];
}

const deed = (minute: number, other: Partial<JournalEntry>): JournalEntry => ({
  at: `2024-05-01T03:${String(minute).padStart(2, '0')}:00.000Z`,
  verb: 'start',
  id: 101,
  result: 'ok',
  detail: '',
  ms: 1200,
  command: 'vzctl start 101',
  changed: [],
  program: 'vzctl',
  pid: 77,
  uid: 0,
  user: 'ada',
  from: '10.0.0.7',
  ...other,
});

/** The engine of the node; the same one each time. */
export function sceneEngine(): FakeEngine {
  const engine = new FakeEngine([
    sampleOf(101, {
      name: 'web',
      hostname: 'web.example.org',
      ips: ['10.0.0.101'],
      cpu: 12,
      uptime: 41 * DAY,
      numproc: { held: 60, limit: 60, failcnt: 412 },
      memory: { held: 212 * MIB, limit: 512 * MIB, failcnt: 0 },
    }),
    sampleOf(102, {
      name: 'db',
      ips: ['10.0.0.102', 'fd00::102'],
      cpu: 96,
      uptime: 3 * DAY,
      memory: { held: 1.66 * 1024 * MIB, limit: 2048 * MIB, failcnt: 3 },
    }),
    sampleOf(103, { name: WIDE, hostname: `${WIDE}.例え.jp`, cpu: 0.4 }),
    sampleOf(104, { name: RIGHT_TO_LEFT, description: CONTROL }),
    stoppedOf(105, { name: 'lab-02', trouble: 'Init exited with 127' }),
    sampleOf(106, { name: COMBINING, state: 'frozen', uptime: 7200 }),
    sampleOf(107, {
      name: CONTROL,
      hostname: '\u202egpj.x',
      numproc: { held: 9, limit: null, failcnt: 0 },
      memory: { held: 0, limit: null, failcnt: 0 },
    }),
    stoppedOf(108, { name: 'a-name-that-takes-more-room-than-any-screen-has-for-names' }),
    sampleOf(999_999, { name: '👩‍👩‍👧‍👦-family', ips: Array(12).fill('192.0.2.144') }),
  ]);
  engine.vitals.set(101, VITALS);
  engine.beans.set(101, sceneBeans());
  engine.beans.set(102, [
    ...sceneBeans().filter(({ name }) => name !== 'numproc' && name !== 'physpages'),
    beanOf('numproc', { held: 8, barrier: 120n, limit: 120n }),
    beanOf('physpages', { held: 430_000, barrier: 0n, limit: 524_288n, failcnt: 3 }),
  ]);
  engine.promised = [
    { name: 'ram', has: 24 * 1024 * MIB, held: 2 * 1024 * MIB, promised: null, limits: 41 * 1024 * MIB, unbounded: [107] },
    { name: 'swap', has: 0, held: MIB, promised: null, limits: 512 * MIB, unbounded: [] },
    { name: 'guaranteed', has: 25 * 1024 * MIB, held: 2 * 1024 * MIB, promised: 3 * 1024 * MIB, limits: null, unbounded: [] },
    { name: 'allocated', has: 25 * 1024 * MIB, held: 5 * 1024 * MIB, promised: 30 * 1024 * MIB, limits: null, unbounded: [101, 107] },
    { name: 'cpu', has: 50_000, held: null, promised: 8000, limits: null, unbounded: [] },
  ];
  engine.holders.set('numproc', sceneHolders());
  engine.sentences = sceneSentences();
  engine.processes.set(101, [
    processOf(4001, { inner: 1, command: 'init' }),
    processOf(4002, { parent: 4001, command: 'apache2 -k start', uid: 33, cpu: 12.5, memory: 57 * MIB }),
    processOf(4003, { parent: 4002, command: `apache2 worker ${WIDE}`, uid: 33, memory: 3 * MIB, cpuTime: 100_000 }),
    processOf(4004, { parent: 4001, command: CONTROL, state: 'D', nice: -20, uid: 4_294_967_294 }),
    processOf(4005, { parent: 4001, command: `/usr/bin/${RIGHT_TO_LEFT} --${COMBINING}`, threads: 123, age: 41 * DAY }),
  ]);
  engine.processes.set(103, [processOf(4100, { ct: 103, command: 'cron -f', cpuTime: 9000 })]);
  engine.logs.set('101 inside', [
    { at: Date.UTC(2024, 4, 1, 3, 0, 0), level: 6, from: 'sshd', text: 'Accepted publickey for root from 192.0.2.7 port 51122' },
    { at: Date.UTC(2024, 4, 1, 3, 0, 1), level: 3, from: 'apache2', text: 'fork: Resource temporarily unavailable' },
    { at: Date.UTC(2024, 4, 1, 3, 0, 2), level: 4, from: WIDE, text: `${RIGHT_TO_LEFT} ${CONTROL}` },
    { at: Date.UTC(2024, 4, 1, 3, 0, 3), level: 6, from: 'app', text: 'it broke '.repeat(30) },
  ]);
  engine.logs.set('105 console', [
    { at: null, level: null, from: '', text: 'init: /etc/inittab: I/O error' },
    { at: null, level: null, from: '', text: CONTROL },
  ]);
  engine.logs.set('101 console', [{ at: null, level: null, from: '', text: 'web.example.org login:' }]);
  engine.configs.set(
    101,
    new Map([
      ['NUMPROC', '120'],
      ['PHYSPAGES', '0:131072'],
      ['HOSTNAME', 'web.example.org'],
      ['DESCRIPTION', CONTROL],
    ]),
  );
  for (const [i, id] of [102, 103, 104].entries()) engine.configs.set(id, new Map([['NUMPROC', String(100 + 20 * i)]]));
  engine.samples.set('light', new Map([['NUMPROC', '40']]));
  engine.samples.set(
    'vswap-512m',
    new Map([
      ['NUMPROC', '500'],
      ['PHYSPAGES', '0:131072'],
      ['SWAPPAGES', '0:262144'],
    ]),
  );
  engine.samples.set(CONTROL, new Map());
  engine.journalEntries = [
    deed(1, {}),
    deed(2, { verb: 'set', command: 'vzctl set 101 --numproc 60:60 --save', ms: 40 }),
    deed(3, { verb: 'create', id: 103, user: WIDE, from: CONTROL, command: `vzctl create 103 --name ${WIDE}` }),
    deed(4, {
      verb: 'stop',
      result: 'stop-timeout',
      ms: 120_000,
      detail: 'Unable to stop container: operation timed out',
      command: 'vzctl stop 101',
    }),
  ];
  engine.templateNames = ['busybox', 'debian-12', 'slack'];
  engine.brokenTemplates = [templateOf(`z-${CONTROL}${WIDE}`, { fault: 'is empty', size: 0, origin: { kind: 'archive' } })];
  return engine;
}

/** What lets a start of 105 fail. */
export const NO_INIT = new VzError('launch-failed', {
  stage: 'inside',
  index: 14,
  op: 'exec',
  syscall: 'execve',
  path: '/sbin/init',
  errno: 'ENOENT',
});
/** What lets the second of many fail. */
export const BAD_TEMPLATE = new VzError('bad-template', { template: 'busybox', cause: 'is truncated' });
