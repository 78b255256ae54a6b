// The way back: from a container to all that stands for it on the node.
import type { LensCt, LensKind } from './kind.ts';
import { called, type Found, facts } from './words.ts';

const of = ({ things }: LensCt, kinds: readonly string[], at: number): string =>
  [...new Set(things.flatMap((thing) => (kinds.includes(thing[0]) ? (thing[at] ?? []) : [])))].join(' ');

/** What there is of it besides links: for a person it is one list. */
function ctFound(ct: LensCt): Found {
  const pairs = ct.things.flatMap(([kind, near = '', inner = '']) =>
    kind === 'pair' || kind === 'cable' ? [`${near} (${inner} inside)`] : [],
  );
  return {
    ct: ct.id,
    says: `${called(ct)} is ${ct.state}`,
    facts: facts({
      init: ct.init,
      keeper: ct.keeper,
      'user ids': ct.idBase === null ? null : `${ct.idBase}-${ct.idBase + 65_535}`,
      links: pairs.join(', '),
      'links of the node': of(ct, ['lent', 'sub'], 1),
      addresses: [
        ...new Set([
          ...ct.addresses,
          ...of(ct, ['route'], 1)
            .split(' ')
            .map((to) => to.split('/')[0] ?? ''),
        ]),
      ]
        .filter(Boolean)
        .join(' '),
      macs: [...new Set([of(ct, ['innerMac'], 2), of(ct, ['pair'], 4)])].filter(Boolean).join(' '),
      bridges: of(ct, ['port'], 2),
      private: ct.private,
      root: ct.root,
      'kept of its start': ct.run,
      cgroups: ct.cgroups.join(' '),
    }),
  };
}

export const containerKind: LensKind = {
  name: 'container',
  looks: '101, web',
  key: (word) => (/^[^\s/]+$/.test(word) ? word : null),
  find: (word, { containers }) => containers.filter(({ id, name }) => String(id) === word || (name !== '' && name === word)).map(ctFound),
};
