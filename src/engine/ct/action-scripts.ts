// The administrator's own scripts around mount, start and stop: which file, in which order, in which environment (vzctl(8), ACTION SCRIPTS).
import { VzError } from '../errors.ts';
import type { ProcessId } from '../launcher/launcher.ts';
import { type JoinRequest, joinWithin, SHELLS } from './enter.ts';
import type { VerbContext } from './verb.ts';

export type HostMoment = 'premount' | 'mount' | 'umount' | 'postumount';

/** Per-container first when things are taken down: vzctl's code does so, whatever its manual says. */
const GLOBAL_FIRST: Readonly<Record<HostMoment, boolean>> = { premount: true, mount: true, umount: false, postumount: false };

/** Runs a script of the administrator on the node; its exit status. */
export async function runHostScript({ host, node, signal, drawn }: VerbContext, id: number, file: string): Promise<number> {
  const env = { HOME: '/', TERM: 'linux', VEID: String(id), VE_CONFFILE: node.conf(id) };
  return (await host.run(file, [], { env, signal, output: drawn ? 'ignore' : 'inherit' })).status;
}

/** Those of `vps.MOMENT` and `CTID.MOMENT` that are there, in their order. */
export function hostScripts({ host, node }: VerbContext, id: number, moment: HostMoment): readonly string[] {
  const own = `${node.confDir}/${id}.${moment}`;
  const global = `${node.confDir}/vps.${moment}`;
  return (GLOBAL_FIRST[moment] ? [global, own] : [own, global]).filter((file) => host.files.stat(file) !== null);
}

/** Runs them on the node. Throws VzError 'action-script' (79) with the file when one fails. */
export async function runHostScripts(context: VerbContext, id: number, moment: HostMoment): Promise<void> {
  for (const file of hostScripts(context, id, moment)) {
    if ((await runHostScript(context, id, file)) !== 0) throw new VzError('action-script', { moment, file });
  }
}

/**
 * `CTID.start` and `CTID.stop` run inside: their text is the stdin of a shell there, so they need no `#!` and no x bit.
 * false: it did not end within `seconds`, and nobody waits for it any more.
 * Throws VzError 'action-script' (79) when the shell ends with anything but 0.
 */
export async function runInsideScript(
  context: VerbContext,
  id: number,
  init: ProcessId,
  moment: 'start' | 'stop',
  seconds: number,
): Promise<boolean> {
  const { host, node } = context;
  const file = `${node.confDir}/${id}.${moment}`;
  const input = host.files.openInput(file);
  if (!input) return true;
  try {
    const request: JoinRequest = { argv: [''], files: SHELLS, stdio: context.drawn ? [input.fd, 'ignore', 'ignore'] : [input.fd, 1, 2] };
    const outcome = await joinWithin(seconds * 1000, context, id, init, request);
    if (outcome && outcome.code !== 0) throw new VzError('action-script', { moment, file });
    return outcome !== null;
  } finally {
    input.close();
  }
}
