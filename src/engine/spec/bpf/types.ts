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

/** A map whose key is one number of `key` bytes and whose value is a structure. Names: letters and underscores. */
export function mapTypes(key: 4 | 8, name: string, fields: readonly TypeField[]): MapTypes {
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
  const size = fields.reduce((sum, field) => sum + field.size, 0);
  words.push(named(name), (KIND.struct << 24) | fields.length, size);
  let at = 0;
  for (const field of fields) {
    words.push(named(field.name), field.size === 4 ? 1 : 2, at * 8);
    at += field.size;
  }
  const text = new TextEncoder().encode(strings);
  const bytes = new Uint8Array(HEADER + words.length * 4 + text.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, MAGIC, true);
  view.setUint8(2, 1);
  const head = [HEADER, 0, words.length * 4, words.length * 4, text.length];
  for (const [i, word] of [...head, ...words].entries()) view.setUint32(4 + i * 4, word, true);
  bytes.set(text, HEADER + words.length * 4);
  return { bytes, key: key === 4 ? 1 : 2, value: 3, size };
}
