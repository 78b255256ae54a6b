// Files of a container's counters that are written in place: what was found last, and rings of samples. One layout for the file that lives as long
// as the node is up (run/vzdeck/ledger/<id>: a ring of seconds) and for the one on disk (var/lib/vzdeck/history/<id>: minutes and hours).
// Numbers are little-endian. A record whose checksum is wrong, or whose number is not that of its place, is none.
//
//      0  "VZUBC1\n\0" · u32 CRC-32 of the names · u32 their length · names of the rows in the order of all records, blanks between
//   1024  what was found last, twice: the one with the higher number holds, and the next is written over the other (2048)
//         u32 CRC-32 of what follows · u32 number · f64 at · u32 epoch · u32 length of life · life, 80 bytes · 24 × (f64 failcnt, f64 maxheld)
//   4096  rings, one behind the other; record n lies at place (n − 1) mod count, and a record is 224 bytes:
//         u32 CRC-32 of what follows · u32 number · f64 at · f64 up · u32 boot · u32 upto · 24 × f32 held · 24 × u32 failcnt
//
// at: milliseconds since 1970 · up: milliseconds since boot, time in suspend included · boot: CRC-32 of the boot's id · upto: number of the last
// record of the finer ring that is in this one · failcnt in rings: over all lives, modulo 2³² · CRCs begin with that of the names, so that records of
// other rows are none.
import { crc32 } from 'node:zlib';
import type { Files, PlaceFile } from '../host/port.ts';
import type { Seen, Statement } from '../spec/ubc-ledger.ts';

const MAGIC = 'VZUBC1\n\0';
const ROWS = 24;
const NAMES_AT = 16;
const STATEMENTS = [1024, 2048] as const;
const LIFE_AT = 24;
const LIFE_BYTES = 80;
const SEEN_AT = LIFE_AT + LIFE_BYTES;
const STATEMENT_BYTES = SEEN_AT + ROWS * 16;
const RINGS_AT = 4096;
const HELD_AT = 32;
const FAIL_AT = HELD_AT + ROWS * 4;
export const RECORD_BYTES = FAIL_AT + ROWS * 4;

/** Which rows a file has, at most 24, and how many records each of its rings. */
export interface RingShape {
  readonly rows: readonly string[];
  readonly counts: readonly number[];
}

export interface RingRecord {
  readonly number: number;
  readonly at: number;
  readonly up: number;
  readonly boot: number;
  readonly upto: number;
  /** By the place of the row in the shape. */
  readonly held: Float32Array;
  readonly failcnt: Uint32Array;
}

/** What is to be written; arrays may be shorter than a record, and not longer. */
export type NewRecord = Omit<RingRecord, 'number' | 'held' | 'failcnt'> & {
  readonly held: ArrayLike<number>;
  readonly failcnt: ArrayLike<number>;
};

/** What was found, by the place of the row in the shape. */
export interface Found {
  readonly life: string;
  readonly at: number;
  readonly epoch: number;
  readonly failcnt: ArrayLike<number>;
  readonly maxheld: ArrayLike<number>;
}

export interface RingReader {
  /** What was found last; null when nothing is written, or nothing of it can be read. */
  statement(): Statement | null;
  /** Something stands there, and none of it is what was written. */
  torn(): boolean;
  /** Number of the newest record of a ring, 0 for none. */
  last(ring: number): number;
  /** Records of a ring that were written and cannot be read any more. */
  damaged(ring: number): number;
  /** Records by their numbers, oldest first; those that are no more there, or cannot be read, are left out. */
  records(ring: number, from: number, to: number): readonly RingRecord[];
}

export interface RingWriter extends RingReader {
  /** Throws what the disk says. */
  state(found: Found): void;
  append(ring: number, record: NewRecord): void;
  settle(): Promise<void>;
  close(): void;
}

type Reading = Pick<PlaceFile, 'read'>;

const namesOf = ({ rows }: RingShape): string => rows.join(' ');

const seeds = new WeakMap<RingShape, number>();
/** Checksums begin with the names: a file of other rows says nothing. */
function seedOf(shape: RingShape): number {
  const seed = seeds.get(shape) ?? crc32(namesOf(shape));
  seeds.set(shape, seed);
  return seed;
}

function headerOf(shape: RingShape): Buffer {
  const header = Buffer.alloc(STATEMENTS[0]);
  const names = namesOf(shape);
  header.write(MAGIC, 'latin1');
  header.writeUInt32LE(crc32(names), 8);
  header.writeUInt32LE(names.length, 12);
  header.write(names, NAMES_AT, 'latin1');
  return header;
}

const isEmpty = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The newer of the two, as far as they can be read; null where neither can. */
function newestStatement(file: Reading, seed: number): { readonly number: number; readonly bytes: Uint8Array } | null {
  const both = file.read(STATEMENTS[0], STATEMENTS[1] - STATEMENTS[0] + STATEMENT_BYTES);
  const found = STATEMENTS.flatMap((at) => {
    const bytes = both.subarray(at - STATEMENTS[0], at - STATEMENTS[0] + STATEMENT_BYTES);
    if (bytes.length < STATEMENT_BYTES) return [];
    const view = viewOf(bytes);
    const number = view.getUint32(4, true);
    const whole = number !== 0 && view.getUint32(0, true) === crc32(bytes.subarray(4), seed) && view.getUint32(20, true) <= LIFE_BYTES;
    return whole ? [{ number, bytes }] : [];
  });
  return found.reduce<(typeof found)[number] | null>((newest, one) => (newest === null || one.number > newest.number ? one : newest), null);
}

function statementIn(bytes: Uint8Array, { rows }: RingShape): Statement {
  const view = viewOf(bytes);
  const seen = rows.map((name, i): [string, Seen] => [
    name,
    { failcnt: view.getFloat64(SEEN_AT + i * 16, true), maxheld: view.getFloat64(SEEN_AT + i * 16 + 8, true) },
  ]);
  const life = String.fromCharCode(...bytes.subarray(LIFE_AT, LIFE_AT + view.getUint32(20, true)));
  return { life, at: view.getFloat64(8, true), epoch: view.getUint32(16, true), rows: new Map(seen) };
}

const placeOf = (bytes: Uint8Array, place: number): Uint8Array => bytes.subarray(place * RECORD_BYTES, (place + 1) * RECORD_BYTES);

const isWhole = (record: Uint8Array, seed: number): boolean => viewOf(record).getUint32(0, true) === crc32(record.subarray(4), seed);

/** Its figures are those of the bytes, which lie at a multiple of eight and are nobody else's. */
function recordIn(bytes: Uint8Array, seed: number): RingRecord | null {
  const view = viewOf(bytes);
  const number = view.getUint32(4, true);
  if (number === 0 || !isWhole(bytes, seed)) return null;
  // little-endian, as all machines are that the engine runs on
  const held = new Float32Array(bytes.buffer as ArrayBuffer, bytes.byteOffset + HELD_AT, ROWS);
  const failcnt = new Uint32Array(bytes.buffer as ArrayBuffer, bytes.byteOffset + FAIL_AT, ROWS);
  const [boot, upto] = [view.getUint32(24, true), view.getUint32(28, true)];
  return { number, at: view.getFloat64(8, true), up: view.getFloat64(16, true), boot, upto, held, failcnt };
}

/** Where a ring begins. */
const ringAt = ({ counts }: RingShape, ring: number): number =>
  RINGS_AT + RECORD_BYTES * counts.slice(0, ring).reduce((sum, count) => sum + count, 0);

/** Number of the newest record that can be read, 0 for none. Checks no more checksums than it has to. */
function newestIn(file: Reading, at: number, count: number, seed: number): number {
  const bytes = file.read(at, count * RECORD_BYTES);
  const whole = Math.floor(bytes.length / RECORD_BYTES);
  const view = viewOf(bytes);
  /** The highest below the one that turned out to be none. */
  const claimBelow = (none: number): number => {
    let best = 0;
    for (let place = 0; place < whole; place++) {
      const number = view.getUint32(place * RECORD_BYTES + 4, true);
      if (number > best && number < none && (number - 1) % count === place) best = number;
    }
    return best;
  };
  let newest = claimBelow(Number.POSITIVE_INFINITY);
  while (newest > 0 && !isWhole(placeOf(bytes, (newest - 1) % count), seed)) newest = claimBelow(newest);
  return newest;
}

/** Places up to the newest record have one each, and the one after it may have one that would be newer. */
function damagedIn(file: Reading, at: number, count: number, seed: number): number {
  const newest = newestIn(file, at, count, seed);
  const bytes = file.read(at, count * RECORD_BYTES);
  let found = 0;
  for (let place = 0; place < Math.min(count, newest + 1); place++) {
    const record = placeOf(bytes, place);
    if (place === newest && isEmpty(record)) continue;
    const whole = record.length === RECORD_BYTES && isWhole(record, seed) && (viewOf(record).getUint32(4, true) - 1) % count === place;
    if (!whole) found++;
  }
  return found;
}

function readRange(file: Reading, at: number, count: number, seed: number, from: number, to: number): RingRecord[] {
  const found: RingRecord[] = [];
  for (let first = from; first <= to; ) {
    const place = (first - 1) % count;
    const run = Math.min(to - first + 1, count - place);
    const bytes = new Uint8Array(file.read(at + place * RECORD_BYTES, run * RECORD_BYTES));
    for (let i = 0; (i + 1) * RECORD_BYTES <= bytes.length; i++) {
      const record = recordIn(placeOf(bytes, i), seed);
      if (record?.number === first + i) found.push(record);
    }
    first += run;
  }
  return found;
}

/** Whoever looks at a file of the same rows; each call sees it as it is then. */
function readerOf(file: Reading, shape: RingShape): RingReader {
  const seed = seedOf(shape);
  return {
    statement() {
      const newest = newestStatement(file, seed);
      return newest && statementIn(newest.bytes, shape);
    },
    torn() {
      if (newestStatement(file, seed) !== null) return false;
      return file.read(0, STATEMENTS[0]).length > 0 && !isEmpty(file.read(STATEMENTS[0], STATEMENTS[1] - STATEMENTS[0] + STATEMENT_BYTES));
    },
    last: (ring) => newestIn(file, ringAt(shape, ring), shape.counts[ring] ?? 0, seed),
    damaged: (ring) => damagedIn(file, ringAt(shape, ring), shape.counts[ring] ?? 0, seed),
    records(ring, from, to) {
      const count = shape.counts[ring] ?? 0;
      return readRange(file, ringAt(shape, ring), count, seed, Math.max(1, from, to - count + 1), to);
    },
  };
}

/** A file that is not there, or is damaged, has nothing in it. */
export function readRings(files: Files, path: string, shape: RingShape): RingReader {
  return readerOf({ read: (at, length) => files.readAt(path, at, length) ?? new Uint8Array() }, shape);
}

/** Of one writer. A file of other rows begins anew. Throws what the disk says. */
export function openRings(files: Files, path: string, shape: RingShape): RingWriter {
  const file = files.openPlaces(path, 0o600);
  const seed = seedOf(shape);
  const header = headerOf(shape);
  try {
    if (!header.equals(file.read(0, header.length))) file.write(0, header);
    // what was cut off must not come again with the zeros of the next writing behind it
    if (file.read(RINGS_AT - 1, 1).length === 0) file.write(RINGS_AT - 1, new Uint8Array(1));
  } catch (error) {
    file.close();
    throw error;
  }
  const reader = readerOf(file, shape);
  const numbers: (number | undefined)[] = [];
  let stated = newestStatement(file, seed)?.number ?? 0;

  const bytes = new Uint8Array(RECORD_BYTES);
  const [view, checked] = [viewOf(bytes), bytes.subarray(4)];
  const [heldPart, failPart] = [new Float32Array(bytes.buffer, HELD_AT, ROWS), new Uint32Array(bytes.buffer, FAIL_AT, ROWS)];
  const statement = Buffer.alloc(STATEMENT_BYTES);
  /** The ring's newest number, looked for once. */
  const numberOf = (ring: number): number => {
    numbers[ring] ??= newestIn(file, ringAt(shape, ring), shape.counts[ring] ?? 0, seed);
    return numbers[ring];
  };
  return {
    ...reader,
    last: numberOf,
    state({ life, at, epoch, failcnt, maxheld }) {
      statement.fill(0);
      stated++;
      statement.writeUInt32LE(stated, 4);
      statement.writeDoubleLE(at, 8);
      statement.writeUInt32LE(epoch, 16);
      statement.writeUInt32LE(Math.min(life.length, LIFE_BYTES), 20);
      statement.write(life, LIFE_AT, LIFE_BYTES, 'latin1');
      for (let i = 0; i < ROWS; i++) {
        statement.writeDoubleLE(failcnt[i] ?? 0, SEEN_AT + i * 16);
        statement.writeDoubleLE(maxheld[i] ?? 0, SEEN_AT + i * 16 + 8);
      }
      statement.writeUInt32LE(crc32(statement.subarray(4), seed), 0);
      file.write(STATEMENTS[stated % 2] as number, statement);
    },
    append(ring, { at, up, boot, upto, held, failcnt }) {
      const number = numberOf(ring) + 1;
      view.setUint32(4, number, true);
      view.setFloat64(8, at, true);
      view.setFloat64(16, up, true);
      view.setUint32(24, boot, true);
      view.setUint32(28, upto, true);
      heldPart.fill(0);
      failPart.fill(0);
      heldPart.set(held);
      failPart.set(failcnt);
      view.setUint32(0, crc32(checked, seed), true);
      file.write(ringAt(shape, ring) + ((number - 1) % (shape.counts[ring] ?? 1)) * RECORD_BYTES, bytes);
      numbers[ring] = number;
    },
    settle: () => file.settle(),
    close: () => file.close(),
  };
}
