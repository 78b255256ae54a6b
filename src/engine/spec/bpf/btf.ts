// Where the running kernel keeps its fields, read from its own description of its types (BTF; Documentation/bpf/btf.rst). Pure: bytes in,
// offsets out. Reads of the ~150,000 types only their heads, and names only of those asked for: all of it takes some milliseconds.

const MAGIC = 0xeb9f;
const HEAD = 24;
const TYPE_SIZE = 12;
const MEMBER_SIZE = 12;
const CONSTANT_SIZE = 8;
const KIND = {
  ptr: 2,
  array: 3,
  struct: 4,
  union: 5,
  enum: 6,
  typedef: 8,
  volatile: 9,
  const: 10,
  restrict: 11,
  func: 12,
  tag: 18,
} as const;

/** Bytes after the head of a type: some, and some per member. Kinds without an entry have none. */
const EXTRA: Readonly<Record<number, number>> = { 1: 4, 3: 12, 14: 4, 17: 4 };
const EACH: Readonly<Record<number, number>> = { 4: 12, 5: 12, 6: 8, 13: 8, 15: 12, 19: 12 };

const NAMED: ReadonlySet<number> = new Set([KIND.struct, KIND.enum, KIND.typedef, KIND.func]);
const encoder = new TextEncoder();
const nul = (name: string): Uint8Array => encoder.encode(`${name}\0`);

const THROUGH: ReadonlySet<number> = new Set([KIND.typedef, KIND.volatile, KIND.const, KIND.restrict, KIND.tag]);

export interface Btf {
  /** Id of a function; null when the kernel has none of that name. */
  func(name: string): number | null;
  /** Id of a structure; null when the kernel has none of that name. */
  struct(name: string): number | null;
  /** Id of another name for a type; null when the kernel has none of that name. */
  typedef(name: string): number | null;
  /** Bytes from the beginning of a structure to a field, "sk_backlog.rmem_alloc" for one within; null when there is none, or it is a bit field. */
  offset(struct: string, field: string): number | null;
  /** Bits from the beginning of a structure to a field that is one bit of it; null when there is none. */
  bit(struct: string, field: string): number | null;
  /** Value of a name in an enumeration; null when there is none. */
  constant(enumeration: string, name: string): number | null;
}

/** Structures, enumerations, other names of types and functions of `names`, others are not found. Throws RangeError for what is no BTF of our byte order. */
export function parseBtf(bytes: Uint8Array, names: readonly string[]): Btf {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u32 = (at: number): number => view.getUint32(at, true);
  if (bytes.length < HEAD || view.getUint16(0, true) !== MAGIC) throw new RangeError('Not the description of types that a kernel gives');
  const head = u32(4);
  const [types, typesLength, strings] = [head + u32(8), u32(12), head + u32(16)] as const;
  /** Whether exactly this name, as bytes with their NUL, stands there. */
  const isNamed = (offset: number, name: Uint8Array): boolean => name.every((byte, n) => bytes[strings + offset + n] === byte);

  const wanted = new Map<number, { readonly name: string; readonly bytes: Uint8Array }[]>();
  for (const name of names) {
    const encoded = nul(name);
    const head = encoded[0]! | (encoded[1]! << 8);
    wanted.set(head, [...(wanted.get(head) ?? []), { name, bytes: encoded }]);
  }
  /** Place of each type's head by its id; id 0 is void. */
  const places = new Uint32Array(typesLength / TYPE_SIZE + 1);
  const found = new Map<string, number>();
  const end = types + typesLength;
  let id = 0;
  for (let at = types; at + TYPE_SIZE <= end; ) {
    const info = u32(at + 4);
    const kind = (info >>> 24) & 0x1f;
    places[++id] = at;
    if (NAMED.has(kind)) {
      const own = u32(at);
      const called = wanted.get(view.getUint16(strings + own, true))?.find((one) => isNamed(own, one.bytes));
      if (called !== undefined && !found.has(`${kind} ${called.name}`)) found.set(`${kind} ${called.name}`, id);
    }
    at += TYPE_SIZE + (EXTRA[kind] ?? 0) + (EACH[kind] ?? 0) * (info & 0xffff);
  }

  const placeOf = (type: number): number => places[type] ?? 0;
  const kindAt = (at: number): number => (u32(at + 4) >>> 24) & 0x1f;
  /** Without names and qualifiers on the way. */
  const bare = (type: number): number => {
    let at = placeOf(type);
    while (at !== 0 && THROUGH.has(kindAt(at))) at = placeOf(u32(at + 8));
    return at;
  };

  const structAt = (name: string): number => placeOf(found.get(`${KIND.struct} ${name}`) ?? 0);

  interface Field {
    readonly at: number;
    readonly bits: number;
    /** Of a bit field how many it has, 0 for any other. */
    readonly width: number;
  }
  /** A field of the structure at `at`, looked for in its nameless parts too; with its offset in bits. */
  const field = (at: number, name: Uint8Array): Field | null => {
    const kind = at === 0 ? 0 : kindAt(at);
    if (kind !== KIND.struct && kind !== KIND.union) return null;
    const info = u32(at + 4);
    const withSizes = info >>> 31 === 1;
    for (let n = 0; n < (info & 0xffff); n++) {
      const member = at + TYPE_SIZE + n * MEMBER_SIZE;
      const [own, type, where] = [u32(member), u32(member + 4), u32(member + 8)] as const;
      const bits = withSizes ? where & 0xff_ffff : where;
      if (own !== 0 && isNamed(own, name)) return { at: bare(type), bits, width: withSizes ? where >>> 24 : 0 };
      if (own !== 0) continue;
      const inner = field(bare(type), name);
      if (inner) return { ...inner, bits: bits + inner.bits };
    }
    return null;
  };

  return {
    func: (name) => found.get(`${KIND.func} ${name}`) ?? null,
    struct: (name) => found.get(`${KIND.struct} ${name}`) ?? null,
    typedef: (name) => found.get(`${KIND.typedef} ${name}`) ?? null,
    offset(struct, path) {
      let at = structAt(struct);
      let bits = 0;
      for (const name of path.split('.')) {
        const step = field(at, nul(name));
        if (step === null || step.width !== 0) return null;
        at = step.at;
        bits += step.bits;
      }
      return bits % 8 === 0 ? bits / 8 : null;
    },
    bit(struct, name) {
      const found = field(structAt(struct), nul(name));
      return found?.width === 1 ? found.bits : null;
    },
    constant(enumeration, name) {
      const at = placeOf(found.get(`${KIND.enum} ${enumeration}`) ?? 0);
      const count = at === 0 ? 0 : u32(at + 4) & 0xffff;
      const wanted = nul(name);
      for (let place = at + TYPE_SIZE; place < at + TYPE_SIZE + count * CONSTANT_SIZE; place += CONSTANT_SIZE)
        if (isNamed(u32(place), wanted)) return u32(place + 4);
      return null;
    },
  };
}
