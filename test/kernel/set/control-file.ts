// What the kernel itself says of a container's limits, whichever cgroup version has the controller.
import { existsSync, readFileSync } from 'node:fs';
import { findTopology } from '../../../src/engine/cgroup/topology.ts';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import type { Lab } from '../lab.ts';

export interface Place {
  readonly version: 1 | 2;
  /** The container's own group, where its limits stand. */
  readonly dir: string;
}

/** Names of the controller in both versions; null where this machine has none of them. */
export function placeOf(lab: Lab, id: number, controllers: readonly string[]): Place | null {
  const topology = findTopology(linuxFiles, '/proc', lab.engine.node.tag);
  const h = controllers.map((name) => topology.controllers.get(name)).find((found) => found !== undefined);
  return h === undefined ? null : { version: h.version, dir: `${h.mount}${topology.top}/${id}` };
}

/** Text of the file of that version; null where there is none. */
export function controlText(lab: Lab, id: number, controllers: readonly string[], files: { 1?: string; 2?: string }): string | null {
  const place = placeOf(lab, id, controllers);
  const file = place === null ? undefined : files[place.version];
  const path = `${place?.dir}/${file}`;
  return file !== undefined && existsSync(path) ? readFileSync(path, 'utf8').trim() : null;
}

/** The versions of this machine's controllers. */
export const versionOf = (lab: Lab, controllers: readonly string[]): 1 | 2 | null => placeOf(lab, 0, controllers)?.version ?? null;
