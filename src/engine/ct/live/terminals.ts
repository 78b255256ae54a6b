// Pseudo-terminals of a running container: the limit of the devpts that the node has made for it, and that only the node may change.
import { heldPts, maxPts, noteMaxPts } from '../../account/held-pts.ts';
import { remountPts } from '../../rootfs/wall/devices.ts';
import type { Values } from '../../spec/params/read.ts';
import { readRecord } from '../../store/record.ts';
import { NUMPTY, numptyOf } from '../limits-of.ts';
import type { LivePart, LiveTarget } from './part.ts';

const maxOf = ({ context: { host, node }, config }: LiveTarget): number | null => maxPts(host.files, node.runDir, config.id);

const told = (values: Values, numpty: number): string => {
  const own = values.get('NUMPTY');
  return own !== undefined && numptyOf(values) === numpty ? own : String(numpty);
};

export const TERMINALS: LivePart = {
  keys: ['NUMPTY'],
  plan(change) {
    const { context, config, init, changed, after } = change;
    const { host, node } = context;
    const [before, wanted, record] = [maxOf(change), numptyOf(after), readRecord(host, node, config.id)];
    const held = heldPts(host.files, host.proc, init);
    if (!changed.has('NUMPTY') || before === null || before === wanted || record === null || held === null) return [];
    const note = (max: number): void => noteMaxPts(host.files, node.runDir, config.id, max);
    const put = async (max: number, other: number): Promise<void> => {
      note(max);
      await host.launcher.ops({ ops: [remountPts(held, record.idBase, max)] }).catch((error: unknown) => {
        note(other);
        throw error;
      });
    };
    return [
      { keys: ['NUMPTY'], what: `numpty ${changed.get('NUMPTY')}`, apply: () => put(wanted, before), undo: () => put(before, wanted) },
    ];
  },
  wanted: ({ config }) => new Map([['NUMPTY', config.values.get('NUMPTY') ?? String(NUMPTY)]]),
  read(target) {
    const max = maxOf(target);
    return new Map(max === null ? [] : [['NUMPTY', told(target.config.values, max)]]);
  },
};
