// Rates that nothing holds any more: somebody on the node has taken a queue, a filter or an ifb away, or put something else in its place.
import { standing } from '../standing.ts';
import { linkMadeBy, type Thing } from '../thing.ts';
import type { CheckRule, NetEvidence, NetFinding } from './evidence.ts';
import { REPAIR } from './own.ts';

type Finding = Omit<NetFinding, 'rule'>;

/** Of one thing that holds a rate, what is wrong with it. */
function unheld(links: NetEvidence['links'], queues: NetEvidence['queues'], things: readonly Thing[], thing: Thing): readonly string[] {
  const [kind, link = '', what = ''] = thing;
  if (kind === 'ifb') return [`${link} is not there, through which its packets are led: none comes out of the container`];
  if (kind === 'steer') return [`nothing leads what ${link} takes in to ${what}: the container sends as fast as it can`];
  if (kind !== 'bucket') return [];
  const has = queues?.buckets.get(link);
  const held = links.get(link)?.kind === 'ifb' || things.some(([one, name]) => one === 'ifb' && name === link);
  return [
    `${link} ${has === undefined ? 'has no token bucket' : `lets ${has} kbit/s pass`} for what goes ${held ? 'out of' : 'into'} the container, in place of ${what} kbit/s`,
  ];
}

function unheldRates({ containers, inside, links, queues }: NetEvidence): readonly Finding[] {
  return containers.flatMap(({ id, things }) => {
    const now = inside.get(id);
    if (now === undefined) return [];
    const { lost } = standing(things, { links: new Set(links.keys()), inside: now.links, numbers: null, queues });
    const down = things.flatMap((thing) => {
      const name = thing[0] === 'ifb' ? linkMadeBy(thing) : null;
      return name !== null && links.get(name)?.up === false ? [`${name} is down, through which its packets are led`] : [];
    });
    const evidence = [...lost.flatMap((thing) => unheld(links, queues, things, thing)), ...down];
    if (evidence.length === 0) return [];
    return [
      {
        cts: [id],
        object: `the rate of container ${id}`,
        cause: 'is not held as it was given: somebody has changed what tc has at its links',
        remedy: REPAIR,
        evidence,
      },
    ];
  });
}

export const RATE_RULES: readonly CheckRule[] = [{ name: 'rates', looks: 'rates', find: unheldRates }];
