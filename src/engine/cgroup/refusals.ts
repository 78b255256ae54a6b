// Programs that refuse in the kernel's place what no control group bounds: made once per boot, kept under names, proven by a refusal. Knows how the
// set comes to be and how a container comes under it; what the programs do is told elsewhere (spec/bpf/refusals.ts).
import { refusal, unpin } from '../host/bpf.ts';
import type { Host } from '../host/port.ts';
import type { Btf } from '../spec/bpf/btf.ts';
import {
  createMap,
  dropElement,
  isNever,
  link,
  loadProgram,
  loadTypes,
  MAP,
  ON_DEMAND,
  openPinned,
  PROGRAM,
  pin,
  putElement,
} from '../spec/bpf/call.ts';
import { CHARGE, COUNT_FIELDS, FLIGHT, REFUSAL_COUNTS, REFUSAL_LIMITS, REFUSED, type Refused } from '../spec/bpf/refusal-frame.ts';
import { REFUSALS, type RefusalProgram, refusalProgram } from '../spec/bpf/refusals.ts';
import type { Op } from '../spec/op.ts';
import type { CgroupTopology } from './face.ts';

/** Of programs and maps: another set has another name, so that nobody takes what an older engine has left. */
const EDITION = 2;
/** BPF_TRACE_FENTRY, BPF_TRACE_FEXIT and BPF_MODIFY_RETURN of linux/bpf.h. */
const ATTACH = { told: 24, after: 25, answer: 26 } as const;
const CONTAINERS = 16_384;
/** Charged things of all containers together. The kernel makes 16 bytes for each at once, whether it comes or not: 64 MiB of what is most. */
const THINGS = { most: 4_194_304, least: 65_536 } as const;

/** The last ones, which a birth has no use for. */
const [COUNTS, LIMITS, TYPES] = [61, 62, 63] as const;
const HOLDING = { counts: COUNTS, limits: LIMITS } as const;
/** Of those that only the making of a set has. */
const [CHARGES, FLIGHTS, LIMIT_TYPES, FLIGHT_TYPES, PROGRAM_SLOT, LINK] = [0, 1, 2, 3, 4, 5] as const;
const MAPS = { ...HOLDING, charges: CHARGES, flights: FLIGHTS } as const;

/** What is allowed at most, by row; Infinity or nothing: all. */
export type RefusalLimits = Partial<Readonly<Record<Refused, number>>>;

const depthOf = ({ top }: Pick<CgroupTopology, 'top'>): number => top.split('/').length;

/** The set's directory in a bpf file system, whether or not it is there. */
export const refusalsIn = (place: string, topology: Pick<CgroupTopology, 'top'>): string =>
  `${place}/refusals_${EDITION}_${depthOf(topology)}`;

/** Rows that a set holds containers to. */
export function refusedRows(files: Pick<Host['files'], 'list'>, dir: string): readonly Refused[] {
  const pinned = new Set(files.list(dir) ?? []);
  return REFUSED.filter((row) => REFUSALS[row].every(({ name }) => pinned.has(name)));
}

const openMaps = (dir: string, maps: Readonly<Record<string, number>> = HOLDING): readonly Op[] =>
  Object.entries(maps).map(([name, slot]) => openPinned(slot, `${dir}/${name}`));

/** One for each page of memory, where the kernel's own default allows one open file for ten KiB; tables are of powers of two. */
function thingsOf({ files, proc }: Pick<Host, 'files' | 'proc'>): number {
  const kib = Number(/^MemTotal:\s*(\d+)/m.exec(files.read(`${proc}/meminfo`) ?? '')?.[1] ?? 0);
  return Math.min(THINGS.most, Math.max(THINGS.least, 2 ** Math.round(Math.log2(kib / 4))));
}

const makeMaps = (dir: string, things: number): readonly Op[] => [
  { op: 'mkdir', path: dir, mode: 0o700 },
  loadTypes(TYPES, REFUSAL_COUNTS.bytes),
  loadTypes(LIMIT_TYPES, REFUSAL_LIMITS.bytes),
  loadTypes(FLIGHT_TYPES, FLIGHT.bytes),
  createMap(COUNTS, {
    type: MAP.hash,
    key: 8,
    value: REFUSAL_COUNTS.size,
    entries: CONTAINERS,
    name: 'vz_refused',
    flags: ON_DEMAND,
    types: { slot: TYPES, ...REFUSAL_COUNTS },
  }),
  createMap(LIMITS, {
    type: MAP.hash,
    key: 8,
    value: REFUSAL_LIMITS.size,
    entries: CONTAINERS,
    name: 'vz_limits',
    flags: ON_DEMAND,
    types: { slot: LIMIT_TYPES, ...REFUSAL_LIMITS },
  }),
  createMap(CHARGES, { type: MAP.hash, key: CHARGE.key, value: CHARGE.value, entries: things, name: 'vz_charges', flags: ON_DEMAND }),
  createMap(FLIGHTS, {
    type: MAP.taskStorage,
    key: 4,
    value: FLIGHT.size,
    entries: 0,
    name: 'vz_flights',
    flags: ON_DEMAND,
    types: { slot: FLIGHT_TYPES, ...FLIGHT },
  }),
  ...Object.entries(MAPS).map(([name, slot]) => pin(slot, `${dir}/${name}`)),
];

const attach = (
  dir: string,
  { name, how }: RefusalProgram,
  { of, code }: { readonly of: number; readonly code: Uint8Array },
): readonly Op[] => [
  ...openMaps(dir, MAPS),
  loadProgram(PROGRAM_SLOT, { type: PROGRAM.tracing, attach: ATTACH[how], name: `vz_${name}`.slice(0, 15), license: 'GPL', of, code }),
  link(LINK, PROGRAM_SLOT, null, ATTACH[how]),
  pin(LINK, `${dir}/${name}`),
];

function numbers(values: readonly bigint[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(values.length * 8));
  for (const [n, value] of values.entries()) bytes.setBigUint64(n * 8, value, true);
  return new Uint8Array(bytes.buffer);
}

const NONE = 0xffff_ffff_ffff_ffffn;
const limitBytes = (limits: RefusalLimits): Uint8Array =>
  numbers(REFUSED.map((row) => (Number.isFinite(limits[row] ?? Number.NaN) ? BigInt(limits[row] ?? 0) : NONE)));

/** Puts a new group under the set, before anybody lives in it. group: its directory in the v2 tree. */
export const holdGroup = (dir: string, group: string, limits: RefusalLimits): readonly Op[] => [
  { op: 'open', slot: TYPES, path: group },
  ...openMaps(dir),
  putElement(LIMITS, { cgroupIn: TYPES }, limitBytes(limits)),
  putElement(COUNTS, { cgroupIn: TYPES }, numbers(REFUSED.flatMap(() => COUNT_FIELDS.map(() => 0n)))),
];

/** Other limits for a group that is under the set. */
export const changeLimits = (dir: string, group: string, limits: RefusalLimits): readonly Op[] => [
  { op: 'open', slot: TYPES, path: group },
  ...openMaps(dir),
  putElement(LIMITS, { cgroupIn: TYPES }, limitBytes(limits)),
];

/** Takes a group away, with its counts; ENOENT where it is under no set. */
export const letGo = (dir: string, group: string): readonly Op[] => [
  { op: 'open', slot: TYPES, path: group },
  ...openMaps(dir),
  dropElement(COUNTS, { cgroupIn: TYPES }),
  dropElement(LIMITS, { cgroupIn: TYPES }),
];

/** A process that may have no file opens one: some kernels attach what they never call. null: it could not be tried. */
async function refuses(host: Host, dir: string, group: string): Promise<boolean | null> {
  await host.launcher.ops({
    ops: [
      { op: 'mkdir', path: group.slice(0, group.lastIndexOf('/')), mode: 0o755 },
      { op: 'rmCgroup', path: group },
      { op: 'mkdir', path: group, mode: 0o755 },
      ...holdGroup(dir, group, { numfile: 0 }),
    ],
  });
  const refused = await refusal(host, [
    { op: 'joinCgroup', path: group },
    { op: 'open', slot: 0, path: '/dev/null' },
  ]);
  await refusal(host, letGo(dir, group));
  await host.launcher.ops({ ops: [{ op: 'rmCgroup', path: group }] });
  return refused === null ? false : refused.fields['errno'] === 'ENFILE' || null;
}

/**
 * Makes the set in a directory of its own that takes the name when all is proven; rows that this kernel cannot refuse are left out. 'never': this
 * kernel lets no program refuse; 'failed': this time it was something else. Not two at once.
 */
export async function makeRefusals(host: Host, topology: CgroupTopology, dir: string, btf: Btf): Promise<'whole' | 'never' | 'failed'> {
  const { unified, top } = topology;
  const growing = dir.replace(/refusals_/, 'growing_');
  const end = (made: 'never' | 'failed'): typeof made => {
    unpin(host.files, growing);
    return made;
  };
  // what a maker that was killed has left
  unpin(host.files, growing);
  const unmade = await refusal(host, makeMaps(growing, thingsOf(host)));
  if (unmade !== null) return end(isNever(unmade) ? 'never' : 'failed');
  for (const row of REFUSED)
    for (const program of REFUSALS[row]) {
      const made = refusalProgram(program, btf, MAPS, depthOf(topology));
      const refused = made && (await refusal(host, attach(growing, program, made)));
      if (made !== null && refused === null) continue;
      // what is asked first and proven below
      if (row === 'numfile') return end(made === null || isNever(refused) ? 'never' : 'failed');
      // without one of them the row is not held, and the others would only cost time
      for (const { name } of REFUSALS[row]) host.files.unlink(`${growing}/${name}`);
      break;
    }
  const proof = await refuses(host, growing, `${unified}${top}/proof`);
  if (proof !== true) return end(proof === false ? 'never' : 'failed');
  host.files.rename(growing, dir);
  return 'whole';
}
