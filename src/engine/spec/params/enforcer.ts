// Who holds a container to a parameter, said short. Knows words, not whether this kernel has what they name.
import type { Enforcer, Param } from './types.ts';

/** A control group's controller; `how` says what else it takes. */
export const cgroup = (controller: string, files: NonNullable<Enforcer['files']>, how = ''): Enforcer => ({
  by: 'cgroup',
  how: how === '' ? controller : `${controller}, ${how}`,
  files,
});

const by =
  (who: Enforcer['by']) =>
  (how: string): Enforcer => ({ by: who, how });

export const kernel = by('kernel');
export const bpf = by('bpf');
export const seccomp = by('seccomp');
export const idmap = by('idmap');
export const engine = by('engine');
export const distribution = by('distribution');
export const nobody = by('nobody');

/** "cgroup pids.max", "nobody: …"; with a cgroup version its own file only. */
export function enforcerText({ by: who, how, files }: Enforcer, version?: 1 | 2): string {
  const named =
    version === undefined ? [...new Set([files?.[1], files?.[2]])].filter((file) => file !== undefined) : [files?.[version] ?? ''];
  const of = files === undefined ? '' : ` ${named.join(' or ')}`.trimEnd();

  return files === undefined ? `${who}: ${how}` : `${who}${of} (${how})`;
}

/** One word of what becomes of a change: it acts at once, with the next start, or nothing acts on it. */
export type Badge = 'live' | 'restart' | 'kept';

export const badgeOf = ({ effect, enforcer }: Param): Badge =>
  enforcer.by === 'nobody' || effect === 'none' ? 'kept' : effect === 'live' ? 'live' : 'restart';
