// What programs for the kernel ask of its own description of its types: that is read once per boot, as it is 5 MB, and the few answers are kept.
import type { Host } from '../host/port.ts';
import { ifRoom } from '../host/room.ts';
import { type Btf, parseBtf } from '../spec/bpf/btf.ts';
import { COUNTER_TYPES } from '../spec/bpf/counters.ts';
import { DENIAL_TYPES } from '../spec/bpf/denials.ts';
import { ITERATOR_TYPES } from '../spec/bpf/iterators.ts';
import { REFUSAL_TYPES } from '../spec/bpf/refusals.ts';
import { SOCK_TYPES } from '../spec/bpf/socket-programs.ts';
import { runDirIn } from '../store/bpf-place.ts';

const KERNEL_TYPES = '/sys/kernel/btf/vmlinux';
const NAMES = [...ITERATOR_TYPES, ...COUNTER_TYPES, ...DENIAL_TYPES, ...REFUSAL_TYPES, ...SOCK_TYPES];

export interface KernelTypes extends Btf {
  /** What was asked is known until the next boot. */
  keep(): void;
}

/** None where it is not ours or was cut: they are asked again. */
function answersIn(text: string): Record<string, unknown> {
  try {
    const answers: unknown = JSON.parse(text);
    return typeof answers === 'object' && answers !== null ? { ...answers } : {};
  } catch {
    return {};
  }
}

/** What was read serves all kinds of programs, which a start makes one after the other; it is too much to be held longer. */
const lately = new WeakMap<Host['files'], WeakRef<Btf>>();

function typesHere(files: Host['files']): Btf | null {
  const before = lately.get(files)?.deref();
  if (before) return before;
  const bytes = files.readBytes(KERNEL_TYPES);
  const types = bytes && parseBtf(bytes, NAMES);
  if (types) lately.set(files, new WeakRef(types));
  return types;
}

/** A kernel that does not describe its types has nothing of what is asked. */
export function openKernelTypes({ files, root, proc }: Host): KernelTypes {
  const file = `${runDirIn(root)}/kernel-types`;
  const boot = (files.read(`${proc}/sys/kernel/random/boot_id`) ?? '').trim();
  const [known, text] = (files.read(file) ?? '').split('\n');
  const answers = known === boot && text ? answersIn(text) : {};
  let parsed: Btf | null | undefined;
  const ask = <T>(question: string, of: (types: Btf) => T | null): T | null => {
    if (answers[question] !== undefined) return answers[question] as T | null;
    if (parsed === undefined) parsed = typesHere(files);
    const answer = parsed === null ? null : of(parsed);
    answers[question] = answer;
    return answer;
  };
  return {
    func: (name) => ask(name, (types) => types.func(name)),
    struct: (name) => ask(`struct ${name}`, (types) => types.struct(name)),
    typedef: (name) => ask(`typedef ${name}`, (types) => types.typedef(name)),
    offset: (struct, field) => ask(`${struct} ${field}`, (types) => types.offset(struct, field)),
    bit: (struct, field) => ask(`${struct} ${field}:`, (types) => types.bit(struct, field)),
    constant: (enumeration, name) => ask(`enum ${enumeration} ${name}`, (types) => types.constant(enumeration, name)),
    keep() {
      if (parsed !== undefined) ifRoom(() => files.write(file, `${boot}\n${JSON.stringify(answers)}\n`, 0o600, 'boot'));
    },
  };
}
