// The programs that count containers' sockets, from the first start to the last end: made once for all containers of a prefix, put on the cgroup
// of each before anybody lives there, and gone when nobody needs them. The kernel keeps programs and counters with the cgroup; the names here
// are for the next start and for who reads. What they count is in spec/bpf/socket-programs.ts.
//
//   bpf/sockets/counts, limits, marks           the maps
//   bpf/sockets/<digest>/create, release, …     the programs of this version; the directory gets its name when they are whole
//
// One start at a time makes them, and the last end takes them away with the place (store/bpf-place.ts).
import { socketMap, socketsPlace } from '../account/bpf-sockets.ts';
import { openKernelTypes } from '../account/kernel-types.ts';
import { VzError } from '../errors.ts';
import { unpin } from '../host/bpf.ts';
import {
  ATTACH,
  attach,
  createMap,
  loadProgram,
  loadTypes,
  MAP,
  type MapShape,
  ON_DEMAND,
  openPinned,
  PROGRAM,
  pin,
  putElement,
} from '../spec/bpf/call.ts';
import { limitValue, parseLimits, type SocketLimits } from '../spec/bpf/socket-counts.ts';
import {
  COUNT_TYPES,
  connectionProgram,
  createProgram,
  LIMIT_TYPES,
  MARK_TYPES,
  releaseProgram,
  type SockFields,
  sockFields,
} from '../spec/bpf/socket-programs.ts';
import type { MapTypes } from '../spec/bpf/types.ts';
import type { Op } from '../spec/op.ts';
import { parseBitmap } from '../spec/units.ts';
import { inBpfPlace } from '../store/bpf-place.ts';
import { recordedIds } from '../store/record.ts';
import { patience } from '../watch/timer.ts';
import { counted } from './counted.ts';
import { isForGood, refusedForGood } from './refused-for-good.ts';
import type { VerbContext } from './verb.ts';

type Context = Pick<VerbContext, 'host' | 'node'>;

/** Free while the node's part of a birth is worked off up to a container's cgroups. */
const SLOT = { types: 50, counts: 51, limits: 52, marks: 53, group: 54, program: 55, before: 56 } as const;

const MAPS: readonly { readonly name: 'counts' | 'limits' | 'marks'; readonly types: MapTypes; readonly shape: Partial<MapShape> }[] = [
  { name: 'counts', types: COUNT_TYPES, shape: { type: MAP.groupStorage, key: 8 } },
  { name: 'limits', types: LIMIT_TYPES, shape: { type: MAP.groupStoragePerCpu, key: 8 } },
  { name: 'marks', types: MARK_TYPES, shape: { type: MAP.socketStorage, key: 4, flags: ON_DEMAND } },
];

/** In the order in which they are attached: what is charged can be discharged. */
const PROGRAMS = [
  { name: 'release', type: PROGRAM.cgroupSocket, attach: ATTACH.socketRelease, code: () => releaseProgram(SLOT) },
  { name: 'connection', type: PROGRAM.socketOps, attach: ATTACH.socketOps, code: (fields: SockFields) => connectionProgram(SLOT, fields) },
  {
    name: 'create',
    type: PROGRAM.cgroupSocket,
    attach: ATTACH.socketCreate,
    code: (_: SockFields, verdicts: boolean) => createProgram(SLOT, verdicts),
  },
] as const;

const NO_FIELDS: SockFields = { socket: 0, mptcp: null };

/** FNV-1a, 32 bits, of what the programs are on any kernel: another version of them has another name. */
function digestOf(): string {
  let hash = 0x811c9dc5;
  for (const program of PROGRAMS) for (const byte of program.code(NO_FIELDS, true)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return `v${hash.toString(16).padStart(8, '0')}`;
}
const DIGEST = digestOf();
const NEW = 'new';
const HALF = 'half';

const versions = ({ host }: Context): readonly string[] =>
  (host.files.list(socketsPlace(host)) ?? []).filter((name) => MAPS.every((map) => map.name !== name));

/** Names may have been lost one by one: a program without its map, or the other way round, counts for nobody. */
function isWhole({ host }: Context): boolean {
  const place = socketsPlace(host);
  return [...MAPS.map(({ name }) => name), ...PROGRAMS.map(({ name }) => `${DIGEST}/${name}`)].every(
    (name) => host.files.stat(`${place}/${name}`) !== null,
  );
}

const isReady = (context: Context): boolean => {
  const there = versions(context);
  return there.length === 1 && there[0] === DIGEST && isWhole(context);
};

function fieldsHere({ host }: Context): SockFields {
  const types = openKernelTypes(host);
  const found = sockFields(types);
  types.keep();
  if (found === null) throw new VzError('no-support', { what: 'Counting sockets', cause: 'this kernel does not describe its types (BTF)' });
  return found;
}

/** Maps that are there are taken: what they count goes on. */
function mapOps({ host }: Context): readonly Op[] {
  return MAPS.flatMap(({ name, types, shape }) => {
    const [slot, path] = [SLOT[name], socketMap(host, name)];
    if (host.files.stat(path) !== null) return [openPinned(slot, path)];
    return [
      loadTypes(SLOT.types, types.bytes),
      createMap(slot, {
        type: 0,
        key: 8,
        entries: 0,
        ...shape,
        value: types.size,
        name: `vz_${name}`,
        types: { slot: SLOT.types, key: types.key, value: types.value },
      }),
      pin(slot, path),
    ];
  });
}

function programOps(dir: string, fields: SockFields, verdicts: boolean): readonly Op[] {
  return PROGRAMS.flatMap((one) => [
    loadProgram(SLOT.program, {
      type: one.type,
      attach: one.attach,
      name: `vz_${one.name}`,
      license: 'Dual MIT/GPL',
      code: one.code(fields, verdicts),
    }),
    pin(SLOT.program, `${dir}/${one.name}`),
  ]);
}

async function makePrograms(context: Context): Promise<void> {
  const { host } = context;
  const [place, fields] = [socketsPlace(host), fieldsHere(context)];
  const dir = `${place}/${NEW}`;
  for (const verdicts of [true, false]) {
    unpin(host.files, dir);
    const made: readonly Op[] = [
      { op: 'mkdir', path: place, mode: 0o700 },
      { op: 'mkdir', path: dir, mode: 0o700 },
    ];
    try {
      await host.launcher.ops({ ops: [...made, ...mapOps(context), ...programOps(dir, fields, verdicts)] });
      host.files.rename(dir, `${place}/${DIGEST}`);
      return;
    } catch (error) {
      if (!verdicts) throw error;
    }
  }
}

/** Puts this version on the cgroups of containers that run with another one, program by program, each in one step; one that has it already is left. */
async function replaceVersion(context: Context, groups: readonly string[], before: string): Promise<void> {
  const { host } = context;
  const place = socketsPlace(host);
  for (const group of groups)
    for (const { name, attach: type } of PROGRAMS) {
      const ops: readonly Op[] = [
        { op: 'open', slot: SLOT.group, path: group },
        openPinned(SLOT.before, `${place}/${before}/${name}`),
        openPinned(SLOT.program, `${place}/${DIGEST}/${name}`),
        attach(SLOT.program, SLOT.group, type, SLOT.before),
      ];
      await host.launcher.ops({ ops }).catch((error: unknown) => {
        if (!(error instanceof VzError)) throw error;
      });
    }
  unpin(host.files, `${place}/${before}`);
}

/** What is left of a set is a version like any other that has to be replaced. */
function setHalfAside(context: Context): void {
  const place = socketsPlace(context.host);
  if (!versions(context).includes(DIGEST) || isWhole(context)) return;
  unpin(context.host.files, `${place}/${HALF}`);
  context.host.files.rename(`${place}/${DIGEST}`, `${place}/${HALF}`);
}

/** Throws VzError where this kernel can't, or nobody could ask it. */
async function ensurePrograms(context: Context & Pick<VerbContext, 'cgroups'>): Promise<void> {
  const { host, node } = context;
  await inBpfPlace(host, patience, async () => {
    if (isReady(context)) return;
    setHalfAside(context);
    const there = versions(context);
    if (!there.includes(DIGEST)) await makePrograms(context);
    const groups = recordedIds(host, node).flatMap((id) => context.cgroups(id).unified ?? []);
    for (const before of there.filter((name) => name !== DIGEST && name !== NEW)) await replaceVersion(context, groups, before);
    unpin(host.files, `${socketsPlace(host)}/${NEW}`);
  });
}

const POSSIBLE = '/sys/devices/system/cpu/possible';

/** The limits of a container whose sockets are counted; its cgroup is opened. */
function limitOps({ host }: Pick<VerbContext, 'host'>, group: string, limits: SocketLimits): readonly Op[] {
  const processors = parseBitmap(host.files.read(POSSIBLE)?.trim() ?? '0')?.length ?? 1;
  return [
    { op: 'open', slot: SLOT.group, path: group },
    openPinned(SLOT.limits, socketMap(host, 'limits')),
    putElement(SLOT.limits, { cgroupIn: SLOT.group }, limitValue(limits, processors)),
  ];
}

/**
 * What is done once the container's cgroup is there and nobody lives in it. [] where sockets cannot be counted: no start fails for it.
 * To be called when the record is written.
 */
export async function countSockets(
  context: Context & Pick<VerbContext, 'cgroups' | 'report'>,
  id: number,
  limits: SocketLimits,
): Promise<readonly Op[]> {
  const { host, cgroups } = context;
  const group = cgroups(id).unified;
  if (group === null) return [];
  const refused = refusedForGood(host, 'sockets');
  if (refused.known()) return [];
  const able = await counted(context, 'Sockets are not counted', false, async () => {
    if (host.planning) return true;
    await ensurePrograms(context).catch((error: unknown) => {
      if (isForGood(error)) refused.note();
      throw error;
    });
    return true;
  });
  if (!able) return [];
  const dir = `${socketsPlace(host)}/${DIGEST}`;
  return [
    { op: 'open', slot: SLOT.group, path: group },
    ...PROGRAMS.flatMap(({ name, attach: type }) => [openPinned(SLOT.program, `${dir}/${name}`), attach(SLOT.program, SLOT.group, type)]),
    ...limitOps(context, group, limits),
  ];
}

/** Of the limits those that are held to here where other programs refuse sockets of all families. */
export const ownSocketLimits = (limits: SocketLimits): SocketLimits => ({ ...limits, numothersock: null });

/** A birth has failed at what `countSockets`, or another one of its kind, adds to it. */
export function isUncounted(error: unknown): boolean {
  return error instanceof VzError && error.code === 'launch-failed' && error.fields['stage'] === 'prepare' && error.fields['op'] === 'bpf';
}

/** Throws VzError 'launch-failed' when the container's sockets are not counted. */
export async function limitSockets(context: Pick<VerbContext, 'host' | 'cgroups'>, id: number, limits: SocketLimits): Promise<void> {
  const group = context.cgroups(id).unified;
  if (group !== null) await context.host.launcher.ops({ ops: limitOps(context, group, limits) });
}

/** What the kernel holds a container to; null: its sockets are not counted. */
export function heldSocketLimits({ host, cgroups }: Pick<VerbContext, 'host' | 'cgroups'>, id: number): SocketLimits | null {
  const group = host.files.stat(cgroups(id).unified ?? '')?.ino;
  return group === undefined ? null : (parseLimits(host.files.read(socketMap(host, 'limits')) ?? '').get(group) ?? null);
}
