// vzdeck net usage: what has gone over containers' links, in all, by day or by month; for programs as JSON, one object for each container.
import {
  type CtUsage,
  drawable,
  type Engine,
  humanBytes,
  mayBeEarlier,
  type Traffic,
  type TrafficByLink,
  type TrafficSpan,
  trafficSum,
} from '../../engine/index.ts';
import { scanOptions } from '../args.ts';
import { CliExit, type OptionRow } from '../command.ts';
import { aligned } from '../format/aligned.ts';
import { localTime } from '../format/local-time.ts';
import { knownContainers } from '../select.ts';
import type { NetCall } from './net-call.ts';

type By = 'day' | 'month' | null;

interface Asked {
  readonly by: By;
  /** "2026-11-22", "2026-11", or "" for all that is kept. */
  readonly since: string;
  readonly containers: readonly string[];
}

const DATE = /^\d{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?$/;

const NET_USAGE_OPTIONS: readonly OptionRow[] = [
  { name: 'day', value: false, help: 'by day' },
  { name: 'month', value: false, help: 'by month' },
  { name: 'since', value: true, help: 'from that day or month on: 2026-11-22, 2026-11' },
];

/** Throws CliExit 20. */
function parse(words: readonly string[]): Asked {
  let by: By = null;
  let since = '';
  const containers = scanOptions(words, NET_USAGE_OPTIONS, ({ spec, value }) => {
    if (spec.name === 'since') {
      if (!DATE.test(value)) throw new CliExit(20, `--since takes a day as 2026-11-22 or a month as 2026-11, not ${JSON.stringify(value)}`);
      since = value;
      return;
    }
    if (by !== null && by !== spec.name) throw new CliExit(20, '--day and --month are two questions: ask one of them');
    by = spec.name === 'day' ? 'day' : 'month';
  });
  return { by, since, containers };
}

interface Part {
  /** "" for all together. */
  readonly key: string;
  readonly from: number;
  readonly earlier: boolean;
  readonly links: TrafficByLink;
}

const together = (spans: readonly TrafficSpan[]): TrafficByLink => {
  const names = [...new Set(spans.flatMap(({ links }) => Object.keys(links)))];
  return Object.fromEntries(
    names.map((name) => [name, trafficSum(Object.fromEntries(spans.flatMap((s, i) => (s.links[name] ? [[i, s.links[name]]] : []))))]),
  );
};

/** Days that lie within what was asked for; a month begins with its first. */
const spansSince = (spans: readonly TrafficSpan[], since: string): readonly TrafficSpan[] =>
  spans.filter(({ key }) => key >= since.slice(0, key.length));

function partsOf({ account }: CtUsage, { by, since }: Asked): readonly Part[] {
  const { days, months, total } = account;
  const part = (span: TrafficSpan): Part => ({ ...span, earlier: mayBeEarlier(span) });
  if (by !== null) return spansSince(by === 'day' ? days : months, since).map(part);
  if (since === '') return [{ key: '', from: account.since, earlier: false, links: total }];
  const spans = spansSince(days, since);
  const [first] = spans;
  return [{ key: '', from: first?.from ?? account.at, earlier: first !== undefined && mayBeEarlier(first), links: together(spans) }];
}

const figures = ({ up, down, upPackets, downPackets }: Traffic): readonly string[] => [
  humanBytes(up),
  humanBytes(down),
  humanBytes(up + down),
  String(upPackets),
  String(downPackets),
];

function print(engine: Engine, usages: readonly CtUsage[], asked: Asked): void {
  const names = new Map(engine.list().map(({ id, name }) => [id, name]));
  const rows = usages
    .flatMap((usage) => partsOf(usage, asked).map((part) => ({ id: usage.id, part })))
    .sort((a, b) => a.part.key.localeCompare(b.part.key) || a.id - b.id);
  if (rows.length === 0) {
    process.stdout.write('Nothing is counted: no container has, or had, an interface with an end on the node\n');
    return;
  }
  const spans = asked.by !== null;
  const head = [
    ...(spans ? [asked.by === 'day' ? 'DAY' : 'MONTH'] : []),
    'CTID',
    'NAME',
    'UP',
    'DOWN',
    'SUM',
    'PACKETS UP',
    'DOWN',
    'SINCE',
  ];
  const cells = rows.map(({ id, part }) => [
    ...(spans ? [part.key] : []),
    String(id),
    drawable(names.get(id) || '-'),
    ...figures(trafficSum(part.links)),
    spans && !part.earlier ? '' : `${localTime(part.from)}${part.earlier ? ' *' : ''}`,
  ]);
  const left = new Set([spans ? 0 : -1, spans ? 2 : 1, head.length - 1]);
  for (const line of aligned([head, ...cells], left)) process.stdout.write(`${line}\n`);
  if (rows.some(({ part }) => part.earlier)) process.stdout.write('* part of it may be of earlier: nobody had looked when it began\n');
}

/** Throws CliExit 20, 21. */
export async function netUsage(words: readonly string[], { engine, json }: NetCall): Promise<number> {
  const asked = parse(words);
  const ids = asked.containers.length === 0 ? engine.list().map(({ id }) => id) : knownContainers(engine, asked.containers);
  const usages = await engine.usage(ids);
  if (!json) print(engine, usages, asked);
  else {
    const told = usages.map((usage) => ({ id: usage.id, since: usage.account.since, at: usage.account.at, parts: partsOf(usage, asked) }));
    process.stdout.write(`${JSON.stringify(told)}\n`);
  }
  return 0;
}
