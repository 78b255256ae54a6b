// Two hundred random operations on three containers' networks, verbs, keepers and inits killed among them: after each the node has what the configs of
// those that run say, and nothing else; at the end it is as it was.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { SEED, seeded } from '../../engine/spec/seeded.ts';
import { requires } from '../requires.ts';
import { until } from '../until.ts';
import { type NetLab, openNetLab } from './net-lab.ts';
import { stands, wanted } from './stands.ts';

vi.setConfig({ testTimeout: 1_200_000, hookTimeout: 300_000 });

const COUNT = 200;
const IDS = [101, 102, 103] as const;
type Id = (typeof IDS)[number];

const random = seeded(SEED);
const own = (id: Id): string => random.pick([`192.0.2.${id}`, `192.0.2.${id + 50}`, `2001:db8:1::${id}`, `2001:db8:1::${id}:1`]);

/** Words after `vzctl VERB ID`; what is refused (there already, not there, taken) changes nothing. */
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
  () => ['--rate', random.pick(['10mbit:2mbit', '0:3mbit', '4mbit:0', '0'])],
  () => ['--netif_add', random.pick(['eth0', 'eth1,,,,br0', 'eth2,,,,br1'])],
  () => ['--netif_del', random.pick(['eth0', 'eth1', 'eth2', 'all'])],
  (id) => ['--ipadd', own(id), '--netif_add', 'eth3,,,,br0', '--rate', '5mbit'],
];

requires(
  'root',
  'launcher',
  'busybox',
  'ip',
  'nft',
)(`networks after random operations (VZDECK_SEED=${SEED})`, () => {
  let lab: NetLab;
  const number = (id: Id, note: string): number =>
    Number(readFileSync(join(lab.root, 'run/vzdeck', String(id), note), 'utf8').split(' ')[0]);
  const running = (): readonly Id[] =>
    (JSON.parse(lab.vzdeck('list', '--json').out) as readonly { readonly id: Id; readonly state: string }[])
      .filter(({ state }) => state === 'running')
      .map(({ id }) => id);
  const runs = (id: Id): boolean => running().includes(id);

  beforeAll(async () => {
    lab = await openNetLab();
    for (const id of IDS) lab.vzctl('create', String(id));
  });
  afterAll(() => lab.down());

  const set = (id: Id): readonly string[] => ['set', String(id), ...random.pick(WORDS)(id), '--save'];

  /** A verb that does not come to its end, and one that meets what it has left. */
  async function killed(words: readonly string[], id: Id): Promise<string> {
    const verb = lab.vzctlBeside(...words);
    const gone = new Promise((resolve) => verb.on('exit', resolve));
    const after = random.below(400);
    setTimeout(() => verb.kill('SIGKILL'), after);
    await gone;
    const next = runs(id) ? set(id) : ['start', String(id)];
    lab.vzctl(...next);
    return `${words.join(' ')}, killed after ${after} ms; ${next.join(' ')}`;
  }

  /** Each says what it did. */
  const OPERATIONS: readonly ((id: Id) => Promise<string> | string)[] = [
    ...Array.from({ length: 8 }, () => (id: Id) => {
      const words = set(id);
      const { status } = lab.vzctl(...words);
      return `${words.join(' ')}: ${status}`;
    }),
    ...['start', 'start', 'start', 'stop', 'restart'].map((verb) => (id: Id) => {
      const words = [verb, String(id), ...(verb === 'start' ? [] : ['--fast'])];
      const { status } = lab.vzctl(...words);
      return `${words.join(' ')}: ${status}`;
    }),
    (id) => killed(set(id), id),
    (id) => killed(['start', String(id)], id),
    (id) => killed(['stop', String(id), '--fast'], id),
    (id) => {
      if (!runs(id)) return `${id} has no keeper`;
      process.kill(number(id, 'keeper'), 'SIGKILL');
      const words = set(id);
      lab.vzctl(...words);
      return `keeper of ${id} killed; ${words.join(' ')}`;
    },
    async (id) => {
      if (!runs(id)) return `${id} has no init`;
      process.kill(number(id, 'init'), 'SIGKILL');
      await until(() => !runs(id));
      lab.vzctl('start', String(id));
      return `init of ${id} killed; start ${id}`;
    },
  ];

  test('the node has what the configs of those that run say, and nothing else', async () => {
    const done: string[] = [];
    for (let count = 0; count < COUNT; count++) {
      const id = random.pick(IDS);
      done.push(await random.pick(OPERATIONS)(id));
      const [ids, last] = [running(), done.slice(-6).join('\n')];
      expect(`${last}\n${stands(lab, ids).join('\n')}`).toBe(`${last}\n${wanted(lab, ids).join('\n')}`);
    }
  });

  test('when all have stopped it is as it was', () => {
    for (const id of IDS) lab.vzctl('stop', String(id), '--fast');
    expect(lab.changed()).toEqual([]);
  });
});
