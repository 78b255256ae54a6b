// vzctl set 0: what of the node itself can be set. Everything may be saved; only its CPU units act.
import { VzError } from '../errors.ts';
import type { Values } from '../spec/params/read.ts';
import { paramOf, sectionOf } from '../spec/params/table.ts';
import { applyLive } from './live/apply.ts';
import { NODE_KEYS, nodeShareSteps } from './live/node-share.ts';
import type { LiveStep } from './live/part.ts';
import type { SetRequest } from './set-request.ts';
import type { VerbContext } from './verb.ts';

/** Limits that the original puts on the node's own processes. */
const limitsNode = (key: string): boolean => {
  const param = paramOf(key);
  return param !== undefined && (sectionOf(param) === 'beancounters' || ['CPUUNITS', 'IOPRIO', 'IOLIMIT', 'IOPSLIMIT'].includes(key));
};

/** Applies what can be, and says of the rest that it is only kept. Throws VzError 'node-limit' when it is not even to be kept. */
export async function applyToNode(context: VerbContext, values: Values, request: SetRequest): Promise<readonly LiveStep[]> {
  const { report } = context;
  const idle = [...values.keys()].filter((key) => limitsNode(key) && !NODE_KEYS.some((known) => known === key));
  if (idle.length > 0 && !request.save) throw new VzError('node-limit', { keys: idle.join(', ') });
  const units = values.get('CPUUNITS');
  if (units === undefined) {
    sayIdle(report, idle);
    return [];
  }
  const steps = nodeShareSteps(context, Number(units));
  if (steps.length === 0 && !request.save) throw new VzError('node-idle');
  await applyLive(steps);
  report({ level: 0, text: `Setting CPU units: ${units}` });
  sayIdle(report, idle);
  return steps;
}

function sayIdle(report: VerbContext['report'], idle: readonly string[]): void {
  if (idle.length === 0) return;
  const text = `Warning: ${idle.join(', ')} of the node is kept, and nothing acts on it: its processes are in no group of ours`;
  report({ level: -1, text });
}
