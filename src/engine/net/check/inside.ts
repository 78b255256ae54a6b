// What root inside has taken of the network that his container was given.
import { standing } from '../standing.ts';
import { VENET } from '../venet.ts';
import type { CheckRule, NetEvidence, NetFinding } from './evidence.ts';
import { REPAIR } from './own.ts';

type Finding = Omit<NetFinding, 'rule'>;

/** Of one container, the nearest cause. */
function taken({ containers, inside, links }: NetEvidence): readonly Finding[] {
  return containers.flatMap(({ id, things }) => {
    const now = inside.get(id);
    if (now === undefined) return [];
    const object = `${VENET} of container ${id}`;
    const lost = standing(things, new Set(links.keys()), now.links);
    const [usurped] = lost.usurped;
    if (usurped !== undefined)
      return [
        {
          cts: [id],
          object: `${usurped} of container ${id}`,
          cause: 'is not what it was given: root inside has made another one of that name',
          remedy: `vzctl exec ${id} ip link del dev ${usurped} && ${REPAIR}`,
          evidence: ['its end on the node went with the one that was given'],
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
    // a pair that is gone as a whole is told by its end on the node
    const own = lost.things.filter((thing) => thing.includes(VENET));
    const lacks = own.flatMap(([kind, to = '']) => {
      const address = to.split('/')[0] ?? '';
      return kind === 'address' && !now.addresses.has(address) ? [address] : [];
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
            ? `does not have ${lacks.join(', ')}: root inside has taken it down, or taken the address away`
            : 'leads nowhere: root inside has taken the default route away',
        remedy: REPAIR,
        evidence: unled.map((family) => `no default route of ${family} inside`),
      },
    ];
  });
}

export const INSIDE_RULES: readonly CheckRule[] = [{ name: 'inside', looks: 'what containers have of it', find: taken }];
