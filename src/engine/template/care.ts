// Applies the care list to an unpacked tree, through the launcher only: what lies in it is hostile, links above all.
import { VzError } from '../errors.ts';
import type { Host } from '../host/port.ts';
import type { TreeOp, TreeResult } from '../spec/op.ts';
import { CARE, type CareStep, type Seen } from './care-steps.ts';
import { latin1 } from './tar-header.ts';

/** Longer is no config. */
const MAX_TEXT = 256 * 1024;
const MAX_NAMES = 10_000;

const unique = (paths: readonly string[]): readonly string[] => [...new Set(paths)];

/** Everything that the steps want to see, asked in one call. */
async function look(host: Host, root: string, steps: readonly CareStep[]): Promise<Seen> {
  const reads = unique(steps.flatMap((step) => step.reads ?? []));
  const lists = unique(steps.flatMap((step) => step.lists ?? []));
  const looks = unique(steps.flatMap((step) => step.looks ?? []));
  const asked: readonly TreeOp[] = [
    ...reads.map((path): TreeOp => ({ op: 'read', path, max: MAX_TEXT })),
    ...lists.map((path): TreeOp => ({ op: 'list', path, max: MAX_NAMES })),
    ...looks.flatMap((path): TreeOp[] => [
      { op: 'stat', path, follow: false },
      { op: 'readlink', path },
    ]),
  ];
  const results = await host.launcher.tree(root, asked);
  const answers = new Map<string, TreeResult>(asked.map((op, i) => [`${op.op} ${'path' in op ? op.path : ''}`, results[i]!]));
  const answer = (kind: string, path: string): Partial<Extract<TreeResult, { ok: true }>> | null => {
    const result = answers.get(`${kind} ${path}`);
    return result?.ok ? result : null;
  };
  return {
    text: (path) => {
      const data = answer('read', path)?.data;
      return data === undefined ? null : latin1(data);
    },
    names: (path) => answer('list', path)?.names ?? [],
    there: (path) => answer('stat', path) !== null,
    link: (path) => answer('readlink', path)?.target ?? null,
  };
}

/** What must not go wrong silently; a directory that is there, a path without parents in a half-empty tree may. */
const HARMLESS = new Set(['EEXIST', 'ENOENT', 'ENOTDIR']);

/**
 * Makes the tree of any distribution fit for a container. Doing it twice changes nothing more. Throws VzError 'bad-template' when the tree
 * cannot be changed; `template` is for its text.
 */
export async function careFor(host: Host, root: string, template: string, steps: readonly CareStep[] = CARE): Promise<void> {
  const seen = await look(host, root, steps);
  const changes = steps.flatMap((step) => step.change(seen));
  if (changes.length === 0) return;
  const results = await host.launcher.tree(root, changes);
  for (const [i, result] of results.entries()) {
    if (result.ok || HARMLESS.has(result.errno)) continue;
    const change = changes[i]!;
    throw new VzError('bad-template', { template, cause: `${change.op} ${'path' in change ? change.path : ''}: ${result.errno}` });
  }
}
