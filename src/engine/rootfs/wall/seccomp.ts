// The system-call filter of a container, compiled from the table in syscalls.ts: one program for 64- and 32-bit calls of all machines.
import { ANSWER, answer, assemble, branch, DATA, type Insn, load } from './bpf.ts';
import { type Condition, ERRNO, NEWEST, REFUSED, type Refusal } from './syscalls.ts';

/** AUDIT_ARCH_* of linux/audit.h, in the order of `Numbers`. */
export const ARCH = { x86_64: 0xc000_003e, i386: 0x4000_0003, arm64: 0xc000_00b7 } as const;

const ALLOW = answer(ANSWER.allow);

const refuse = (errno: number): readonly Insn[] => answer(ANSWER.errno | errno);

function anyOf(values: readonly number[], yes: readonly Insn[], no: readonly Insn[]): readonly Insn[] {
  return values.reduceRight((rest, value) => branch('equal', value, yes, rest), no);
}

/** An entry of the table as the filter needs it: the errno is a number. */
export type Rule = Pick<Refusal, 'calls' | 'when' | 'and'> & { readonly errno: number };

/** What happens to a call that these rules are about; the first one whose conditions hold. Little-endian: the low half of an argument comes first. */
function verdict(about: readonly Rule[]): readonly Insn[] {
  return about.reduceRight<readonly Insn[]>(
    (otherwise, { errno, when, and }) =>
      [and, when].reduce<readonly Insn[]>(
        (yes, condition) => (condition === undefined ? yes : [...load(DATA.args + 8 * condition.arg), ...check(condition, yes, otherwise)]),
        refuse(errno),
      ),
    ALLOW,
  );
}

function check(when: Condition, yes: readonly Insn[], no: readonly Insn[]): readonly Insn[] {
  if ('anyBit' in when) return branch('anyBit', when.anyBit, yes, no);
  return 'oneOf' in when ? anyOf(when.oneOf, yes, no) : anyOf(when.noneOf, no, yes);
}

interface Leaf {
  readonly nr: number;
  readonly verdict: readonly Insn[];
}

/** Binary search over the numbers, so that a call that nobody refuses passes after a few compares. */
function search(leaves: readonly Leaf[]): readonly Insn[] {
  const [first] = leaves;
  if (!first) return ALLOW;
  if (leaves.length === 1) return branch('equal', first.nr, first.verdict, ALLOW);
  const middle = leaves.length >> 1;
  return branch('atLeast', leaves[middle]?.nr ?? 0, search(leaves.slice(middle)), search(leaves.slice(0, middle)));
}

function calls(rules: readonly Rule[], machine: number): readonly Insn[] {
  const about = new Map<number, Rule[]>();
  for (const rule of rules)
    for (const { [machine]: nr } of Object.values(rule.calls)) if (typeof nr === 'number') about.set(nr, [...(about.get(nr) ?? []), rule]);
  const leaves = [...about].map(([nr, its]): Leaf => ({ nr, verdict: verdict(its) })).sort((a, b) => a.nr - b.nr);
  return [...load(DATA.nr), ...branch('greater', NEWEST, refuse(ERRNO.ENOSYS), search(leaves))];
}

export interface FilterChoice {
  /** 32-bit user land inside: its C library may know no other way to a socket than socketcall, whose family no filter can see. */
  readonly sockets32?: boolean;
  /** Root inside is without CAP_SYS_ADMIN. */
  readonly strict?: boolean;
  /** Nobody inside has to do with the packet filter of the container's network namespace. */
  readonly noPacketFilter?: boolean;
}

/** The entries that hold for a container. */
export function rules({ sockets32 = false, strict = false, noPacketFilter = false }: FilterChoice = {}): readonly Rule[] {
  const held = REFUSED.filter(
    ({ calls: its, chosen }) => !(sockets32 && 'socketcall' in its) && (chosen !== 'noPacketFilter' || noPacketFilter),
  );
  return held.map(({ whenStrict, chosen: _, ...refusal }) => ({
    ...refusal,
    ...(strict && whenStrict ? { when: whenStrict } : {}),
    errno: ERRNO[refusal.errno],
  }));
}

/** struct sock_filter array for the operation `seccomp`. A call in the way of a machine that the table does not know ends the process. */
export function seccompProgram(refused: readonly Rule[] = rules()): Uint8Array {
  const machines = Object.values(ARCH).reduceRight<readonly Insn[]>(
    (rest, arch, machine) => branch('equal', arch, calls(refused, machine), rest),
    answer(ANSWER.killProcess),
  );
  return assemble([...load(DATA.arch), ...machines]);
}

const compiled = new Map<string, Uint8Array>();

/** The program for a container, compiled once per choice. */
export function containerFilter(choice: FilterChoice): Uint8Array {
  const key = [choice.sockets32, choice.strict, choice.noPacketFilter].map(Boolean).join(' ');
  const program = compiled.get(key) ?? seccompProgram(rules(choice));
  compiled.set(key, program);
  return program;
}
