// Memory that processes of a running container may lock, each of them: who runs has his own limit, and hands it on to whom he begins. Lowered for all of them at
// once; raised only by a root of the node with CAP_SYS_RESOURCE, and otherwise by the next start.
import { effectiveRights } from '../../host/obstacles.ts';
import type { Host } from '../../host/port.ts';
import { MAY_LOCK, MEMLOCK, mayLock } from '../../rootfs/wall/rlimits.ts';
import type { Op } from '../../spec/op.ts';
import type { Values } from '../../spec/params/read.ts';
import { PAGE } from '../../spec/units.ts';
import { readRecord } from '../../store/record.ts';
import { memlockOf } from '../limits-of.ts';
import type { LivePart, LiveTarget } from './part.ts';

const KEY = 'LOCKEDPAGES';
const SYS_RESOURCE = 24n;

const wantedBy = (values: Values): number => memlockOf(values) ?? MAY_LOCK;

const mayRaise = ({ files, proc }: Host): boolean => (((effectiveRights(files, proc) ?? 0n) >> SYS_RESOURCE) & 1n) === 1n;

const heldBy = ({ context: { host }, init }: LiveTarget): number | null =>
  mayLock(host.files.read(`${host.proc}/${init.pid}/limits`) ?? '');

export const LOCKED_MEMORY: LivePart = {
  keys: [KEY],
  plan(change) {
    const { context, config, changed, after } = change;
    const { host, node } = context;
    const [before, wanted, record] = [heldBy(change), wantedBy(after), readRecord(host, node, config.id)];
    const path = context.cgroups(config.id).whole;
    if (before === null || before === wanted || record === null || path === null) return [];
    if (wanted > before && !mayRaise(host)) {
      context.report({
        level: -1,
        text: `Warning: only the next start acts on ${KEY}: raising it takes CAP_SYS_RESOURCE, which is missing here`,
      });
      return [];
    }
    const put = (bytes: number): Promise<void> => {
      const bound: Op = { op: 'bound', path, resource: MEMLOCK, most: BigInt(bytes), owner: record.idBase };
      return host.launcher.ops({ ops: [bound] });
    };
    return [{ keys: [KEY], what: `lockedpages ${changed.get(KEY)}`, apply: () => put(wanted), undo: () => put(before) }];
  },
  wanted: ({ config }) => new Map([[KEY, config.values.get(KEY) ?? String(MAY_LOCK / Number(PAGE))]]),
  read(target) {
    const [held, own] = [heldBy(target), target.config.values.get(KEY)];
    if (held === null || !Number.isFinite(held)) return new Map();
    return new Map([[KEY, own !== undefined && wantedBy(target.config.values) === held ? own : String(Math.floor(held / Number(PAGE)))]]);
  },
};
