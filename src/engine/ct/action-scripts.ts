// The administrator's own scripts around mount, start and stop: which file, in which order, in which environment (vzctl(8), ACTION SCRIPTS).
import { VzError } from '../errors.ts';
import { above } from '../host/paths.ts';
import type { FileInfo } from '../host/port.ts';
import { realPlaces } from '../host/real-path.ts';
import type { ProcessId } from '../launcher/launcher.ts';
import { type JoinRequest, joinWithin, SHELLS } from './enter.ts';
import type { VerbContext } from './verb.ts';

export type HostMoment = 'premount' | 'mount' | 'umount' | 'postumount';

/** Per-container first when things are taken down: vzctl's code does so, whatever its manual says. */
const GLOBAL_FIRST: Readonly<Record<HostMoment, boolean>> = { premount: true, mount: true, umount: false, postumount: false };

/** Others may put something else there: not root's own, or with write permission for them. A sticky directory keeps root's files. */
const isOthers = ({ uid, mode, type }: FileInfo): boolean =>
  uid !== 0 || ((mode & 0o022) !== 0 && !(type === 'dir' && (mode & 0o1000) !== 0));

const MAX_LINKS = 40;

/** Throws VzError 'script-refused' for a script that anybody but root could have written, or whose place in any directory above. */
function checkScript({ host: { files } }: Pick<VerbContext, 'host'>, file: string): void {
  let path = realPlaces(files)(file);
  for (let links = 0; files.lstat(path)?.type === 'link' && links < MAX_LINKS; links++)
    path = realPlaces(files)(resolveLink(path, files.readLink(path) ?? ''));
  const places = path.split('/').map((_, i, names) => names.slice(0, i + 1).join('/') || '/');
  for (const place of places) {
    const info = files.lstat(place);
    if (info === null || isOthers(info)) throw new VzError('script-refused', { file, place });
  }
  if (files.lstat(path)?.type !== 'file') throw new VzError('script-refused', { file, place: path });
}

const resolveLink = (path: string, target: string): string => (target.startsWith('/') ? target : `${above(path)}/${target}`);

/**
 * Runs a script of the administrator on the node, with nothing in its environment but what vzctl gave it; its exit status. One that cannot be
 * executed has failed. Throws VzError 'script-refused'.
 */
export async function runHostScript(context: VerbContext, id: number, file: string, args: readonly string[] = []): Promise<number> {
  const { host, node, signal, drawn, report } = context;
  checkScript(context, file);
  const env = { HOME: '/', TERM: 'linux', VEID: String(id), VE_CONFFILE: node.conf(id), LC_ALL: undefined };
  try {
    return (await host.run(file, args, { env, signal, output: drawn ? 'ignore' : 'inherit' })).status;
  } catch (error) {
    if (!(error instanceof VzError && error.code === 'no-program')) throw error;
    report({ level: -1, text: error.message });
    return NOT_EXECUTED;
  }
}
const NOT_EXECUTED = 126;

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
  if (!host.files.stat(file)) return true;
  checkScript(context, file);
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
