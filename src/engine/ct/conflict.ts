// Whether somebody else has already what a container is to be given, asked while a person is still typing: nothing is locked, nothing is changed.
import { VzError } from '../errors.ts';
import { WHETHER } from '../net/kinds.ts';
import { applyChanges, type Changes } from '../spec/params/read.ts';
import { readCt } from '../store/registry.ts';
import { checkAddresses } from './address-checks.ts';
import { checkEmpty } from './no-network.ts';
import type { VerbContext } from './verb.ts';

type Context = Pick<VerbContext, 'host' | 'node' | 'report'>;

/** The refusal that vzctl set would give for an address, a device or a port of the node; null: nobody has it. Throws VzError 'no-config'. */
export async function conflict(context: Context, id: number, changes: Changes): Promise<VzError | null> {
  const { host, node } = context;
  const config = readCt(host, node, id);
  const { values } = applyChanges(config.own, changes, id, node.around);
  try {
    checkEmpty({ report: () => {} }, id, values.get(WHETHER), changes);
    await checkAddresses({ ...context, report: () => {} }, config, values, config.values);
    return null;
  } catch (error) {
    if (error instanceof VzError) return error;
    throw error;
  }
}
