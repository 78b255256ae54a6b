// Descriptions of data in the kernel's type format (BTF, Documentation/bpf/btf.rst), as far as a map needs them: unsigned numbers and flat
// structures of them. With them the kernel prints a pinned map as text.

const MAGIC = 0xeb9f;
const HEADER = 24;
const KIND = { int: 1, struct: 4 } as const;

export interface TypeField {
  readonly name: string;
  /** Bytes. */
  readonly size: 4 | 8;
}

export interface MapTypes {
  readonly bytes: Uint8Array;
  /** Numbers of the types among them. */
  readonly key: number;
  readonly value: number;
  /** Bytes of a value. */
  readonly size: number;
}

/** A map whose value is a structure, and whose key is one, or a number of so many bytes. Names: letters and underscores. */
export function mapTypes(key: 4 | 8 | readonly TypeField[], name: string, fields: readonly TypeField[]): MapTypes {
  let strings = '\0';
  const named = (text: string): number => {
    const at = strings.length;
    strings += `${text}\0`;
    return at;
  };
  const words: number[] = [];
  const int = (size: 4 | 8): void => void words.push(named(size === 4 ? 'u_int' : 'u_long'), KIND.int << 24, size, size * 8);
  int(4);
  int(8);
  /** Bytes of it. */
  const struct = (called: string, members: readonly TypeField[]): number => {
    const size = members.reduce((sum, field) => sum + field.size, 0);
    words.push(named(called), (KIND.struct << 24) | members.length, size);
    let at = 0;
    for (const field of members) {
      words.push(named(field.name), field.size === 4 ? 1 : 2, at * 8);
      at += field.size;
    }
    return size;
  };
  const size = struct(name, fields);
  if (typeof key !== 'number') struct('key', key);
  const text = new TextEncoder().encode(strings);
  const bytes = new Uint8Array(HEADER + words.length * 4 + text.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, MAGIC, true);
  view.setUint8(2, 1);
  const head = [HEADER, 0, words.length * 4, words.length * 4, text.length];
  for (const [i, word] of [...head, ...words].entries()) view.setUint32(4 + i * 4, word, true);
  bytes.set(text, HEADER + words.length * 4);
  return { bytes, key: typeof key !== 'number' ? 4 : key === 4 ? 1 : 2, value: 3, size };
}
