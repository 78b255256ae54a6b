// Calls of bpf(2) as operations of the launcher: the kernel's union bpf_attr (linux/bpf.h), the bytes that it points to, and a list of the places
// in both that only the launcher can fill in. Knows the layout of each call; knows no map and no program.
//
//   fix      u32 at | u32 value | u8 in data, otherwise in attr | u8 what | u16 0
//            what 0: address of data[value], 8 bytes · 1: descriptor in slot `value`, 4 bytes · 2: inode number of what is in slot `value`, 8 bytes ·
//            3: number of the link of the node whose name is data[value], 4 bytes
import { VzError } from '../../errors.ts';
import { NO_SLOT, type Op } from '../op.ts';
import { mapsOf } from './assemble.ts';

const COMMAND = {
  createMap: 0,
  putElement: 2,
  dropElement: 3,
  loadProgram: 5,
  pin: 6,
  open: 7,
  attach: 8,
  loadTypes: 18,
  link: 28,
} as const;
const FIX = { address: 0, descriptor: 1, identity: 2, link: 3 } as const;
const FIX_SIZE = 12;
/** Values of eight bytes lie at multiples of eight. */
const ALIGN = 8;

const encoder = new TextEncoder();

/** A key that is the number by which the kernel knows a cgroup: the inode number of its directory, opened in a slot. */
export interface CgroupKey {
  readonly cgroupIn: number;
}

/** A value of four bytes that is the number of a link in the network namespace of the launcher, by its name. */
export interface LinkValue {
  readonly link: string;
}

class Call {
  readonly #attr: DataView;
  readonly #data: number[] = [];
  readonly #fixes: { readonly at: number; readonly value: number; readonly inData: boolean; readonly what: number }[] = [];

  constructor(attrSize: number) {
    this.#attr = new DataView(new ArrayBuffer(attrSize));
  }
  u32(at: number, value: number): this {
    this.#attr.setUint32(at, value, true);
    return this;
  }
  u64(at: number, value: bigint): this {
    this.#attr.setBigUint64(at, value, true);
    return this;
  }
  /** At most 15 characters, with a NUL: of other names the kernel takes none but letters, digits, dots and underscores. */
  name(at: number, name: string): this {
    new Uint8Array(this.#attr.buffer).set(encoder.encode(name).subarray(0, 15), at);
    return this;
  }
  slot(at: number, slot: number): this {
    this.#fixes.push({ at, value: slot, inData: false, what: FIX.descriptor });
    return this;
  }
  /** Bytes that attr points to; where they lie in data is given back. */
  bytes(at: number, bytes: Uint8Array): number {
    while (this.#data.length % ALIGN !== 0) this.#data.push(0);
    const place = this.#data.length;
    for (const byte of bytes) this.#data.push(byte);
    this.#fixes.push({ at, value: place, inData: false, what: FIX.address });
    return place;
  }
  text(at: number, text: string): this {
    this.bytes(at, encoder.encode(`${text}\0`));
    return this;
  }
  key(at: number, key: Uint8Array | CgroupKey): this {
    const place = this.bytes(at, 'cgroupIn' in key ? new Uint8Array(8) : key);
    if ('cgroupIn' in key) this.#fixes.push({ at: place, value: key.cgroupIn, inData: true, what: FIX.identity });
    return this;
  }
  value(at: number, value: Uint8Array | LinkValue): this {
    const place = this.bytes(at, 'link' in value ? Uint8Array.of(0, 0, 0, 0, ...encoder.encode(`${value.link}\0`)) : value);
    if ('link' in value) this.#fixes.push({ at: place, value: place + 4, inData: true, what: FIX.link });
    return this;
  }
  inData(at: number, slot: number): this {
    this.#fixes.push({ at, value: slot, inData: true, what: FIX.descriptor });
    return this;
  }
  op(command: keyof typeof COMMAND, slot: number = NO_SLOT): Op {
    const fixes = new DataView(new ArrayBuffer(this.#fixes.length * FIX_SIZE));
    this.#fixes.forEach(({ at, value, inData, what }, i) => {
      fixes.setUint32(i * FIX_SIZE, at, true);
      fixes.setUint32(i * FIX_SIZE + 4, value, true);
      fixes.setUint8(i * FIX_SIZE + 8, inData ? 1 : 0);
      fixes.setUint8(i * FIX_SIZE + 9, what);
    });
    return {
      op: 'bpf',
      slot,
      command: COMMAND[command],
      attr: new Uint8Array(this.#attr.buffer),
      data: Uint8Array.from(this.#data),
      fixes: new Uint8Array(fixes.buffer),
    };
  }
}

/** How a kernel says that it takes no such program or map, now or later. ENOTSUPP is its own, 524. */
const NEVER: ReadonlySet<unknown> = new Set(['EPERM', 'EINVAL', 'ENOSYS', 'EOPNOTSUPP', 'ENOTSUPP']);

/** Has a call failed that fails each time? Anything else (no memory, somebody in the way) may be otherwise the next time. */
export const isNever = (error: unknown): boolean =>
  error instanceof VzError && error.fields['op'] === 'bpf' && NEVER.has(error.fields['errno']);

/** BPF_MAP_TYPE_… */
export const MAP = { hash: 1, lruHash: 9, groupStorage: 19, groupStoragePerCpu: 21, socketStorage: 24, taskStorage: 29 } as const;

/** BPF_F_NO_PREALLOC, which storage of sockets and tasks asks for. */
export const ON_DEMAND = 1;

export interface MapShape {
  readonly type: number;
  /** Bytes. */
  readonly key: number;
  readonly value: number;
  readonly entries: number;
  readonly flags?: number;
  readonly name: string;
  /** Types of key and value among those in a slot: such a map reads as text where it is pinned. */
  readonly types?: { readonly slot: number; readonly key: number; readonly value: number };
}

export function createMap(slot: number, { type, key, value, entries, flags = 0, name, types }: MapShape): Op {
  const call = new Call(72).u32(0, type).u32(4, key).u32(8, value).u32(12, entries).u32(16, flags).name(28, name);
  if (types) call.slot(48, types.slot).u32(52, types.key).u32(56, types.value);
  return call.op('createMap', slot);
}

/** Types in the kernel's format (types.ts). */
export function loadTypes(slot: number, types: Uint8Array): Op {
  const call = new Call(32).u32(16, types.length);
  call.bytes(0, types);
  return call.op('loadTypes', slot);
}

export const ELEMENT = { any: 0n, fresh: 1n, there: 2n } as const;

/** flags: ELEMENT; fresh and there are refused with EEXIST and ENOENT. */
export const putElement = (map: number, key: Uint8Array | CgroupKey, value: Uint8Array | LinkValue, flags: bigint = ELEMENT.any): Op =>
  new Call(32).slot(0, map).key(8, key).value(16, value).u64(24, flags).op('putElement');

/** ENOENT when it is not there. */
export const dropElement = (map: number, key: Uint8Array | CgroupKey): Op => new Call(32).slot(0, map).key(8, key).op('dropElement');

/** enum bpf_attach_type. */
export const ATTACH = {
  socketCreate: 2,
  socketOps: 3,
  getOption: 21,
  setOption: 22,
  iterator: 28,
  socketRelease: 34,
} as const;

/** BPF_PROG_TYPE_… */
export const PROGRAM = { classifier: 3, cgroupSocket: 9, socketOps: 13, socketOption: 25, tracing: 26 } as const;

export interface ProgramShape {
  readonly type: number;
  /** BPF_… of enum bpf_attach_type. */
  readonly attach: number;
  readonly name: string;
  /** GPL where helpers ask for it. */
  readonly license: 'GPL' | 'MIT' | 'Dual MIT/GPL';
  /** Number of the function of the kernel that it belongs to, among the kernel's own types. */
  readonly of?: number;
  /** Array of struct bpf_insn, with the slots of its maps in the place of descriptors (assemble.ts). */
  readonly code: Uint8Array;
}

export function loadProgram(slot: number, { type, attach, name, license, of = 0, code }: ProgramShape): Op {
  const call = new Call(120)
    .u32(0, type)
    .u32(4, code.length / 8)
    .name(48, name)
    .u32(68, attach)
    .u32(108, of);
  const place = call.bytes(8, code);
  for (const map of mapsOf(code)) call.inData(place + map.at, map.slot);
  return call.text(16, license).op('loadProgram', slot);
}

/** Binds a program to a cgroup (target: slot with its directory), or to what it names itself (null). */
export function link(slot: number, program: number, target: number | null, attach: number): Op {
  const call = new Call(32).slot(0, program).u32(8, attach);
  return (target === null ? call : call.slot(4, target)).op('link', slot);
}

/** BPF_F_ALLOW_MULTI: beside the programs of others; BPF_F_REPLACE. */
const BESIDE = 2;
const REPLACE = 4;

/** Attaches a program to a cgroup for as long as this lives; `before`: in one step in the place of that one, which must be attached (ENOENT otherwise). */
export function attach(program: number, cgroup: number, type: number, before: number | null = null): Op {
  const call = new Call(24).slot(0, cgroup).slot(4, program).u32(8, type);
  return (before === null ? call.u32(12, BESIDE) : call.u32(12, BESIDE | REPLACE).slot(16, before)).op('attach');
}

/** Keeps map, program or link of a slot under a path of a bpf file system; EEXIST where something has it. */
export const pin = (slot: number, path: string): Op => new Call(16).text(0, path).slot(8, slot).op('pin');

export const openPinned = (slot: number, path: string): Op => new Call(16).text(0, path).op('open', slot);
