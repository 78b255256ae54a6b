// Breaks plans on purpose, the same way for the same seed: bytes as a wire may garble them, operations as a wrong engine may compose them.
import type { Op, StartPlan } from '../../../src/engine/spec/op.ts';

export type Chance = (below: number) => number;

/** xorshift32: small, and the same everywhere. */
export function chance(seed: number): Chance {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}

const NUMBERS = [0, 1, 2, 63, 64, 254, 255, 256, 4095, 4096, 65_535, 65_536, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];

/** One to four injuries to a valid encoding. */
export function garble(plan: Uint8Array, pick: Chance): Buffer {
  let bytes: Buffer = Buffer.from(plan);
  for (let injuries = 1 + pick(4); injuries > 0; injuries--) {
    const at = pick(bytes.length + 1);
    const length = pick(Math.min(64, bytes.length - at + 1));
    const part = bytes.subarray(at, at + length);
    const kind = pick(7);
    if (kind === 0 && at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << pick(8));
    else if (kind === 1 && at + 4 <= bytes.length) bytes.writeUInt32LE(NUMBERS[pick(NUMBERS.length)] ?? 0, at);
    else if (kind === 2 && at + 2 <= bytes.length) bytes.writeUInt16LE((NUMBERS[pick(NUMBERS.length)] ?? 0) & 0xffff, at);
    else if (kind === 3) bytes = bytes.subarray(0, at);
    else if (kind === 4) bytes = Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)]);
    else if (kind === 5) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    else bytes.fill(pick(256), at, at + length);
  }
  return bytes;
}

const PATHS = [
  '/',
  '/proc',
  '/proc/self/root',
  '/dev',
  '/dev/pts/ptmx',
  '/nowhere',
  '/tmp',
  '/bin/sh',
  '/tmp/loop',
  `/${'d/'.repeat(2000)}x`,
  '/proc/1/fd/0',
];
const TEXTS = ['', 'tmpfs', 'proc', 'size=-1', 'x'.repeat(4000), '\u0001\u001b', '0 0 4294967295', 'lo'];

function wrongValue(value: unknown, pick: Chance): unknown {
  if (typeof value === 'bigint') return [0n, 1n, 1n << 20n, (1n << 64n) - 1n][pick(4)];
  if (typeof value === 'number') return pick(2) ? pick(64) : (NUMBERS[pick(NUMBERS.length)] ?? 0) % 256;
  if (typeof value === 'string') return value.startsWith('/') ? PATHS[pick(PATHS.length)] : TEXTS[pick(TEXTS.length)];
  if (value instanceof Uint8Array) return Buffer.alloc(pick(40) * 8, pick(256));
  if (Array.isArray(value)) return pick(2) ? [] : value.map((item) => wrongValue(item, pick));
  return value;
}

function wrongOp(op: Op, pick: Chance): Op {
  const names = Object.keys(op).filter((name) => name !== 'op');
  const name = names[pick(names.length || 1)];
  if (name === undefined) return op;
  // What is no slot at all does not get past the encoder; here it is the wrong one.
  const value = name === 'slot' || name === 'userns' ? pick(64) : wrongValue(op[name as keyof Op], pick);
  return { ...op, [name]: value };
}

function wrongList(ops: readonly Op[], pick: Chance): Op[] {
  const list = [...ops];
  const [at, other] = [pick(list.length || 1), pick(list.length || 1)];
  const [one, two] = [list[at], list[other]];
  if (!one || !two) return list;
  const kind = pick(5);
  if (kind === 0) list.splice(at, 1);
  else if (kind === 1) list.splice(other, 0, one);
  else if (kind === 2) [list[at], list[other]] = [two, one];
  else list[at] = wrongOp(one, pick);
  return list;
}

/** A start plan that can be encoded and goes wrong somewhere, or not. */
export function derange(plan: StartPlan, pick: Chance): StartPlan {
  const which = (['prepare', 'born', 'inside', 'inside'] as const)[pick(4)] ?? 'inside';
  const changed = { ...plan, [which]: wrongList(plan[which], pick) };
  return pick(4) ? changed : derange(changed, pick);
}
