// The original's value grammars once more, character by character as C reads them, from its documented behaviour and nothing of ours: what
// the table's grammars are held against. A text is what is stored, null is a refusal.

export type Verdict = string | null;
export type Judge = (text: string) => Verdict;

const LONG_MAX = 2n ** 63n - 1n;
const ULONG_MAX = 2n ** 64n - 1n;
const PAGE = 4096n;
const FACTOR: Readonly<Record<string, bigint>> = { t: 2n ** 40n, g: 2n ** 30n, m: 2n ** 20n, k: 1024n, p: PAGE, b: 1n };

const isDigit = (c: string | undefined): boolean => c !== undefined && c >= '0' && c <= '9';

interface Form {
  /** Divides an amount with a suffix; null: no suffix is taken. */
  readonly unit: bigint | null;
  readonly fraction: boolean;
  readonly unlimited: boolean;
  readonly max?: bigint;
  readonly bare?: bigint;
}

/** A number as strtoull and what followed it took one: value, or null. */
function number(text: string, form: Form): bigint | null {
  const { unit, fraction, unlimited, max = LONG_MAX, bare = 1n } = form;
  if (unlimited && text === 'unlimited') return LONG_MAX;
  let at = 0;
  while (text[at] === ' ' || text[at] === '\t') at++;
  const negative = text[at] === '-';
  const signed = negative || text[at] === '+';
  if (signed) at++;
  const begin = at;
  let whole = 0n;
  for (; isDigit(text[at]); at++) whole = whole * 10n + BigInt(text[at] ?? 0);
  if (signed && at === begin) return null;
  let [part, scale] = [0n, 1n];
  if (text[at] === '.') {
    if (!fraction) return null;
    for (at++; isDigit(text[at]); at++) [part, scale] = [part * 10n + BigInt(text[at] ?? 0), scale * 10n];
  }
  if (whole > ULONG_MAX || (negative && whole > 0n)) return null;
  let [factor, divisor] = [bare, 1n];
  if (at < text.length) {
    const known = FACTOR[text[at]?.toLowerCase() ?? ''];
    if (unit === null || known === undefined || at + 1 < text.length) return null;
    [factor, divisor] = [known, unit];
  }
  const value = ((whole * scale + part) * factor) / (scale * divisor);
  return value > max ? null : value;
}

const word = (n: bigint): string => (n === LONG_MAX ? 'unlimited' : String(n));

function both(text: string, form: Form): readonly [bigint, bigint] | null {
  const colon = text.indexOf(':');
  const barrier = number(colon < 0 ? text : text.slice(0, colon), form);
  const limit = colon < 0 ? barrier : number(text.slice(colon + 1), form);
  return barrier === null || limit === null ? null : [barrier, limit];
}

const pair =
  (unit: bigint | null): Judge =>
  (text) => {
    const read = both(text, { unit, fraction: true, unlimited: true });
    return read && (read[0] === read[1] ? word(read[0]) : `${word(read[0])}:${word(read[1])}`);
  };

/** Always a pair, and never without limit. */
const quota =
  (unit: bigint): Judge =>
  (text) =>
    both(text, { unit, fraction: true, unlimited: false })?.join(':') ?? null;

/** Bytes in whole pages, rounded up. */
const amount: Judge = (text) => {
  const bytes = text === 'unlimited' ? LONG_MAX : number(text, { unit: 1n, fraction: true, unlimited: false });
  if (bytes === null) return null;
  const pages = (bytes + PAGE - 1n) / PAGE;
  return pages === 0n ? '0' : `0:${pages}`;
};

const plain =
  (min: bigint, max: bigint, unlimited = false): Judge =>
  (text) => {
    const value = number(text, { unit: null, fraction: false, unlimited, max });
    return value === null || value < min ? null : String(value);
  };

const rate: Judge = (text) => {
  if (text === 'unlimited') return '0';
  const value = number(text, { unit: 1n, fraction: false, unlimited: false, max: 2n ** 31n - 1n, bare: 2n ** 20n });
  return value === null ? null : String(value);
};

const percent =
  (cpus: bigint): Judge =>
  (text) => {
    const ofNode = text.endsWith('%');
    const form = { unit: null, fraction: false, unlimited: false };
    const value = number(ofNode ? text.slice(0, -1) : text, { ...form, max: ofNode ? 100n : 2n ** 32n - 1n });
    return value === null ? null : String(ofNode ? value * cpus : value);
  };

const among =
  (...words: readonly string[]): Judge =>
  (text) =>
    words.includes(text) ? text : null;

/** Numbers and ranges up to 4095; the shortest list is stored. */
const bitmap =
  (...words: readonly string[]): Judge =>
  (text) => {
    if (text === 'all' || words.includes(text)) return text;
    const bits = Array<boolean>(4097).fill(false);
    for (const item of text.split(',')) {
      const ends = item.split('-');
      if (ends.length > 2 || ends.some((end) => end === '' || ![...end].every(isDigit))) return null;
      const [from, to] = [Number(ends[0]), Number(ends.at(-1))];
      if (to < from || to > 4095) return null;
      bits.fill(true, from, to + 1);
    }
    const parts: string[] = [];
    for (let from = 0; from < 4096; from++) {
      if (!bits[from]) continue;
      let to = from;
      while (bits[to + 1]) to++;
      parts.push(from === to ? String(from) : `${from}-${to}`);
      from = to;
    }
    return parts.join(',') === '0-4095' ? 'all' : parts.join(',');
  };

const name: Judge = (text) =>
  [...text].every((c) => (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDigit(c) || ' -+_.'.includes(c)) ? text : null;

/** NAME:on|off of a list of names, in the order of the table; on wins. */
const switches =
  (names: string, upper: boolean): Judge =>
  (text) => {
    const order = names.split(' ');
    const found = new Map<string, boolean>();
    for (const item of text.split(/[ ,]/).filter((w) => w !== '')) {
      const parts = item.split(':');
      const given = upper ? (parts[0] ?? '').toLowerCase() : (parts[0] ?? '');
      if (parts.length !== 2 || !order.includes(given) || (parts[1] !== 'on' && parts[1] !== 'off')) return null;
      found.set(given, found.get(given) === true || parts[1] === 'on');
    }
    const shown = (one: string): string => (upper ? one.toUpperCase() : one);
    return order.flatMap((one) => (found.has(one) ? [`${shown(one)}:${found.get(one) ? 'on' : 'off'}`] : [])).join(' ');
  };

const CAPABILITIES =
  'chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin ' +
  'net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time ' +
  'sys_tty_config mknod lease audit_write ve_admin setfcap fs_mask';

/** b|c:MAJOR:MINOR|all:rights, the last word about a device counts. */
const devices: Judge = (text) => {
  const items = new Map<string, string>();
  for (const item of text.split(' ').filter((w) => w !== '')) {
    const [type = '', major = '', minor = '', rights = '', ...more] = item.split(':');
    const digits = (part: string): boolean => part !== '' && [...part].every(isDigit);
    const letters = [...'rwq'].filter((letter) => rights.includes(letter)).join('');
    if (more.length > 0 || !['b', 'c'].includes(type) || !digits(major) || Number(major) === 7) return null;
    if (minor !== 'all' && !digits(minor)) return null;
    if (rights !== 'none' && (rights === '' || ![...rights].every((c) => 'rwq'.includes(c)))) return null;
    const device = `${type}:${Number(major)}:${minor === 'all' ? minor : Number(minor)}`;
    items.set(device, `${device}:${rights === 'none' ? rights : letters}`);
  }
  return [...items.values()].join(' ');
};

/** By option, with words that a hand would type; every character of them may be exchanged. */
export const ORIGINAL: Readonly<Record<string, { readonly judge: Judge; readonly typed: readonly string[] }>> = {
  numproc: { judge: pair(null), typed: ['240', '188:206', '100:unlimited', 'unlimited', '1.5', '0', '9223372036854775807:1'] },
  kmemsize: { judge: pair(1n), typed: ['14372700:14790164', '2.2M:3M', '1G', '5p:6P', 'unlimited:1', '.5k', '10b'] },
  privvmpages: { judge: pair(PAGE), typed: ['65536:69632', '256M:1g', '1.5T', '4097b', '0:unlimited', '1P'] },
  ram: { judge: amount, typed: ['256M', '1.5G', '100p', '4097', '0', 'unlimited', '1t'] },
  diskspace: { judge: quota(1024n), typed: ['2G:2.2G', '1048576:1153434', '10M', '1:', '5t', '2.5K'] },
  diskinodes: { judge: quota(1n), typed: ['131072:144179', '200K', '200k:220K', '1.5M'] },
  onboot: { judge: among('yes', 'no'), typed: ['yes', 'no'] },
  netfilter: { judge: among('disabled', 'stateless', 'stateful', 'full'), typed: ['disabled', 'stateless', 'stateful', 'full'] },
  bootorder: { judge: plain(0n, LONG_MAX, true), typed: ['0', '12', '9223372036854775807', 'unlimited', '010'] },
  cpuunits: { judge: plain(8n, 500_000n), typed: ['8', '7', '1000', '500000', '500001'] },
  cpulimit: { judge: percent(2n), typed: ['50', '50%', '100%', '101%', '200', '0'] },
  cpumask: { judge: bitmap('auto'), typed: ['0', '0-3,7', '1-2,2-5', 'all', 'auto', '4095', '0-4095', '3,1'] },
  nodemask: { judge: bitmap(), typed: ['0', '0-1', 'all', '2,4-6'] },
  ioprio: { judge: plain(0n, 7n), typed: ['0', '4', '7', '8'] },
  iolimit: { judge: rate, typed: ['0', '10', '10M', '512k', '1G', 'unlimited', '100b'] },
  iopslimit: { judge: plain(0n, 2n ** 31n - 1n), typed: ['0', '500', '2147483647', '2147483648'] },
  'stop-timeout': { judge: plain(0n, 2n ** 31n - 1n), typed: ['0', '120', '2147483647'] },
  name: { judge: name, typed: ['web', 'a b-c+d_e.f', 'Web_1', ''] },
  capability: {
    judge: switches(CAPABILITIES, true),
    typed: ['net_admin:on', 'KILL:off,chown:on', 'Sys_Time:on kill:off', 'chown:on chown:off'],
  },
  features: {
    judge: switches('sysfs nfs sit ipip ppp ipgre bridge nfsd', false),
    typed: ['nfs:on', 'ppp:off sit:on', 'bridge:on,sysfs:off'],
  },
  devices: { judge: devices, typed: ['c:10:200:rw', 'b:8:1:r c:1:3:none', 'c:5:all:rwq', 'c:1:3:wr c:1:3:r', 'b:7:0:r'] },
};
