// Which devices a container may use, as one table, and the two forms in which kernels take it: lines for v1's devices controller, a BPF
// program for v2. That nothing but these nodes exists in the container's /dev is the wall's work; this holds even if one appears there.
import { alu32, assemble, exit, type Line, load, mov, place, when } from '../spec/bpf/assemble.ts';
import type { DeviceRule } from './face.ts';

const char = (major: number, minor: number | null): DeviceRule => ({ type: 'c', major, minor, access: 'rwm' });

export const BASIC_DEVICES: Readonly<Record<string, DeviceRule>> = {
  null: char(1, 3),
  zero: char(1, 5),
  full: char(1, 7),
  random: char(1, 8),
  urandom: char(1, 9),
  tty: char(5, 0),
  console: char(5, 1),
  ptmx: char(5, 2),
  // also the console itself, which is a pty of the node
  pts: char(136, null),
};

const sameDevice =
  (a: DeviceRule) =>
  (b: DeviceRule): boolean =>
    a.type === b.type && a.major === b.major && a.minor === b.minor;
const letters = (access: string, but = ''): string => [...'rwm'].filter((l) => access.includes(l) && !but.includes(l)).join('');

/** What every container may use and more; a device stands once, with all that is allowed of it. */
export function allowedDevices(more: readonly DeviceRule[]): readonly DeviceRule[] {
  const rules: DeviceRule[] = [];
  for (const rule of [...Object.values(BASIC_DEVICES), ...more]) {
    const at = rules.findIndex(sameDevice(rule));
    const before = rules[at];
    if (before) rules[at] = { ...before, access: letters(before.access + rule.access) };
    else rules.push(rule);
  }
  return rules.filter(({ access }) => access !== '');
}

/** Of devices.list; "a *:* rwm", all devices, is no rule. */
export function readDeviceLines(text: string): readonly DeviceRule[] {
  return text.split('\n').flatMap((line) => {
    const match = /^([bc]) (\d+):(\d+|\*) ([rwm]+)$/.exec(line);
    if (!match) return [];
    const [, type, major, minor, access = ''] = match;
    return [{ type: type as 'b' | 'c', major: Number(major), minor: minor === '*' ? null : Number(minor), access }];
  });
}

/** What of v1's list must be written to devices.allow and to devices.deny so that it says what is wanted. */
export function accessChanges(
  have: readonly DeviceRule[],
  want: readonly DeviceRule[],
): { readonly allow: readonly DeviceRule[]; readonly deny: readonly DeviceRule[] } {
  const beyond = (these: readonly DeviceRule[], those: readonly DeviceRule[]): readonly DeviceRule[] =>
    these.flatMap((rule) => {
      const access = letters(rule.access, those.find(sameDevice(rule))?.access);
      return access === '' ? [] : [{ ...rule, access }];
    });
  return { allow: beyond(want, have), deny: beyond(have, want) };
}

/** A line for devices.allow, "c 136:* rwm". */
export const deviceLine = (r: DeviceRule): string => `${r.type} ${r.major}:${r.minor ?? '*'} ${r.access}`;

/** struct bpf_cgroup_dev_ctx { u32 access_type; u32 major; u32 minor }, access_type = access << 16 | type. */
const TYPE = { b: 1, c: 2 } as const;
const ACCESS: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 };
const ALL = 7;

const [TYPE_REG, ACCESS_REG, MAJOR_REG, MINOR_REG] = ['r2', 'r3', 'r4', 'r5'] as const;

const LOAD: readonly Line[] = [
  load(TYPE_REG, 'r1', 0, 4),
  mov(ACCESS_REG, TYPE_REG),
  alu32('rsh', ACCESS_REG, 16),
  alu32('and', TYPE_REG, 0xffff),
  load(MAJOR_REG, 'r1', 4, 4),
  load(MINOR_REG, 'r1', 8, 4),
];

const answer = (value: 0 | 1): readonly Line[] => [mov('r0', value), exit];

/** Tests of one rule, each of which jumps to the next rule when it fails. */
function ruleLines(rule: DeviceRule, n: number): readonly Line[] {
  const allowed = [...rule.access].reduce((bits, letter) => bits | (ACCESS[letter] ?? 0), 0);
  const next = `rule ${n + 1}`;
  return [
    when(MAJOR_REG, 'ne', rule.major, next),
    ...(rule.minor === null ? [] : [when(MINOR_REG, 'ne', rule.minor, next)]),
    when(TYPE_REG, 'ne', TYPE[rule.type], next),
    ...(allowed === ALL ? [] : [when(ACCESS_REG, 'set', ALL & ~allowed, next)]),
    ...answer(1),
    place(next),
  ];
}

/** BPF_PROG_TYPE_CGROUP_DEVICE: 1 for an access that a rule allows, otherwise 0 (EPERM). */
export const deviceProgram = (rules: readonly DeviceRule[]): Uint8Array => assemble([...LOAD, ...rules.flatMap(ruleLines), ...answer(0)]);
