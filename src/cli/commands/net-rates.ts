// vzdeck net rates: what goes over containers' links just now, between two looks, and what was dropped of it since they were made, by reason.
import { drawable, humanBytes, type LinkNow } from '../../engine/index.ts';
import { scanOptions } from '../args.ts';
import { aligned } from '../format/aligned.ts';
import { knownContainers } from '../select.ts';
import type { NetCall } from './net-call.ts';

const HEAD = ['CTID', 'NAME', 'LINK', 'ON NODE', 'UP/s', 'DOWN/s', 'PACKETS UP/s', 'DOWN/s', 'DROPPED BY GUARD', 'BY RATE', 'BY QUEUE'];
const LEFT = new Set([1, 2, 3]);

const figure = (n: number | null | undefined): string => (n == null ? '-' : String(Math.round(n)));

function cells(id: number, name: string, { name: link, hostName, rate, dropped }: LinkNow): readonly string[] {
  const speed = (n: number | undefined): string => (n === undefined ? '-' : humanBytes(Math.round(n)));
  return [
    String(id),
    drawable(name || '-'),
    drawable(link),
    hostName || '-',
    speed(rate?.up),
    speed(rate?.down),
    figure(rate?.upPackets),
    figure(rate?.downPackets),
    figure(dropped?.guard),
    figure(dropped?.rate),
    figure(dropped?.queue),
  ];
}

/** Throws CliExit 21. */
export async function netRates(words: readonly string[], { engine, json, run: { signal } }: NetCall): Promise<number> {
  const operands = scanOptions(words, [], () => {});
  const all = engine.list();
  const ids = new Set(operands.length === 0 ? all.map(({ id }) => id) : knownContainers(engine, operands));
  const running = all.filter(({ id, init }) => ids.has(id) && init !== null);
  const seen = await engine.rates(running, signal);
  if (json) {
    process.stdout.write(`${JSON.stringify(seen)}\n`);
    return 0;
  }
  const names = new Map(running.map(({ id, name }) => [id, name]));
  const rows = seen.flatMap(({ id, links }) => links.map((link) => cells(id, names.get(id) ?? '', link)));
  if (rows.length === 0) process.stdout.write('No container that runs has an interface here\n');
  else for (const line of aligned([HEAD, ...rows], LEFT)) process.stdout.write(`${line}\n`);
  for (const { name, hostName, shared } of seen.flatMap(({ links }) => links))
    if (shared !== '')
      process.stdout.write(`${hostName} is shared: without mac_filter ${drawable(name)} hears and sends whatever passes ${shared}\n`);
  for (const { id, more } of seen)
    if (more > 0) process.stdout.write(`Container ${id} has ${more} more links inside, which are not looked at\n`);
  for (const { id, elsewhere } of seen)
    if (elsewhere)
      process.stdout.write(`Container ${id} was started in another network namespace: nothing can be told of its links from here\n`);
  return 0;
}
