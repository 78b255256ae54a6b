// Why a container cannot have an address: somebody has it, or the node would lose its own way. Pure: from lists to the first reason.
import { type Address, parseAddress } from '../spec/ip.ts';

export interface Others {
  /** Of the node itself, without masks. */
  readonly own: readonly { readonly address: string; readonly device: string }[];
  /** Of its routers. */
  readonly routers: readonly string[];
  /** Addresses of other containers' configs, also of those that do not run. */
  readonly containers: readonly { readonly id: number; readonly addresses: readonly Address[] }[];
}

/** Addresses that mean something else everywhere. */
const SPECIAL: readonly (readonly [RegExp, string])[] = [
  [/^127\.|^::1$/, 'is loopback: every container has it of its own'],
  [/^(22[4-9]|23\d)\.|^ff/i, 'is multicast: nobody has it alone'],
  [/^(24\d|25[0-5])\.|^0\./, 'is reserved'],
  [/^fe[89ab]/i, 'is link-local: a device has its own, and venet none'],
  [/^::ffff:/i, 'is an IPv4 address in IPv6 form: give it as IPv4'],
];

/** Completes "address A …"; null for an address that may be had. */
export function conflictOf({ text }: Address, { own, routers, containers }: Others): string | null {
  const special = SPECIAL.find(([pattern]) => pattern.test(text));
  if (special) return special[1];
  const mine = own.find(({ address }) => address === text);
  if (mine) return `is the node's own, on ${mine.device}`;
  if (routers.includes(text)) return "is that of the node's router: the node would not reach it any more";
  const other = containers.find(({ addresses }) => addresses.some((a) => a.text === text));
  return other ? `belongs to container ${other.id}` : null;
}

const little4 = (hex: string): string =>
  [...hex.matchAll(/../g)]
    .reverse()
    .map(([byte]) => Number.parseInt(byte, 16))
    .join('.');
const plain6 = (hex: string): string => parseAddress((hex.match(/.{4}/g) ?? []).join(':'))?.text ?? '';

/** Next hops of /proc/net/route and /proc/net/ipv6_route (columns of the kernel's fib_trie.c and ipv6/route.c). */
export function routersOf(four: string, six: string): readonly string[] {
  const rows = (text: string): readonly (readonly string[])[] => text.split('\n').map((line) => line.trim().split(/\s+/));
  const via4 = rows(four).flatMap((row) =>
    /^[0-9A-F]{8}$/i.test(row[2] ?? '') && !/^0+$/.test(row[2] ?? '') ? [little4(row[2] ?? '')] : [],
  );
  const via6 = rows(six).flatMap((row) =>
    /^[0-9a-f]{32}$/i.test(row[4] ?? '') && !/^0+$/.test(row[4] ?? '') ? [plain6(row[4] ?? '')] : [],
  );
  return [...new Set([...via4, ...via6])];
}
