// Fills and empties the prefix of the demo: `demo-prefix.ts up|down PREFIX`. Which containers there are and what they do is one table.
import { mkdirSync } from 'node:fs';
import { type Engine, VzError } from '../src/engine/index.ts';
import { eachOf, openPrefix, removePrefix } from './throw-away.ts';

interface DemoContainer {
  readonly name: string;
  readonly about: string;
  readonly values?: Readonly<Record<string, string>>;
  readonly layout?: 'simfs' | 'overlay';
  /** Shell script that the container's init runs, and again when it has ended. */
  readonly load?: string;
  /** How it is left. */
  readonly left?: 'stopped' | 'mounted' | 'broken';
}

/** Busy for a moment, then idle: what a loop below costs is a few percent of a CPU. */
const work = (steps: number, pause: string): string =>
  `while :; do i=0; while [ $i -lt ${steps} ]; do i=$((i+1)); done; sleep ${pause}; done`;

const CONTAINERS: readonly DemoContainer[] = [
  { name: 'web', about: 'answers its own requests', load: 'while :; do wget -qO /dev/null http://127.0.0.1/; sleep 0.5; done' },
  { name: 'mail', about: 'logs a line now and then', load: 'while :; do logger "message for user"; sleep 2; done' },
  {
    name: 'db',
    about: 'holds most of its memory',
    values: { PHYSPAGES: '8192', SWAPPAGES: '0' },
    load: 'dd if=/dev/zero of=/dev/shm/table bs=1M count=24; sleep 100000',
  },
  {
    name: 'forks',
    about: 'is at its process limit and keeps trying',
    values: { NUMPROC: '24' },
    load: 'while :; do sleep 100000 & done',
  },
  { name: 'batch', about: 'is bound to a tenth of a CPU', values: { CPULIMIT: '10' }, load: 'while :; do :; done' },
  { name: 'build', about: 'works in bursts', load: work(20_000, '1') },
  {
    name: 'cache',
    about: 'fills and empties its memory',
    load: 'while :; do dd if=/dev/zero of=/dev/shm/c bs=1M count=12; sleep 4; rm /dev/shm/c; sleep 4; done',
  },
  { name: 'lab-1', about: 'shares its template', layout: 'overlay' },
  { name: 'lab-2', about: 'shares its template', layout: 'overlay', load: work(4_000, '2') },
  { name: 'broken', about: 'has lost its init', left: 'broken' },
  { name: 'spare', about: 'is stopped', left: 'stopped' },
  { name: 'rescue', about: 'is mounted', left: 'mounted' },
];

const FIRST_ID = 101;
const IGNORED = ['ignore', 'ignore', 'ignore'] as const;

/** As a line of its inittab, so that it comes back when it dies and after a restart. */
async function giveLoad(engine: Engine, id: number, load: string): Promise<void> {
  const script = `#!/bin/sh\nexec </dev/null >/dev/null 2>&1\n${load}\n`;
  const command = `printf '%s' '${script}' >/etc/load; chmod 755 /etc/load; echo ::respawn:/etc/load >>/etc/inittab; kill -HUP 1`;
  await engine.exec(id, [command], { shell: true, stdio: [...IGNORED] });
}

/** Its init ends at once, after words that the console keeps. */
async function breakInit(engine: Engine, id: number): Promise<void> {
  await engine.start(id);
  const init =
    "printf '#!/bin/sh\\necho init: /etc/inittab: I/O error\\nexit 7\\n' >/sbin/init.new && mv /sbin/init.new /sbin/init && chmod 755 /sbin/init";
  await engine.exec(id, [init], { shell: true, stdio: [...IGNORED] });
  await engine.stop(id, { fast: true });
  try {
    await engine.start(id);
  } catch (error) {
    if (!(error instanceof VzError && error.code === 'init-died')) throw error;
  }
}

async function make(engine: Engine, id: number, container: DemoContainer): Promise<void> {
  const { name, about, layout = 'simfs', load, left, values = {} } = container;
  await engine.create(id, { ostemplate: 'busybox', layout, values: { NAME: name, HOSTNAME: name, DESCRIPTION: about, ...values } });
  if (left === 'mounted') await engine.mount(id);
  if (left === 'broken') await breakInit(engine, id);
  if (left !== undefined) return;
  await engine.start(id);
  if (load !== undefined) await giveLoad(engine, id, load);
}

async function up(prefix: string): Promise<void> {
  await removePrefix(prefix);
  mkdirSync(prefix, { mode: 0o700 });
  const engine = openPrefix(prefix);
  try {
    engine.bootstrap();
    process.stdout.write(`Making ${CONTAINERS.length} containers `);
    await eachOf([...CONTAINERS.entries()], 4, async ([i, container]) => {
      await make(engine, FIRST_ID + i, container);
      process.stdout.write('.');
    });
    process.stdout.write('\n');
  } finally {
    engine.close();
  }
}

const [, , what, prefix = ''] = process.argv;
if (prefix === '') throw new Error('demo-prefix.ts up|down PREFIX');
await (what === 'up' ? up(prefix) : removePrefix(prefix));
