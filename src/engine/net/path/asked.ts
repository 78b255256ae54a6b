// Rules on the way: what they do with the packet, told with whose they are and what lets it pass.
import { chainsAt, type Decider, judge, type Verdict } from '../verdict/judge.ts';
import { known } from '../verdict/known.ts';
import type { Packet } from '../verdict/packet.ts';
import type { Ruleset } from '../verdict/ruleset.ts';
import type { Place, Trail } from './step.ts';

export type Hook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';

interface Question {
  readonly hook: Hook;
  readonly frames?: boolean;
  /** Name of our tables, where they may be. */
  readonly own?: string;
  /** Container whose packet it is, and the link of the node that a rule of others is to let through. */
  readonly id?: number;
  readonly link?: string;
}

const nameOf = ({ family, table, chain, handle }: Decider): string =>
  `${handle === null ? 'policy' : `rule ${handle}`} of chain ${family} ${table} ${chain}`;

/** What our own tables keep back, by the chain that does. */
const OURS: Readonly<Record<string, (packet: Packet, id: number | undefined) => readonly [says: string, remedy: string]>> = {
  'inet guard': ({ from }, id) => [
    `the guard drops it: ${from} is none of the addresses of container ${id}`,
    `vzctl set ${id} --ipadd ${from} --save, or let it send as one of its own`,
  ],
  'inet transit': ({ in: device }) => [
    `the node forwards what comes in by ${device} for containers only`,
    `sysctl -w net/ipv4/conf/${device}/forwarding=1 before any container starts lets others pass`,
  ],
  'bridge guard': ({ from }, id) => [
    `mac_filter drops it: ${from} is none of the addresses of container ${id}, or its MAC is another one`,
    `vzctl set ${id} --ifname DEVICE --ipadd ${from} --save lets it have that address, --mac_filter off any`,
  ],
  'bridge private': ({ out, macTo }) => [
    `mac_filter of ${out} drops it: ${macTo || 'its MAC'} is not that of the container behind it`,
    'look at ip link inside: its MAC has been changed',
  ],
};

function refused(trail: Trail, { where }: Place, ruleset: Ruleset, verdict: Verdict, { own, id, link = '' }: Question): boolean {
  const { by, sure, doubts } = verdict;
  if (by === null) return true;
  const evidence = [nameOf(by), ...(sure ? [] : [`not judged: ${doubts.map(nameOf).join(', ')}`])];
  const mine = by.table === own ? OURS[`${by.family} ${by.chain}`]?.(trail.packet, id) : undefined;
  if (mine !== undefined && sure) return trail.ends(where, ...mine, evidence);
  const whose = known(ruleset, by);
  const says = `${whose.name} ${sure ? 'drops it' : 'drops it, unless a rule that cannot be judged lets it pass'}`;
  const helps =
    where === 'node' && link !== ''
      ? whose.remedy(by, link)
      : `nft -a list chain ${by.family} ${by.table} ${by.chain} there shows the rule`;
  return sure ? trail.ends(where, says, helps, evidence) : trail.perhaps(where, says, evidence);
}

/** The verdict where the packet goes on; null where it ends. */
export async function asked(trail: Trail, place: Place, question: Question): Promise<Verdict | null> {
  const PASSES: Verdict = { passes: true, sure: true, by: null, doubts: [], to: null, masked: false };
  const ruleset = await place.rules();
  if (ruleset === null) {
    if (!trail.steps.some(({ where, says }) => where === place.where && says.startsWith('rules')))
      trail.perhaps(place.where, 'rules of nftables there cannot be read');
    return PASSES;
  }
  const { hook, frames = false } = question;
  const chains = chainsAt(ruleset, frames ? ['bridge'] : trail.packet.family === 4 ? ['inet', 'ip'] : ['inet', 'ip6'], hook);
  if (chains.length === 0) return PASSES;
  const verdict = judge(ruleset, trail.packet, { hook, frames });
  if (!verdict.passes) return refused(trail, place, ruleset, verdict, question) ? verdict : null;
  const names = chains.map(({ family, table, name }) => `${family} ${table} ${name}`);
  if (verdict.sure) trail.goes(place.where, `rules at ${hook} let it pass`, names);
  else trail.perhaps(place.where, `rules at ${hook} let it pass, unless one that cannot be judged drops it`, verdict.doubts.map(nameOf));
  return verdict;
}
