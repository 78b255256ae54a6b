// The administrator's own scripts around mount, start and stop: which file, in which order, in which environment (vzctl(8), ACTION SCRIPTS).
import { VzError } from '../errors.ts';
import type { VerbContext } from './verb.ts';

export type HostMoment = 'premount' | 'mount' | 'umount' | 'postumount';

/** Per-container first when things are taken down: vzctl's code does so, whatever its manual says. */
const GLOBAL_FIRST: Readonly<Record<HostMoment, boolean>> = { premount: true, mount: true, umount: false, postumount: false };

/** Runs `vps.MOMENT` and `CTID.MOMENT` on the node. Throws VzError 'action-script' (79) with the file when one fails. */
export async function runHostScripts(context: VerbContext, id: number, moment: HostMoment): Promise<void> {
  const { host, node, signal } = context;
  const own = `${node.confDir}/${id}.${moment}`;
  const global = `${node.confDir}/vps.${moment}`;
  const order = GLOBAL_FIRST[moment] ? [global, own] : [own, global];
  for (const file of order) {
    if (!host.files.stat(file)) continue;
    const env = { HOME: '/', TERM: 'linux', VEID: String(id), VE_CONFFILE: node.conf(id) };
    const { status } = await host.run(file, [], { env, output: 'inherit', signal });
    if (status !== 0) throw new VzError('action-script', { moment, file });
  }
}
