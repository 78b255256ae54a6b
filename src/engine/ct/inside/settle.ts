// At a start, before init runs: the tree says what the config says. What cannot be set is told and keeps nobody from starting, as with vzctl.
import { VzError } from '../../errors.ts';
import { readCt } from '../../store/registry.ts';
import type { CtSettings } from '../settings.ts';
import type { VerbContext } from '../verb.ts';
import { guestLinks, wantsInterfaces, writeInterfaces } from './interfaces.ts';
import { lookInside, namesFor, namesOps, wantsNames } from './names.ts';
import { changeTree, treeAt } from './tree.ts';

type Context = Pick<VerbContext, 'host' | 'node' | 'report'>;

/** Whether anything is to be set that files keep: then an overlay has to be mounted before its first process is made. */
export const namesWanted = ({ host, node }: Context, { id }: CtSettings): boolean => {
  const { values } = readCt(host, node, id);
  return wantsInterfaces(values) || wantsNames(namesFor(host, values));
};

/** The files are there to be seen: an overlay is mounted, with ids from `idBase` on. */
export async function settleNames(context: Context, settings: CtSettings, idBase: number): Promise<void> {
  const { host, node, report } = context;
  const { id } = settings;
  const { values } = readCt(host, node, id);
  const ask = treeAt(context, settings, idBase);
  const names = namesFor(host, values);
  try {
    const looked = wantsNames(names) ? await lookInside(host, node, ask, values) : null;
    if (looked) await changeTree(ask, id, namesOps(host, looked, names), looked.seen);
  } catch (error) {
    if (!(error instanceof VzError)) throw error;
    report({ level: -1, text: `Warning: names are not set inside container ${id}: ${error.message}` });
  }
  if (wantsInterfaces(values)) await writeInterfaces(context, id, guestLinks(context, id, values), (work) => work(ask));
}
