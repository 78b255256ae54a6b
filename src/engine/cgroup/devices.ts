// Which devices a container may use, as one table, and the two forms in which kernels take it: lines for v1's devices controller, a BPF
// program for v2. That nothing but these nodes exists in the container's /dev is the wall's work; this holds even if one appears there.
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

// --- BPF: struct bpf_insn { u8 code; u8 dst:4, src:4; s16 off; s32 imm } (linux/bpf.h), little-endian as all machines we run on

const INSN_SIZE = 8;
const LDX_W = 0x61;
const MOV64_REG = 0xbf;
const MOV64 = 0xb7;
const RSH32 = 0x74;
const AND32 = 0x54;
const JNE = 0x55;
const JSET = 0x45;
const EXIT = 0x95;

interface Insn {
  readonly code: number;
  readonly dst?: number;
  readonly src?: number;
  readonly off?: number;
  readonly imm?: number;
}

/** struct bpf_cgroup_dev_ctx { u32 access_type; u32 major; u32 minor }, access_type = access << 16 | type. */
const TYPE = { b: 1, c: 2 } as const;
const ACCESS: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 };
const ALL = 7;

const [TYPE_REG, ACCESS_REG, MAJOR_REG, MINOR_REG] = [2, 3, 4, 5] as const;

const LOAD: readonly Insn[] = [
  { code: LDX_W, dst: TYPE_REG, src: 1, off: 0 },
  { code: MOV64_REG, dst: ACCESS_REG, src: TYPE_REG },
  { code: RSH32, dst: ACCESS_REG, imm: 16 },
  { code: AND32, dst: TYPE_REG, imm: 0xffff },
  { code: LDX_W, dst: MAJOR_REG, src: 1, off: 4 },
  { code: LDX_W, dst: MINOR_REG, src: 1, off: 8 },
];

const answer = (imm: 0 | 1): readonly Insn[] => [{ code: MOV64, dst: 0, imm }, { code: EXIT }];

/** Tests of one rule, each of which jumps to the next rule when it fails. */
function ruleInsns(rule: DeviceRule): readonly Insn[] {
  const allowed = [...rule.access].reduce((bits, letter) => bits | (ACCESS[letter] ?? 0), 0);
  const tests: Insn[] = [
    { code: JNE, dst: MAJOR_REG, imm: rule.major },
    ...(rule.minor === null ? [] : [{ code: JNE, dst: MINOR_REG, imm: rule.minor }]),
    { code: JNE, dst: TYPE_REG, imm: TYPE[rule.type] },
    ...(allowed === ALL ? [] : [{ code: JSET, dst: ACCESS_REG, imm: ALL & ~allowed }]),
  ];
  const yes = answer(1);
  return [...tests.map((test, i) => ({ ...test, off: tests.length - 1 - i + yes.length })), ...yes];
}

/** BPF_PROG_TYPE_CGROUP_DEVICE: 1 for an access that a rule allows, otherwise 0 (EPERM). */
export function deviceProgram(rules: readonly DeviceRule[]): Uint8Array {
  const insns = [...LOAD, ...rules.flatMap(ruleInsns), ...answer(0)];
  const view = new DataView(new ArrayBuffer(insns.length * INSN_SIZE));
  insns.forEach(({ code, dst = 0, src = 0, off = 0, imm = 0 }, i) => {
    view.setUint8(i * INSN_SIZE, code);
    view.setUint8(i * INSN_SIZE + 1, dst | (src << 4));
    view.setInt16(i * INSN_SIZE + 2, off, true);
    view.setInt32(i * INSN_SIZE + 4, imm, true);
  });
  return new Uint8Array(view.buffer);
}
