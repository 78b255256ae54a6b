// What root inside has taken of the network that his container was given.
import { standing } from '../standing.ts';
import { VENET } from '../venet.ts';
import type { CheckRule, NetEvidence, NetFinding } from './evidence.ts';
import { REPAIR } from './own.ts';

type Finding = Omit<NetFinding, 'rule'>;

/** Of one container, the nearest cause. */
function taken({ containers, inside, links, numbers, venets }: NetEvidence): readonly Finding[] {
  return containers.flatMap(({ id, things }) => {
    const now = inside.get(id);
    if (now === undefined) return [];
    const object = `${VENET} of container ${id}`;
    const lost = standing(things, { links: new Set(links.keys()), inside: now.links, numbers: numbers.get(id) ?? null, queues: null });
    const [usurped] = lost.usurped;
    if (usurped !== undefined)
      return [
        {
          cts: [id],
          object: `${usurped} of container ${id}`,
          cause: 'is not what it was given: root inside has made another one of that name',
          remedy: `vzctl exec ${id} ip link del dev ${usurped} && ${REPAIR}`,
          evidence: ['the one that was given is gone'],
        },
      ];
    if (lost.torn.length > 0)
      return [
        {
          cts: [id],
          object,
          cause: 'is not there: root inside has renamed it, or moved it to a network namespace of his own',
          remedy: REPAIR,
          evidence: [`its end on the node is ${lost.torn.join(', ')}`],
        },
      ];
    const venet = venets.get(id);
    const mac = lost.things.find(([kind, , inner]) => kind === 'pair' && inner === VENET)?.[4];
    if (venet !== undefined && mac !== undefined && (!venet.up || venet.mac !== mac))
      return [
        {
          cts: [id],
          object,
          cause: venet.up
            ? `has another MAC than it was given: root inside has changed it, and nothing arrives`
            : 'is down: root inside has taken it down',
          remedy: REPAIR,
          evidence: venet.up ? [`${venet.mac} in place of ${mac}`] : [],
        },
      ];
    // a pair that is gone as a whole is told by its end on the node
    const own = lost.things.filter((thing) => thing.includes(VENET));
    const lacks = own.flatMap(([kind, to = '']) => {
      const address = to.split('/')[0] ?? '';
      return kind === 'address' && now.addresses?.has(address) === false ? [address] : [];
    });
    const unled = own.flatMap(([kind, to]) => {
      const family = to === '::/0' ? 6 : 4;
      return kind === 'way' && !now.led.byVenet.has(family) && !now.led.elsewhere.has(family) ? [`IPv${family}`] : [];
    });
    if (lacks.length + unled.length === 0) return [];
    return [
      {
        cts: [id],
        object,
        cause:
          lacks.length > 0
            ? `does not have ${lacks.join(', ')}: root inside has taken the address away`
            : 'leads nowhere: root inside has taken the default route away',
        remedy: REPAIR,
        evidence: unled.map((family) => `no default route of ${family} inside`),
      },
    ];
  });
}

/** Devices that are inside as a whole, which are known by their numbers, whatever root there calls them. */
function whole({ containers, inside, links, numbers }: NetEvidence): readonly Finding[] {
  return containers.flatMap(({ id, things }) => {
    const now = inside.get(id);
    if (now === undefined) return [];
    const names = { links: new Set(links.keys()), inside: now.links };
    const { lost, usurped } = standing(things, { ...names, numbers: numbers.get(id) ?? null, queues: null });
    return lost.flatMap(([kind, name = '', , parent = '']): readonly Finding[] => {
      // told with what is in its place
      if ((kind !== 'sub' && kind !== 'lent') || usurped.includes(name)) return [];
      const made = things.some(([one, vlan]) => one === 'vlan' && vlan === parent);
      return [
        {
          cts: [id],
          object: `${name} of container ${id}`,
          ...(kind === 'lent' ? lentGone(id, name, links) : subGone(id, name, parent, made, links)),
        },
      ];
    });
  });
}

type Gone = Pick<Finding, 'cause' | 'remedy' | 'evidence'>;
const DELETED = 'root inside has deleted it, or moved it to a network namespace of his own';

/** `made`: the link that it stands on is a VLAN that containers raise. */
function subGone(id: number, name: string, parent: string, made: boolean, links: NetEvidence['links']): Gone {
  if (links.has(parent)) return { cause: `is not there: ${DELETED}`, remedy: REPAIR, evidence: [`it stood on ${parent}`] };
  return {
    cause: `is not there, as is ${parent} of the node, which it stood on`,
    remedy: made ? REPAIR : `vzctl set ${id} --link_del ${name} --save`,
    evidence: made ? [] : [`once ${parent} is back: ${REPAIR}`],
  };
}

function lentGone(id: number, name: string, links: NetEvidence['links']): Gone {
  if (links.has(name))
    return {
      cause: `is on the node: ${DELETED} that is gone`,
      remedy: REPAIR,
      evidence: ['a real card falls to the node, without its addresses'],
    };
  return {
    cause: `is neither there nor on the node: ${DELETED}`,
    remedy: `vzctl set ${id} --netdev_del ${name} --save`,
    evidence: [`once the node has a ${name} again: ${REPAIR}`],
  };
}

export const INSIDE_RULES: readonly CheckRule[] = [
  { name: 'inside', looks: 'what containers have of it', find: taken },
  { name: 'devices', looks: 'devices that are inside as a whole', find: whole },
];
