// vzdeck net talkers: of one container its connections by state and by port; of all who talks to whom on the node.
import { type Connections, drawable, type End, type Engine, humanBytes, type Talks } from '../../engine/index.ts';
import { scanOptions } from '../args.ts';
import { CliExit } from '../command.ts';
import { aligned } from '../format/aligned.ts';
import { knownContainers } from '../select.ts';
import type { NetCall } from './net-call.ts';

const OF_ONE = ['PORT', 'ASKED BY', 'CONNECTIONS', 'PEERS', 'UP', 'DOWN', 'MOST WITH'];
const OF_ALL = ['FROM', 'TO', 'PORT', 'CONNECTIONS', 'BYTES'];
const NOBODY_TELLS = '(nobody keeps with whom)';
const CUT = '(There are more than are looked at; the figures are of the first ones)';

function oneLines({ states, talkers, datagrams, cut }: Connections): readonly string[] {
  const cells = talkers.map((one) => [
    `${one.protocol}/${one.port}`,
    one.serves ? 'others' : 'it',
    String(one.connections),
    String(one.peers),
    humanBytes(one.up),
    humanBytes(one.down),
    one.peer === '' ? NOBODY_TELLS : drawable(one.peer),
  ]);
  const said = states.map(({ state, count }) => `${count} ${state}`).join(', ');
  return [
    said === '' ? 'No sockets' : said,
    ...(cells.length === 0 ? [] : aligned([OF_ONE, ...cells], new Set([0, 1, 6]))),
    ...(datagrams.up + datagrams.down === 0 ? [] : [`Datagrams of UDP: ${datagrams.up} sent, ${datagrams.down} received`]),
    ...(cut ? [CUT] : []),
  ];
}

const SOURCES: Readonly<Record<Talks['source'], string>> = {
  conntrack: "(by the node's table of connections)",
  both: "(by the node's table of connections; what goes the short way by open TCP sockets, whose bytes nobody counts, and but for TCP by what was handed over)",
  sockets:
    '(by open sockets of containers, since the node keeps no table of connections: UDP of sockets with a peer, and what was handed over the short way)',
};

function allLines({ talks, source, cut }: Talks, names: ReadonlyMap<number, string>): readonly string[] {
  const end = (of: End, peers: number): string =>
    typeof of === 'number'
      ? `${of} ${names.get(of) ?? ''}`.trim()
      : of === 'node'
        ? 'the node'
        : peers === 1
          ? '1 outside'
          : `${peers} outside`;
  const cells = talks.map(({ from, to, protocol, port, connections, peers, bytes }) => [
    drawable(end(from, peers)),
    drawable(end(to, peers)),
    port === 0 ? protocol : `${protocol}/${port}`,
    String(connections),
    bytes === null ? '-' : humanBytes(bytes),
  ]);
  const rows = cells.length === 0 ? ['Nobody talks to anybody'] : aligned([OF_ALL, ...cells], new Set([0, 1, 2]));
  return [...rows, SOURCES[source], ...(cut ? [CUT] : [])];
}

async function ofOne(engine: Engine, running: ReturnType<Engine['list']>, word: string): Promise<Connections> {
  const [id = 0, more] = knownContainers(engine, [word]);
  if (more !== undefined) throw new CliExit(21, `vzdeck net talkers takes one container, or none, and ${word} means several`);
  const one = running.find((ct) => ct.id === id);
  if (!one?.init) throw new CliExit(31, `Container ${id} is not running`);
  return engine.connections().look({ ...one, init: one.init }, running);
}

/** Throws CliExit 20, 21, 31. */
export async function netTalkers(words: readonly string[], { engine, json }: NetCall): Promise<number> {
  const [word, more] = scanOptions(words, [], () => {});
  if (more !== undefined) throw new CliExit(21, 'vzdeck net talkers takes one container, or none: then it tells who talks to whom');
  const running = engine.list().filter(({ init }) => init !== null);
  const told = word === undefined ? await engine.talks(running) : await ofOne(engine, running, word);
  const names = new Map(running.map(({ id, name }) => [id, name]));
  if (json) process.stdout.write(`${JSON.stringify(told)}\n`);
  else for (const line of 'talks' in told ? allLines(told, names) : oneLines(told)) process.stdout.write(`${line}\n`);
  return 0;
}
