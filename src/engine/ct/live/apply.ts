// All live parts at once: what they would do is planned first, then done in order, and taken back in reverse when one step is refused.
import { VzError } from '../../errors.ts';
import { strerror } from '../../spec/errno.ts';
import type { Changes, Values } from '../../spec/params/read.ts';
import { paramOf } from '../../spec/params/table.ts';
import type { LiveChange, LivePart, LiveStep, LiveTarget } from './part.ts';
import { PARTS } from './parts.ts';

/** Keys that a running container takes at once. */
export const liveKeys = (parts: readonly LivePart[] = PARTS): ReadonlySet<string> => new Set(parts.flatMap((part) => part.keys));

/** What the running container has, as canonical config texts; keys that nobody can tell are left out. */
export async function readLive(target: LiveTarget, parts: readonly LivePart[] = PARTS): Promise<Values> {
  const values = new Map<string, string>();
  for (const part of parts) for (const [key, value] of await part.read(target)) values.set(key, value);
  return values;
}

/** Lists that are changed by their items: from what the container has, whatever of it the config says. */
export function mergedLive({ context, config }: Omit<LiveTarget, 'init'>, live: Values, changes: Changes): Values {
  const merged = new Map<string, string>();
  for (const [key, change] of changes) {
    const [stored, merge] = [live.get(key), paramOf(key)?.grammar.merge];
    const result = stored === undefined ? undefined : merge?.(stored, change, config.id, context.node.around);
    if (result?.ok && stored !== undefined) merged.set(key, result.value ?? stored);
  }
  return merged;
}

/**
 * Steps that lead from what holds, which `known` is told, to what is asked for. Throws VzError for the first value that cannot be; nothing has been
 * changed then.
 */
export async function planLive(
  target: LiveTarget,
  changed: Values,
  parts: readonly LivePart[] = PARTS,
  changes: Changes = new Map(),
  known: (before: Values) => void = () => {},
): Promise<readonly LiveStep[]> {
  const asked = parts.filter((part) => part.keys.some((key) => changed.has(key) || changes.has(key)));
  const live = await readLive(target, asked);
  const before = new Map([...target.config.values, ...live]);
  known(before);
  const change: LiveChange = { ...target, changed, before, after: new Map([...before, ...changed, ...mergedLive(target, live, changes)]) };
  const steps: LiveStep[] = [];
  for (const [key, why] of asked.flatMap((part) => [...(part.idle?.(target) ?? [])]))
    if (changed.has(key)) target.context.report({ level: -1, text: `Warning: nothing acts on ${key.toLowerCase()} here: ${why}` });
  for (const part of asked) steps.push(...(await part.plan(change)));
  return steps;
}

/** The last words of a refusal: what the kernel or one of our own checks says. */
function causeOf(error: unknown): string {
  if (!(error instanceof VzError)) return strerror(error);
  return error.code === 'launch-failed' ? `${strerror(String(error.fields['errno']))} (${error.fields['path']})` : error.message;
}

const list = (words: readonly string[]): string => words.join(', ').replace(/, ([^,]*)$/, ' and $1');

/** What became of the steps before the one that was refused. */
function others(taken: readonly string[], stuck: readonly string[], never: readonly string[]): string {
  return [
    ...(taken.length > 0 ? [`${list(taken)} ${taken.length === 1 ? 'was' : 'were'} taken back`] : []),
    ...(stuck.length > 0 ? [`${list(stuck)} could not be taken back`] : []),
    ...(never.length > 0 ? [`${list(never)} ${never.length === 1 ? 'was' : 'were'} not tried`] : []),
  ].join('; ');
}

/**
 * Does the steps in order. When one is refused, those before it are undone, last first, and VzError 'not-applied' is thrown: which one, why,
 * and what the others were. `cancelled` is asked between them. Returns the lines that vzctl prints.
 */
export async function applyLive(steps: readonly LiveStep[], cancelled: () => void = () => {}): Promise<readonly string[]> {
  for (const [at, step] of steps.entries()) {
    try {
      cancelled();
      await step.apply();
    } catch (error) {
      const done = steps.slice(0, at);
      const stuck = await undoLive(done);
      const taken = done.flatMap((s) => (stuck.has(s) ? [] : s.what || []));
      const after = steps.slice(at + 1).flatMap((s) => s.what || []);
      const left = done.flatMap((s) => (stuck.has(s) ? [`${s.what} (${stuck.get(s)})`] : []));
      const exit = error instanceof VzError && error.code !== 'launch-failed' ? error.exit : undefined;
      throw new VzError('not-applied', { what: step.what, cause: causeOf(error), others: others(taken, left, after), exit }, error);
    }
  }
  return steps.flatMap((step) => step.lines ?? []);
}

/** Takes back what was applied, last first, whatever fails of it; those that failed with why. */
export async function undoLive(steps: readonly LiveStep[]): Promise<ReadonlyMap<LiveStep, string>> {
  const stuck = new Map<LiveStep, string>();
  for (const step of [...steps].reverse()) {
    try {
      await step.undo();
    } catch (error) {
      stuck.set(step, causeOf(error));
    }
  }
  return stuck;
}
