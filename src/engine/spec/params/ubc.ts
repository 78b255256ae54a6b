// Beancounter parameters. Amounts without a suffix are in the parameter's own unit: pages, bytes or pieces.
import { BEANCOUNTERS, type UbcUnit } from '../ubc.ts';
import { HOLDS } from '../ubc-holds.ts';
import { PAGE, parseNumber, printPair, UNLIMITED } from '../units.ts';
import { bpf, nobody } from './enforcer.ts';
import { float, pair, refused, taken } from './grammar.ts';
import type { Flag, Grammar, Param } from './types.ts';

const HINTS: Readonly<Record<UbcUnit, string>> = {
  items: 'N[:N] or unlimited',
  bytes: 'N[:N] bytes, suffixes K M G T P(ages), or unlimited',
  pages: 'N[:N] pages, suffixes B K M G T, or unlimited',
};
const GRAMMARS: Readonly<Record<UbcUnit, Grammar>> = {
  items: pair(HINTS.items, { unit: 1n, suffix: false, fraction: true, unlimited: true }),
  bytes: pair(HINTS.bytes, { unit: 1n, suffix: true, fraction: true, unlimited: true }),
  pages: pair(HINTS.pages, { unit: PAGE, suffix: true, fraction: true, unlimited: true }),
};

/** RAM and swap: one amount, bare in bytes, in whole pages. It is the limit; the barrier is 0. */
const amount: Grammar = {
  hint: 'an amount in bytes, suffixes K M G T P(ages)',
  read(text) {
    const bytes = text === 'unlimited' ? { ok: true as const, value: UNLIMITED } : parseNumber(text, BYTES);
    if (!bytes.ok) return refused;
    return taken(printPair({ barrier: 0n, limit: (bytes.value + PAGE - 1n) / PAGE }));
  },
  examples: ['256M', '1.5G', '100p', '0'],
};
const BYTES = { unit: 1n, suffix: true, fraction: true } as const;

/** Undocumented letters that old scripts use. */
const SHORT: Readonly<Record<string, string>> = {
  kmemsize: 'k',
  lockedpages: 'l',
  numproc: 'p',
  numflock: 'f',
  numpty: 't',
  numsiginfo: 'i',
  tcprcvbuf: 'b',
  numiptent: 'e',
  numfile: 'n',
  dcachesize: 'x',
};
const ALIASES: Readonly<Record<string, readonly string[]>> = { dcachesize: ['DCACHE'], numiptent: ['IPTENTRIES'] };
const AMOUNTS: Readonly<Record<string, Flag>> = {
  physpages: { name: 'ram', op: 'set', grammar: amount, help: 'RAM: the limit of physpages' },
  swappages: { name: 'swap', op: 'set', grammar: amount, help: 'swap space: the limit of swappages' },
};
function beancounter(name: string, unit: UbcUnit, help: string): Param {
  const flag: Flag = { name, op: 'set', ...(SHORT[name] ? { short: SHORT[name] } : {}) };
  const amountFlag = AMOUNTS[name];
  const { effect = 'none', enforcer = nobody(''), since } = HOLDS[name] ?? {};
  return {
    key: name.toUpperCase(),
    ...(ALIASES[name] ? { aliases: ALIASES[name] } : {}),
    grammar: GRAMMARS[unit],
    flags: amountFlag ? [flag, amountFlag] : [flag],
    repeat: 'last',
    acts: 'live',
    effect,
    enforcer,
    ...(since === undefined ? {} : { since }),
    unit,
    help,
    field: name,
  };
}

const byName = new Map(BEANCOUNTERS.map((c) => [c.name, beancounter(c.name, c.unit, c.help)]));

/** In the order of appended lines, which is not that of vzlist: numfile comes before dcachesize. */
const ORDER = (
  'kmemsize lockedpages privvmpages shmpages numproc physpages vmguarpages oomguarpages numtcpsock numflock numpty numsiginfo ' +
  'tcpsndbuf tcprcvbuf othersockbuf dgramrcvbuf numothersock numfile dcachesize numiptent'
).split(' ');

export const UBC_PARAMS: readonly Param[] = [
  ...ORDER.flatMap((name) => byName.get(name) ?? []),
  {
    key: 'AVNUMPROC',
    grammar: GRAMMARS.items,
    flags: [{ name: 'avnumproc', op: 'set' }],
    repeat: 'last',
    acts: 'stored',
    effect: 'live',
    enforcer: nobody('it is for planning'),
    unit: 'items',
    help: 'expected average number of processes, for planning only',
  },
  ...[byName.get('swappages')].flatMap((p) => p ?? []),
  {
    key: 'VM_OVERCOMMIT',
    grammar: float,
    flags: [{ name: 'vm_overcommit', op: 'set' }],
    repeat: 'first',
    acts: 'live',
    effect: 'live',
    enforcer: bpf('it derives privvmpages, and acts where that does'),
    ...(HOLDS['privvmpages']?.since === undefined ? {} : { since: HOLDS['privvmpages'].since }),
    fallback: '0 (no limit)',
    help: 'privvmpages becomes RAM and swap together times this',
    field: 'vm_overcommit',
  },
];
