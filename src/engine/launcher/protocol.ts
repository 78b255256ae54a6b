// The wire between engine and launcher, TypeScript's side; protocol.h and the get_… functions in C are the other. Pure: bytes in, bytes out.
//
//   frame    u32 length of the payload | u32 request id | u16 kind | u16 0 | payload          little-endian, both ways
//   text     u32 length | bytes without NUL | NUL                 bytes    u32 length | bytes
//   list     u32 count | texts                                    slot     u8
//   ops      u16 count | { u16 code | u32 length | arguments in the order of the table OPS } …
//   keeper   u32 id | u8 count { u8 number | text log | u64 logBytes } … | text runDir | text lease | u8 count lists onExit | list onExitEnv
//
//   hello    u32 magic | u16 protocol                             → the same
//   ops      ops                                                  → nothing
//   start    text home | u64 cloneFlags | u32 creator | u64 sigpending | text cgroup | keeper | ops prepare, become, born, inside, cleanup
//                                                                 → 2 × { u32 pid | u64 start time }
//   adopt    text home | u32 pid | u64 start time | u32 creator | keeper | ops prepare, inside, cleanup → the same
//   tree     text root | u16 count | { u8 code | arguments } … | u32 base, or nothing → u16 count | { u8 ok | text errno or result } …
//   lock     text path | u8 wait                                  → u8 locked; the request id is the name of the lock
//   unlock   u32 id     kill  u32 pid | u64 start time | u32 signal     cancel  u32 id     → u8 yes
//   ended    u32 pid | u64 start time                             → nothing, when it has ended
//   visit    u32 pid | u64 start time | ops prepare, inside       → nothing
//   rules    u32 milliseconds of processor time for all | u8 mounted networks are looked for | u16 count | { u32 pid | u64 start time | text cgroup } …
//                                                                 → u16 count | { u8 ok | text errno, or u64 rules | u8 more } …
//   check    u8 kind of the request, 0: enter | its payload         → nothing, when it would be taken; nothing of it is done
//   enter    u32 pid | u64 start time | text cgroup | u8 pty | u16 rows | u16 columns | bytes typed | u8 failure | u8 always | list argv | list env | text title | ops,
//            on its own descriptor or in a file                   → nothing (executed), then bare words, one to a line (outcome.ts); for a file
//                                                                   that last one alone, as argv's last argument
//   failed   text stage | u32 index | text op | text syscall | text path | text errno
import {
  type AdoptPlan,
  type ArgKind,
  type EnterPlan,
  type KeeperPlan,
  MAX_SLOTS,
  NEWBORN,
  OPS,
  type Op,
  type StartPlan,
  type TreeOp,
  type TreeResult,
  type VisitPlan,
} from '../spec/op.ts';
import type { LaunchFailure, ProcessId, RuleCount, RulesAsked, StartedKeeper } from './launcher.ts';

export const PROTOCOL = 2;
export const MAGIC = 0x6b64767a;
export const HEAD = 12;
export const MAX_FRAME = 16 << 20;

export const REQUEST = {
  hello: 1,
  ops: 2,
  start: 3,
  adopt: 4,
  tree: 5,
  lock: 6,
  unlock: 7,
  ended: 8,
  kill: 9,
  cancel: 10,
  check: 11,
  visit: 12,
  rules: 13,
} as const;
export type RequestName = keyof typeof REQUEST;
export const REPLY = { done: 0x80, failed: 0x81 } as const;

/** Codes of the tree operations, in the order of tree.c. */
const TREE = ['read', 'list', 'stat', 'readlink', 'write', 'mkdir', 'symlink', 'remove', 'chown'] as const;
const TREE_TYPES = ['file', 'dir', 'link', 'other'] as const;

/** Grows as it is written; throws RangeError for a number that does not fit its field and for text with NUL. */
export class Writer {
  #bytes = Buffer.allocUnsafeSlow(16_384);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  #room(more: number): number {
    const at = this.#length;
    this.#length += more;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.#length, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
  u8(value: number): this {
    const at = this.#room(1);
    this.#view.setUint8(at, fits(value, 0xff));
    return this;
  }
  u16(value: number): this {
    const at = this.#room(2);
    this.#view.setUint16(at, fits(value, 0xffff), true);
    return this;
  }
  u32(value: number): this {
    const at = this.#room(4);
    this.#view.setUint32(at, fits(value, 0xffff_ffff), true);
    return this;
  }
  u64(value: bigint): this {
    if (value < 0n || value > 0xffff_ffff_ffff_ffffn) throw new RangeError(`${value} does not fit 64 bits`);
    const at = this.#room(8);
    this.#view.setBigUint64(at, value, true);
    return this;
  }
  raw(bytes: Uint8Array): this {
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }
  bytes(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes);
  }
  text(text: string): this {
    if (text.includes('\0')) throw new RangeError(`Text with NUL: ${JSON.stringify(text)}`);
    const length = Buffer.byteLength(text);
    const at = this.u32(length).#room(length);
    this.#bytes.write(text, at);
    return this.u8(0);
  }
  /** What `write` writes, with its length before it. */
  sized(write: () => void): this {
    const at = this.#room(4);
    write();
    this.#view.setUint32(at, this.#length - at - 4, true);
    return this;
  }
  list(texts: readonly string[]): this {
    this.u32(texts.length);
    for (const text of texts) this.text(text);
    return this;
  }
  done(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

function fits(value: number, most: number): number {
  if (!Number.isInteger(value) || value < 0 || value > most) throw new RangeError(`${value} is not a whole number from 0 to ${most}`);
  return value;
}

/** Throws RangeError past the end: replies come from our own launcher, so that is a fault of the program. */
export class Reader {
  readonly #view: DataView;
  #at = 0;
  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  #take(length: number): number {
    const at = this.#at;
    this.#at += length;
    return at;
  }
  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }
  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }
  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }
  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }
  bytes(): Uint8Array {
    const length = this.u32();
    const at = this.#take(length);
    if (this.#at > this.#view.byteLength) throw new RangeError('Reply ends too early');
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + at, length);
  }
  /** Replies carry texts without the NUL. */
  text(): string {
    return Buffer.from(this.bytes()).toString();
  }
}

function putValue(to: Writer, kind: ArgKind, value: unknown): void {
  if (kind === 'path' || kind === 'text') to.text(value as string);
  else if (kind === 'u32') to.u32(value as number);
  else if (kind === 'u64') to.u64(value as bigint);
  else if (kind === 'bytes') to.bytes(value as Uint8Array);
  else if (kind === 'list') to.list(value as readonly string[]);
  else putSlot(to, value as number);
}

function putSlot(to: Writer, slot: number): void {
  if (slot < NEWBORN && slot >= MAX_SLOTS) throw new RangeError(`${slot} is not a slot`);
  to.u8(slot);
}

const ARGS = new Map(Object.entries(OPS).map(([name, { args }]) => [name, Object.entries(args)]));

export function putOps(to: Writer, ops: readonly Op[]): void {
  to.u16(ops.length);
  for (const op of ops)
    to.u16(OPS[op.op].code).sized(() => {
      for (const [name, kind] of ARGS.get(op.op) ?? []) putValue(to, kind, (op as unknown as Record<string, unknown>)[name]);
    });
}

function putKeeper(to: Writer, plan: KeeperPlan): void {
  to.u32(plan.id).u8(plan.ttys.length);
  for (const tty of plan.ttys) to.u8(tty.number).text(tty.log).u64(BigInt(tty.logBytes));
  to.text(plan.runDir).text(plan.lease).u8(plan.onExit.length);
  for (const command of plan.onExit) to.list(command);
  to.list(plan.onExitEnv);
}

export function encodeOps(ops: readonly Op[]): Uint8Array {
  const to = new Writer();
  putOps(to, ops);
  return to.done();
}

export function encodeStart(plan: StartPlan): Uint8Array {
  const to = new Writer().text(plan.home).u64(plan.cloneFlags).u32(plan.creator).u64(plan.sigpending).text(plan.cgroup);
  putKeeper(to, plan);
  for (const ops of [plan.prepare, plan.become, plan.born, plan.inside, plan.cleanup]) putOps(to, ops);
  return to.done();
}

export function encodeAdopt(plan: AdoptPlan): Uint8Array {
  const to = new Writer().text(plan.home).u32(plan.pid).u64(plan.startTime).u32(plan.creator);
  putKeeper(to, plan);
  for (const ops of [plan.prepare, plan.inside, plan.cleanup]) putOps(to, ops);
  return to.done();
}

export function encodeVisit(plan: VisitPlan): Uint8Array {
  const to = new Writer().u32(plan.pid).u64(plan.startTime);
  for (const ops of [plan.prepare, plan.inside]) putOps(to, ops);
  return to.done();
}

export function encodeEnter(plan: EnterPlan): Uint8Array {
  const to = new Writer()
    .u32(plan.pid)
    .u64(plan.startTime)
    .text(plan.cgroup)
    .u8(plan.pty ? 1 : 0)
    .u16(plan.size?.rows ?? 0)
    .u16(plan.size?.columns ?? 0)
    .bytes(plan.typed)
    .u8(plan.back?.failure ?? 0)
    .u8(plan.back?.always ? 1 : 0)
    .list(plan.back?.argv ?? [])
    .list(plan.back?.env ?? [])
    .text(plan.back?.title ?? '');
  putOps(to, plan.ops);
  return to.done();
}

export function encodeProcess(process: ProcessId): Writer {
  return new Writer().u32(process.pid).u64(process.startTime);
}

function putTreeOp(to: Writer, op: TreeOp): void {
  to.u8(TREE.indexOf(op.op));
  if (op.op === 'symlink') to.text(op.target).text(op.path);
  else to.text(op.path);
  if (op.op === 'read' || op.op === 'list') to.u32(op.max);
  else if (op.op === 'stat') to.u32(op.follow ? 1 : 0);
  else if (op.op === 'write') to.u32(op.mode).u32(op.uid).u32(op.gid).bytes(op.data);
  else if (op.op === 'mkdir') to.u32(op.mode);
  else if (op.op === 'chown') to.u32(op.uid).u32(op.gid);
}

export function encodeTree(root: string, ops: readonly TreeOp[], base = 0): Uint8Array {
  const to = new Writer().text(root).u16(ops.length);
  for (const op of ops) putTreeOp(to, op);
  return (base === 0 ? to : to.u32(base)).done();
}

function treeResult(from: Reader, op: TreeOp): TreeResult {
  if (from.u8() === 0) return { ok: false, errno: from.text() };
  if (op.op === 'read') return { ok: true, data: from.bytes() };
  if (op.op === 'list') return { ok: true, names: Array.from({ length: from.u32() }, () => from.text()) };
  if (op.op === 'readlink') return { ok: true, target: from.text() };
  if (op.op !== 'stat') return { ok: true };
  const type = TREE_TYPES[from.u8()] ?? 'other';
  return { ok: true, stat: { type, mode: from.u32(), uid: from.u32(), gid: from.u32(), size: Number(from.u64()) } };
}

export function decodeTree(reply: Uint8Array, ops: readonly TreeOp[]): readonly TreeResult[] {
  const from = new Reader(reply);
  const count = from.u16();
  return ops.slice(0, count).map((op) => treeResult(from, op));
}

export function encodeRules(asked: readonly RulesAsked[], work: number, mounted = true): Uint8Array {
  const to = new Writer()
    .u32(work)
    .u8(mounted ? 1 : 0)
    .u16(asked.length);
  for (const { init, group } of asked) to.u32(init.pid).u64(init.startTime).text(group);
  return to.done();
}

export function decodeRules(reply: Uint8Array): readonly RuleCount[] {
  const from = new Reader(reply);
  return Array.from({ length: from.u16() }, () =>
    from.u8() === 0 ? { ok: false, errno: from.text() } : { ok: true, rules: Number(from.u64()), more: from.u8() === 1 },
  );
}

export function decodeStarted(reply: Uint8Array): StartedKeeper {
  const from = new Reader(reply);
  const init = { pid: from.u32(), startTime: from.u64() };
  return { init, keeper: { pid: from.u32(), startTime: from.u64() } };
}

export function decodeFailure(reply: Uint8Array): LaunchFailure {
  const from = new Reader(reply);
  return { stage: from.text(), index: from.u32(), op: from.text(), syscall: from.text(), path: from.text(), errno: from.text() };
}

export function frame(id: number, kind: number, payload: Uint8Array): Uint8Array {
  if (payload.length > MAX_FRAME) throw new RangeError(`A request of ${payload.length} bytes is longer than ${MAX_FRAME}`);
  return new Writer().u32(payload.length).u32(id).u16(kind).u16(0).raw(payload).done();
}

/** What `launcher enter` reads, from a socket or a file; its kind is the protocol, as nobody has greeted before. */
export function enterFile(plan: EnterPlan): Uint8Array {
  return frame(0, PROTOCOL, encodeEnter(plan));
}

export interface Frame {
  readonly id: number;
  readonly kind: number;
  readonly payload: Uint8Array;
}

/** Cuts a stream of bytes into frames, however it arrives. */
export class Unframer {
  #rest: Buffer = Buffer.alloc(0);
  push(chunk: Uint8Array): readonly Frame[] {
    this.#rest = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    while (this.#rest.length >= HEAD) {
      const length = this.#rest.readUInt32LE(0);
      if (this.#rest.length < HEAD + length) break;
      frames.push({ id: this.#rest.readUInt32LE(4), kind: this.#rest.readUInt16LE(8), payload: this.#rest.subarray(HEAD, HEAD + length) });
      this.#rest = this.#rest.subarray(HEAD + length);
    }
    return frames;
  }
}
