// Sockets of a running container: what the programs on its cgroup are told to let through. A container that was started without them has none.

import type { SocketLimits } from '../../spec/bpf/socket-counts.ts';
import { SOCKET_KINDS } from '../../spec/bpf/socket-programs.ts';
import type { Values } from '../../spec/params/read.ts';
import { HOLDS } from '../../spec/ubc-holds.ts';
import type { CtConfig } from '../../store/registry.ts';
import { socketLimitsOf } from '../limits-of.ts';
import { heldSocketLimits, limitSockets, ownSocketLimits } from '../socket-programs.ts';
import type { VerbContext } from '../verb.ts';
import type { LivePart } from './part.ts';

const keyOf = (kind: (typeof SOCKET_KINDS)[number]): string => kind.toUpperCase();
const KEYS = SOCKET_KINDS.map(keyOf);

type Context = Pick<VerbContext, 'refusals'>;

/** Where programs refuse sockets of all families, these are only asked about TCP. */
const ownKinds = ({ refusals }: Context, id: number): readonly (typeof SOCKET_KINDS)[number][] =>
  SOCKET_KINDS.filter((kind) => kind === 'numtcpsock' || refusals.held(id)?.[kind] === undefined);

function told({ context, config }: { readonly context: Context; readonly config: CtConfig }, limits: SocketLimits): Values {
  const { id, values } = config;
  return new Map(
    ownKinds(context, id).map((kind) => {
      const own = values.get(keyOf(kind));
      const same = own !== undefined && socketLimitsOf(values)[kind] === limits[kind];
      return [keyOf(kind), same ? own : (limits[kind]?.toString() ?? 'unlimited')];
    }),
  );
}

export const SOCKETS: LivePart = {
  keys: KEYS,
  plan({ context, config, changed, after }) {
    const kinds = ownKinds(context, config.id);
    const keys = kinds.map(keyOf).filter((key) => changed.has(key));
    const before = heldSocketLimits(context, config.id);
    if (before === null || keys.length === 0) return [];
    const wanted = kinds.length < KEYS.length ? ownSocketLimits(socketLimitsOf(after)) : socketLimitsOf(after);
    return [
      {
        keys,
        what: keys.map((key) => `${key.toLowerCase()} ${changed.get(key)}`).join(', '),
        apply: () => limitSockets(context, config.id, wanted),
        undo: () => limitSockets(context, config.id, before),
      },
    ];
  },
  idle({ context, config }) {
    const none = heldSocketLimits(context, config.id) === null;
    return new Map(none ? ownKinds(context, config.id).map((kind) => [keyOf(kind), HOLDS[kind]?.otherwise ?? '']) : []);
  },
  wanted: (target) => told(target, socketLimitsOf(target.config.values)),
  read(target) {
    const limits = heldSocketLimits(target.context, target.config.id);
    return limits === null ? new Map() : told(target, limits);
  },
};
