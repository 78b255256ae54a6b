// Addresses as texts: reading (inet_pton) and the one canonical spelling (inet_ntop, RFC 5952 but for its case of one zero group).

export interface Address {
  readonly family: 4 | 6;
  /** Canonical, without mask. */
  readonly text: string;
  /** Bits of the network part; null when none was given. */
  readonly mask: number | null;
}

const OCTET = /^(0|[1-9]\d{0,2})$/;

function parse4(text: string): readonly number[] | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((p) => OCTET.test(p) && Number(p) < 256)) return null;
  return parts.map(Number);
}

function groups(text: string): readonly number[] | null {
  if (text === '') return [];
  const parts = text.split(':');
  const last = parts.at(-1) ?? '';
  const tail = last.includes('.') ? parse4(last) : null;
  if (last.includes('.') && !tail) return null;
  const hex = tail ? parts.slice(0, -1) : parts;
  if (!hex.every((p) => /^[0-9a-f]{1,4}$/i.test(p))) return null;
  const words = hex.map((p) => Number.parseInt(p, 16));
  const [a = 0, b = 0, c = 0, d = 0] = tail ?? [];
  return tail ? [...words, a * 256 + b, c * 256 + d] : words;
}

function parse6(text: string): readonly number[] | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = groups(halves[0] ?? '');
  const tail = halves.length === 2 ? groups(halves[1] ?? '') : [];
  if (!head || !tail) return null;
  if (halves.length === 1) return head.length === 8 ? head : null;
  const zeros = 8 - head.length - tail.length;
  return zeros < 1 ? null : [...head, ...Array<number>(zeros).fill(0), ...tail];
}

/** Start and length of the first longest run of at least two zero groups. */
function zeroRun(words: readonly number[]): readonly [number, number] {
  let best: readonly [number, number] = [0, 0];
  for (let from = 0; from < 8; from++) {
    let length = 0;
    while (from + length < 8 && words[from + length] === 0) length++;
    if (length > best[1]) best = [from, length];
  }
  return best[1] < 2 ? [8, 0] : best;
}

function print6(words: readonly number[]): string {
  const hex = (part: readonly number[]): string => part.map((w) => w.toString(16)).join(':');
  const [from, length] = zeroRun(words);
  const [x = 0, y = 0] = words.slice(6);
  const dotted = from === 0 && (length === 6 || (length === 5 && words[5] === 0xffff));
  const tail = dotted ? `${x >> 8}.${x & 255}.${y >> 8}.${y & 255}` : '';
  if (length === 0) return hex(words);
  if (dotted) return `::${length === 5 ? 'ffff:' : ''}${tail}`;
  return `${hex(words.slice(0, from))}::${hex(words.slice(from + length))}`;
}

/** "10.0.0.1", "10.0.0.1/24", "2001:db8::1/64"; an empty mask is 0. null: no address. */
export function parseAddress(text: string): Address | null {
  const [bare = '', maskText, ...more] = text.split('/');
  if (more.length > 0) return null;
  if (maskText !== undefined && !/^\d*$/.test(maskText)) return null;
  const mask = maskText === undefined ? null : Number(maskText);
  const four = parse4(bare);
  if (four) return (mask ?? 0) > 32 ? null : { family: 4, text: four.join('.'), mask };
  const six = bare.includes(':') ? parse6(bare) : null;
  return !six || (mask ?? 0) > 128 ? null : { family: 6, text: print6(six), mask };
}

/** Whether these addresses may stand in a text: of IPv4 there is one spelling, of IPv6 there are many. */
export const mayStandIn = (text: string, addresses: readonly Address[]): boolean =>
  addresses.some((address) => text.includes(address.family === 4 ? address.text : ':'));

export function printAddress(address: Address): string {
  return address.mask === null ? address.text : `${address.text}/${address.mask}`;
}

/** An IPv6 address as one number, as raw payload is written in rules of nftables. */
export const asNumber = (address: string): string =>
  `0x${(parse6(address.split('%')[0] ?? '') ?? []).map((word) => word.toString(16).padStart(4, '0')).join('')}`;

/** As it stands in packets; empty for no address. */
export const bytesOf = (address: string): Uint8Array =>
  Uint8Array.from(parse4(address) ?? (parse6(address) ?? []).flatMap((word) => [word >> 8, word & 255]));

/** The link-local address that a MAC leads to (RFC 4291, appendix A). */
export function linkLocalOf(mac: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac.split(':').map((pair) => Number.parseInt(pair, 16));
  return print6([0xfe80, 0, 0, 0, ((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f]);
}

/** 0.0.0.0 and :: are no address that a container could have; the tools pass over them. */
export function isUnspecified(address: Address): boolean {
  return address.text === '0.0.0.0' || address.text === '::';
}
