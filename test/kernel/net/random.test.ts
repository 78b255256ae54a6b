// Two hundred random operations on three containers' networks, verbs, keepers and inits killed among them: after each the node has what the configs of
// those that run say, and nothing else; at the end it is as it was.
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { SEED, seeded } from '../../engine/spec/seeded.ts';
import { until } from '../until.ts';
import { inNetLab } from './net-lab.ts';
import { stands, wanted } from './stands.ts';

vi.setConfig({ testTimeout: 1_200_000, hookTimeout: 300_000 });

/** How many times as long everything takes here: the first of the seed's operations are tried then. */
const SLOW = Number(process.env['VZDECK_PATIENCE'] ?? 1);
const COUNT = Math.ceil(200 / SLOW);
const IDS = [101, 102, 103] as const;
type Id = (typeof IDS)[number];
/** Devices of the node that containers may have. */
const OWN = ['real0', 'real1'] as const;
/** Milliseconds that what has been killed may take to be gone. */
const PATIENCE = 60_000 * SLOW;

const random = seeded(SEED);
const own = (id: Id): string => random.pick([`192.0.2.${id}`, `192.0.2.${id + 50}`, `2001:db8:1::${id}`, `2001:db8:1::${id}:1`]);

/** Words after `vzctl set ID`; what is refused (there already, not there, taken) changes nothing. */
const WORDS: readonly ((id: Id) => readonly string[])[] = [
  (id) => ['--ipadd', own(id)],
  (id) => ['--ipadd', own(id), '--ipadd', own(id)],
  (id) => ['--ipdel', own(id)],
  () => ['--ipdel', 'all'],
  (id) => ['--ipdel', 'all', '--ipadd', own(id)],
  // perhaps another one's
  () => ['--ipadd', own(random.pick(IDS))],
  (id) => ['--forward', `tcp:${8000 + (id % 100) + random.pick([0, 50])}:80`],
  () => ['--forward_del', 'all'],
  () => ['--rate', random.pick(['10mbit:2mbit', '0:3mbit', '0', '0'])],
  () => ['--netif_add', random.pick(['eth0', 'eth1,,,,br0', 'eth2,,,,br1'])],
  () => ['--netif_del', random.pick(['eth0', 'eth1', 'eth2', 'all'])],
  (id) => ['--ipadd', own(id), '--netif_add', 'eth3,,,,br0', '--rate', '5mbit'],
  () => ['--netdev_add', random.pick(OWN)],
  () => ['--netdev_del', random.pick(OWN)],
  () => ['--link_add', random.pick(['eth4=macvlan:wire0', 'eth5=macvlan:wire0:private'])],
  () => ['--link_del', 'all'],
];

/** Null where it has ended, and where another one has its number by now. */
function alive(note: string): number | null {
  const [, pid = '', start = ''] = /^(\d+) (\d+)\n/.exec(readOr(note)) ?? [];
  // behind the name, which may be anything
  const [state, ...fields] = readOr(`/proc/${pid}/stat`).replace(/.*\) /s, '').split(' ');
  return start !== '' && state !== 'Z' && fields[START_TIME] === start ? Number(pid) : null;
}
const START_TIME = 18;

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

inNetLab(`networks after random operations (VZDECK_SEED=${SEED})`, (lab) => {
  const processOf = (id: Id, who: 'init' | 'keeper'): number | null => alive(join(lab.root, 'run/vzdeck', String(id), who));
  /** With the pid of init: no command is asked, which would take a third of the time of all. */
  const running = (): ReadonlyMap<number, number> =>
    new Map(
      IDS.flatMap((id) => {
        const init = processOf(id, 'init');
        return init === null ? [] : [[id, init] as const];
      }),
    );
  const ended = (child: ChildProcess): Promise<unknown> => new Promise((resolve) => child.on('exit', resolve));

  beforeAll(() => {
    for (const device of OWN) lab.node(`ip link add ${device} type veth peer name ${device} netns ${lab.lanPid}; ip link set ${device} up`);
    for (const id of IDS) lab.vzctl('create', String(id));
  });

  const again = (id: Id): readonly string[] => (running().has(id) ? ['restart', String(id), '--fast'] : ['start', String(id)]);
  const set = (id: Id): readonly string[] => ['set', String(id), ...random.pick(WORDS)(id), '--save'];
  /** Milliseconds, of the last verb that came to its end. */
  let took = 0;
  const verb = (...words: string[]): string => {
    const begun = Date.now();
    const { status, err } = lab.vzctl(...words);
    if (status === 0) took = Date.now() - begun;
    return `${words.join(' ')}: ${status} ${err.trim()}`;
  };

  /** A verb that does not come to its end, and one that meets what it has left. */
  async function killed(words: readonly string[], next: readonly string[]): Promise<string> {
    const child = lab.vzctlBeside(...words);
    const gone = ended(child);
    // at any place of its way, on a slow machine, too
    const after = Math.floor((random.below(100) / 100) * took);
    setTimeout(() => child.kill('SIGKILL'), after);
    await gone;
    return `${words.join(' ')}, killed after ${after} ms; ${verb(...next)}`;
  }

  /** Each says what it did. What is drawn does not depend on what was found: a seed is a sequence of operations. */
  const OPERATIONS: readonly ((id: Id) => Promise<string> | string)[] = [
    ...Array.from({ length: 8 }, () => (id: Id) => verb(...set(id))),
    ...Array.from({ length: 3 }, () => (id: Id) => verb(...again(id))),
    (id) => verb('stop', String(id), '--fast'),
    // who does not know how far it has come says it again
    (id) => {
      const words = set(id);
      return killed(words, words);
    },
    (id) => killed(again(id), random.pick([set(id), ['start', String(id)]])),
    (id) => killed(['stop', String(id), '--fast'], ['start', String(id)]),
    (id) => {
      const words = set(id);
      const keeper = processOf(id, 'keeper');
      if (keeper === null) return `${id} has no keeper`;
      process.kill(keeper, 'SIGKILL');
      return `keeper of ${id} killed; ${verb(...words)}`;
    },
    async (id) => {
      const init = processOf(id, 'init');
      if (init === null) return `${id} has no init`;
      process.kill(init, 'SIGKILL');
      await until(() => !running().has(id));
      return `init of ${id} killed; ${verb('start', String(id))}`;
    },
  ];

  /** Null when all is well. */
  function difference(): { readonly there: readonly string[]; readonly wanted: readonly string[] } | null {
    const now = running();
    const [there, should] = [stands(lab, now, OWN), wanted(lab, [...now.keys()], OWN)];
    return there.join('\n') === should.join('\n') ? null : { there, wanted: should };
  }

  test('the node has what the configs of those that run say, and nothing else', async () => {
    const done: string[] = [];
    for (let count = 0; count < COUNT; count++) {
      done.push(await random.pick(OPERATIONS)(random.pick(IDS)));
      // what was killed goes while nobody waits for it
      const end = Date.now() + PATIENCE;
      let differs = difference();
      while (differs !== null && Date.now() < end) differs = difference();
      const last = `VZDECK_SEED=${SEED}, operation ${count}:\n${done.slice(-16).join('\n')}`;
      expect(differs?.there ?? [], last).toEqual(differs?.wanted ?? []);
    }
  });

  test('when all have stopped it is as it was', () => {
    for (const id of IDS) lab.vzctl('stop', String(id), '--fast');
    for (const device of OWN) lab.node(`ip link del ${device}`);
    expect(lab.changed()).toEqual([]);
  });
});
