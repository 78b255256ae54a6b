import { expect, it } from 'vitest';
import { openToldCounters } from '../../../src/engine/account/told-counters.ts';
import { containerCgroups } from '../../../src/engine/cgroup/container.ts';
import { NO_LIMITS } from '../../../src/engine/cgroup/limits.ts';
import type { Quantity } from '../../../src/engine/cgroup/quantities.ts';
import { findTopology } from '../../../src/engine/cgroup/topology.ts';
import { toldOf } from '../../../src/engine/cgroup/usage.ts';
import { COUNTER_NAMES, COUNTER_RECORD } from '../../../src/engine/spec/bpf/counters.ts';
import { hybrid } from '../cgroup/trees.ts';

const WANTED: readonly Quantity[] = ['numproc', 'numprocFail', 'memory', 'cpuUsec'];
const GROUPS = new Map([
  [101, 7],
  [102, 9],
]);

/** A machine with one container whose files say 3 processes, 4 refusals and 12288 bytes; `look`: what is told when a pass says this of it. */
function opened() {
  const m = hybrid();
  const topology = findTopology(m.files, '/proc', '');
  m.run(containerCgroups(m.files, topology, 101).create(NO_LIMITS, 7));
  const put = (name: string, text: string): void => void m.content.set(`/sys/fs/cgroup/${name.replace('/', '/vz/101/')}`, text);
  put('pids/pids.current', '3\n');
  put('pids/pids.events', 'max 4\n');
  put('memory/memory.usage_in_bytes', '12288\n');
  let bytes: Uint8Array | null = null;
  const told = openToldCounters({ files: m.files }, topology, WANTED, { of: (id) => GROUPS.get(id), forget() {} }, () => bytes);
  const record = (group: number, numbers: Readonly<Record<string, number>>): Buffer => {
    const one = Buffer.alloc(COUNTER_RECORD);
    one.writeBigUInt64LE((1n << 63n) | BigInt(group), 0);
    let bits = 0n;
    for (const [file, number] of Object.entries(numbers)) {
      const place = COUNTER_NAMES.indexOf(file) - 1;
      bits |= 1n << BigInt(place);
      one.writeBigUInt64LE(BigInt(number), 24 + 8 * place);
    }
    one.writeBigUInt64LE(bits, 8);
    return one;
  };
  const look = (ids: readonly number[], ...records: readonly Buffer[]) => {
    bytes = records.length === 0 ? null : Buffer.concat(records);
    return told(ids);
  };
  const known = (all: ReturnType<typeof look>, id: number): readonly Quantity[] => {
    const one = all.get(id);
    return one === undefined ? [] : toldOf(topology, WANTED, one);
  };
  return { put, record, look, known };
}

const TRUE = { 'pids.current': 3, 'pids.events max': 4, 'memory.usage_in_bytes': 3 };

it('believes numbers that the files of one container say as well, and then those of all', () => {
  const { record, look, known } = opened();
  const all = look([101, 102], record(7, TRUE), record(9, { ...TRUE, 'pids.events max': 50 }));
  expect([101, 102].map((id) => known(all, id))).toEqual([
    ['numproc', 'numprocFail', 'memory'],
    ['numproc', 'numprocFail', 'memory'],
  ]);
  // nobody has to read files for that any more
  expect(known(look([101], record(7, { ...TRUE, 'pids.current': 44 })), 101)).toContain('numproc');
});

it('leaves to the files what they deny, or do not have', () => {
  const { put, record, look, known } = opened();
  put('memory/memory.usage_in_bytes', '4096\n');
  expect(known(look([101], record(7, { ...TRUE, 'pids.events max': 5 })), 101)).toEqual(['numproc']);
});

it('knows nothing without a pass, of who is not in it, and before somebody could be asked', () => {
  const { record, look, known } = opened();
  expect(look([101]).size).toBe(0);
  expect(look([], record(7, TRUE)).size).toBe(0);
  // the first has no files
  expect(look([102, 101], record(7, TRUE), record(9, TRUE)).size).toBe(0);
  const all = look([101, 102], record(7, TRUE));
  expect([known(all, 101).length, all.has(102)]).toEqual([3, false]);
});
