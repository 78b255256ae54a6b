// Pseudo-terminals of a running container: the limit of the devpts that the node has made for it, and that only the node may change.
import { ptsMax, remountPts } from '../../rootfs/wall/devices.ts';
import type { Values } from '../../spec/params/read.ts';
import { readRecord } from '../../store/record.ts';
import { NUMPTY, numptyOf } from '../limits-of.ts';
import type { LivePart, LiveTarget } from './part.ts';

const maxOf = ({ context: { host }, init }: LiveTarget): number | null =>
  ptsMax(host.files.read(`${host.proc}/${init.pid}/mountinfo`) ?? '');

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
    if (!changed.has('NUMPTY') || before === null || before === wanted || record === null) return [];
    const put = (max: number): Promise<void> => host.launcher.ops({ ops: [remountPts(init, record.idBase, max)] });
    return [{ keys: ['NUMPTY'], what: `numpty ${changed.get('NUMPTY')}`, apply: () => put(wanted), undo: () => put(before) }];
  },
  wanted: ({ config }) => new Map([['NUMPTY', config.values.get('NUMPTY') ?? String(NUMPTY)]]),
  read(target) {
    const max = maxOf(target);
    return new Map(max === null ? [] : [['NUMPTY', told(target.config.values, max)]]);
  },
};
