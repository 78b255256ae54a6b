// From any thing of the node to its container and back: a pid, a port, an address, a MAC, a link, a cgroup, a file, a descriptor's inode, a user id.
// What a word can mean is told by its shape; where it can mean several things, all that are found are told.
import { containerKind } from './container.ts';
import type { LensKind, LensSources, Meaning } from './kind.ts';
import { addressKind, interfaceKind, macKind, portKind } from './network.ts';
import { cgroupKind, fileKind } from './places.ts';
import { inodeKind, pidKind, uidKind } from './processes.ts';

export interface Lens {
  readonly asked: string;
  readonly meanings: readonly Meaning[];
}

export const LENS_KINDS: readonly LensKind[] = [
  containerKind,
  pidKind,
  portKind,
  uidKind,
  addressKind,
  macKind,
  inodeKind,
  cgroupKind,
  fileKind,
  interfaceKind,
];

/** Longer than any path. */
const LONGEST = 4096;

export async function lensOf(asked: string, sources: LensSources): Promise<Lens> {
  const word = asked.slice(0, LONGEST);
  const meanings: Meaning[] = [];
  for (const { name, key, find } of LENS_KINDS) {
    const found = key(word);
    if (found === null) continue;
    for (const one of await find(found, sources)) meanings.push({ kind: name, ...one });
  }
  // a bridge stands at each port of it
  return { asked, meanings: [...new Map(meanings.map((one) => [JSON.stringify(one), one])).values()] };
}
