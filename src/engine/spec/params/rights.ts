// What a container may do: capabilities, features, packet filter modules.
import { FEATURE_TABLE } from '../features.ts';
import { NETFILTER_LEVELS, NETFILTER_MEANS } from '../netfilter.ts';
import { bpf, engine, kernel } from './enforcer.ts';
import { oneOf, refusedList, taken, words } from './grammar.ts';
import type { Change, Grammar, Merged, Param, Reading } from './types.ts';

/** In the order in which they are stored. */
export const CAPABILITIES = (
  'chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin ' +
  'net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time ' +
  'sys_tty_config mknod lease audit_write ve_admin setfcap fs_mask'
).split(' ');

export const FEATURES = FEATURE_TABLE.map(({ name }) => name);

export const IPTABLES = (
  'ip_tables iptable_filter iptable_mangle ipt_limit ipt_multiport ipt_tos ipt_TOS ipt_REJECT ipt_TCPMSS ipt_tcpmss ipt_ttl ipt_LOG ' +
  'ipt_length ip_conntrack ip_conntrack_ftp ip_conntrack_irc ipt_conntrack ipt_state ipt_helper iptable_nat ip_nat_ftp ip_nat_irc ' +
  'ipt_REDIRECT xt_mac ipt_recent ipt_owner'
).split(' ');

const SEPARATORS = /[ \t\n,]+/g;

/** "nfs:on sit:off" → name → on. */
export function parseSwitches(text: string): ReadonlyMap<string, boolean> {
  return new Map(words(text).map((item) => [item.slice(0, item.lastIndexOf(':')), item.endsWith(':on')]));
}

/** Switches in the order of their table, whatever order they were given in. */
function printSwitches(on: ReadonlyMap<string, boolean>, order: readonly string[]): string {
  return order.flatMap((name) => (on.has(name) ? [`${name}:${on.get(name) ? 'on' : 'off'}`] : [])).join(' ');
}

interface Switches {
  readonly names: readonly string[];
  /** Spelling in configs. */
  readonly spell: (name: string) => string;
  readonly hint: string;
  /** Why a word is no switch; level 0 goes to stdout, as features do. */
  readonly complaint: (word: string, name: string, known: boolean) => { readonly level: -1 | 0; readonly text: string };
  readonly anyCase: boolean;
}

/** NAME:on|off lists. A call that says both gets on; stored switches that a call does not name stay. */
function switches({ names, spell, hint, complaint, anyCase }: Switches): Grammar {
  const order = names.map(spell);
  const join = (first: string, second: string): string => {
    const [a, b] = [parseSwitches(first), parseSwitches(second)];
    return printSwitches(new Map([...a, ...[...b].map(([name, on]) => [name, on || a.get(name) === true] as const)]), order);
  };
  const read = (text: string): Reading => {
    let value = '';
    for (const item of words(text, SEPARATORS)) {
      const at = item.indexOf(':');
      const given = at < 0 ? item : item.slice(0, at);
      const name = names.find((n) => n === (anyCase ? given.toLowerCase() : given));
      if (!name || !/^(on|off)$/.test(item.slice(at + 1)) || at < 0) {
        return { ...refusedList(text, SEPARATORS), remarks: [complaint(item, given, name !== undefined || at < 0)] };
      }
      value = join(value, `${spell(name)}${item.slice(at)}`);
    }
    return taken(value);
  };
  const merge = (before: string | undefined, change: Change): Merged => {
    if (!change.set) return { ok: true, value: null };
    const merged = new Map([...parseSwitches(before ?? ''), ...parseSwitches(change.set)]);
    return { ok: true, value: printSwitches(merged, order) };
  };
  const both = names.flatMap((name) => [`${name}:on`, `${name}:off`]);
  return { hint, read, join, merge, examples: [`${order[2]}:on ${order[5]}:off`, ''], words: both };
}

export const CAPABILITY: Param = {
  key: 'CAPABILITY',
  grammar: switches({
    names: CAPABILITIES,
    spell: (name) => name.toUpperCase(),
    hint: 'NAME:on|off, separated by blanks or commas',
    complaint: (word, name, known) => ({
      level: -1,
      text: known ? `Can't parse capability ${word} (expecting capname:on|off)` : `Capability ${name} is unknown`,
    }),
    anyCase: true,
  }),
  flags: [{ name: 'capability', op: 'set' }],
  repeat: 'add',
  acts: 'restart',
  effect: 'start',
  enforcer: kernel('capability sets of its init'),
  help: 'capabilities given or taken, against the built-in set',
  field: 'capability',
};

export const FEATURES_PARAM: Param = {
  key: 'FEATURES',
  grammar: switches({
    names: FEATURES,
    spell: (name) => name,
    hint: 'NAME:on|off, separated by blanks or commas',
    complaint: (word) => ({ level: 0, text: `Warning: Unknown feature: ${word}` }),
    anyCase: false,
  }),
  flags: [{ name: 'features', op: 'set' }],
  repeat: 'add',
  acts: 'restart',
  effect: 'live',
  enforcer: engine('gives each as far as an unprivileged container can have it'),
  fallback: 'sysfs:on',
  help: 'what the container may use of the kernel: file systems, tunnels, bridges',
  field: 'features',
};

export const VZDECK_CAPABILITIES: Param = {
  key: 'VZDECK_CAPABILITIES',
  grammar: oneOf(['openvz', 'strict']),
  flags: [{ name: 'profile', op: 'set', help: 'capabilities that --capability adds to and takes from' }],
  repeat: 'last',
  acts: 'restart',
  effect: 'start',
  enforcer: kernel('capability sets of its init'),
  fallback: 'openvz',
  help: 'openvz: all that ask for nothing of the node; strict: only what daemons need that bind ports and change user, nothing that mounts',
};

const PROC_ENTRY = /^\/(?:proc|sys)(?:\/[\w.+:-]+)+$/;
/** What leads to the process that looks, or is one. */
const OF_PROCESSES = /^\/proc\/(?:self|thread-self|\d+)(?:\/|$)|\/\.\.?(?:\/|$)/;

const byEntry = (text: string): Map<string, string> => new Map(words(text).map((item) => [item.slice(0, item.lastIndexOf(':')), item]));
const joinEntries = (first: string, second: string): string => [...new Map([...byEntry(first), ...byEntry(second)]).values()].join(' ');

export const VZDECK_PROC: Param = {
  key: 'VZDECK_PROC',
  grammar: {
    hint: 'PATH:hide|show|default below /proc or /sys, separated by blanks',
    read(text) {
      const items = words(text);
      const bad = items.find((item) => {
        const [path = '', what = '', ...more] = item.split(':');
        return more.length > 0 || !/^(hide|show|default)$/.test(what) || !PROC_ENTRY.test(path) || OF_PROCESSES.test(path);
      });
      return bad === undefined ? taken(joinEntries('', text)) : { ok: false, fault: 'syntax', shown: bad };
    },
    join: joinEntries,
    merge(before, change) {
      if (!change.set) return { ok: true, value: null };
      return {
        ok: true,
        value: words(joinEntries(before ?? '', change.set))
          .filter((item) => !item.endsWith(':default'))
          .join(' '),
      };
    },
    examples: ['/proc/loadavg:hide', '/proc/interrupts:show /sys/block:show', ''],
  },
  flags: [{ name: 'proc', op: 'set' }],
  repeat: 'add',
  acts: 'restart',
  effect: 'start',
  enforcer: kernel('mounts over them; root inside can take them off, and then stands before the kernel’s own check'),
  help: 'entries of /proc and /sys that are hidden beside the usual ones, or shown although they usually are not',
};

/** Of a canonical value. */
export function parseProcEntries(value: string | undefined): { readonly hide: readonly string[]; readonly show: readonly string[] } {
  const entries = words(value ?? '').map((item) => ({ path: item.slice(0, item.lastIndexOf(':')), hide: item.endsWith(':hide') }));
  const paths = (hidden: boolean): readonly string[] => entries.flatMap(({ path, hide }) => (hide === hidden ? [path] : []));
  return { hide: paths(true), show: paths(false) };
}

const moduleOrder = (list: readonly string[]): string => IPTABLES.filter((m) => m === 'ip_tables' || list.includes(m)).join(' ');

export const IPTABLES_PARAM: Param = {
  key: 'IPTABLES',
  grammar: {
    hint: 'names of packet filter modules, separated by blanks or commas',
    read(text) {
      const list = words(text, SEPARATORS);
      const unknown = list.find((m) => !IPTABLES.includes(m));
      if (unknown === undefined) return taken(list.length === 0 ? '' : moduleOrder(list));
      return { ...refusedList(text, SEPARATORS), remarks: [{ level: -1, text: `Warning: Unknown iptable module: ${unknown}, skipped` }] };
    },
    join: (first, second) => moduleOrder([...words(first), ...words(second)]),
    merge: (_before, change) => ({ ok: true, value: change.set ? change.set : null }),
    print: (value) => (value === '' ? '' : `${value} `),
    examples: ['ip_tables ipt_limit ipt_LOG', ''],
    words: IPTABLES,
  },
  flags: [{ name: 'iptables', op: 'set' }],
  repeat: 'add',
  acts: 'restart',
  effect: 'start',
  enforcer: bpf('as the level of NETFILTER that the list comes to: stateful with connection tracking, full with NAT, stateless otherwise'),
  obsolete: '--netfilter is its successor, and beats it',
  help: 'packet filter modules',
};

export const NETFILTER: Param = {
  key: 'NETFILTER',
  grammar: oneOf(NETFILTER_LEVELS, (value) => `Incorrect netfilter value: ${value}`),
  flags: [{ name: 'netfilter', op: 'set' }],
  repeat: 'last',
  acts: 'restart',
  effect: 'start',
  enforcer: bpf(
    'nft is held at disabled alone, by seccomp; at stateless and stateful iptables-legacy has the tables filter and mangle only, and its matches of ' +
      'connections',
  ),
  means: NETFILTER_MEANS,
  fallback: 'full, or what IPTABLES comes to',
  help: 'how much of the packet filter the container gets',
  field: 'netfilter',
};
