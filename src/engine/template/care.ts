// Applies the care list to an unpacked tree, through the launcher only: what lies in it is hostile, links above all.
import { VzError } from '../errors.ts';
import type { Host } from '../host/port.ts';
import { CARE, type CareStep } from './care-steps.ts';
import { lookAt } from './seen.ts';

/** What must not go wrong silently; a directory that is there, a path without parents in a half-empty tree may. */
const HARMLESS = new Set(['EEXIST', 'ENOENT', 'ENOTDIR']);

/**
 * Makes the tree of any distribution fit for a container. Doing it twice changes nothing more. Throws VzError 'bad-template' when the tree
 * cannot be changed; `template` is for its text.
 */
export async function careFor(host: Host, root: string, template: string, steps: readonly CareStep[] = CARE): Promise<void> {
  const seen = await lookAt((ops) => host.launcher.tree(root, ops), steps);
  const changes = steps.flatMap((step) => step.change(seen));
  if (changes.length === 0) return;
  const results = await host.launcher.tree(root, changes);
  for (const [i, result] of results.entries()) {
    if (result.ok || HARMLESS.has(result.errno)) continue;
    const change = changes[i]!;
    throw new VzError('bad-template', { template, cause: `${change.op} ${'path' in change ? change.path : ''}: ${result.errno}` });
  }
}
