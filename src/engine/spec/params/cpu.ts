// Processor parameters.
import { parseBitmap, parseNumber, printBitmap } from '../units.ts';
import { cgroup } from './enforcer.ts';
import { number, refused, taken, unsigned } from './grammar.ts';
import type { Grammar, Param } from './types.ts';

/** Percent of one CPU; with % of the whole node. 0, also an empty text, is no limit. */
const percent: Grammar = {
  hint: 'N percent of one CPU, or N% of the node; 0 for none',
  read(text, around) {
    const ofNode = text.endsWith('%');
    const share = parseNumber(ofNode ? text.slice(0, -1) : text, { unit: 1n, suffix: false, max: ofNode ? 100n : 4_294_967_295n });
    if (!share.ok) return refused;
    return taken(String(ofNode ? share.value * BigInt(around.cpus) : share.value));
  },
  examples: ['0', '50', '200'],
};

const bitmap = (words: readonly string[]): Grammar => ({
  hint: `numbers and ranges such as 0-2,7, ${words.join(' or ')}`,
  read(text) {
    if (words.includes(text) && text !== 'all') return taken(text);
    const bits = parseBitmap(text);
    return bits ? taken(printBitmap(bits)) : refused;
  },
  examples: ['0', '0-3,7', ...words],
  words,
});

export const CPUUNITS: Param = {
  key: 'CPUUNITS',
  grammar: number('8…500000', { unit: 1n, suffix: false, min: 8n, max: 500_000n }),
  flags: [{ name: 'cpuunits', op: 'set' }],
  repeat: 'first',
  acts: 'live',
  effect: 'live',
  enforcer: cgroup('cpu', { 1: 'cpu.shares', 2: 'cpu.weight' }),
  unit: 'units',
  fallback: '1000',
  help: 'share of CPU time against other containers',
  field: 'cpuunits',
};
/** The misspelt key is what the tools write. */
export const CPUUWEIGHT: Param = {
  key: 'CPUUWEIGHT',
  grammar: unsigned,
  flags: [{ name: 'cpuweight', op: 'set' }],
  repeat: 'first',
  acts: 'live',
  effect: 'live',
  enforcer: cgroup('cpu', { 1: 'cpu.shares', 2: 'cpu.weight' }, 'as 500000 / weight units'),
  obsolete: '--cpuunits is its successor',
  help: 'weight of its old scheduler',
};
export const CPULIMIT: Param = {
  key: 'CPULIMIT',
  grammar: percent,
  flags: [{ name: 'cpulimit', op: 'set' }],
  repeat: 'first',
  acts: 'live',
  effect: 'live',
  enforcer: cgroup('cpu', { 1: 'cpu.cfs_quota_us', 2: 'cpu.max' }),
  unit: 'percent',
  fallback: '0',
  help: 'greatest share of CPU time',
  field: 'cpulimit',
};
export const CPUS: Param = {
  key: 'CPUS',
  grammar: unsigned,
  flags: [{ name: 'cpus', op: 'set' }],
  repeat: 'first',
  acts: 'live',
  effect: 'live',
  enforcer: cgroup('cpu', { 1: 'cpu.cfs_quota_us', 2: 'cpu.max' }),
  unit: 'items',
  fallback: 'all',
  help: 'number of CPUs that may be used',
  field: 'cpus',
};
export const CPUMASK: Param = {
  key: 'CPUMASK',
  grammar: bitmap(['all', 'auto']),
  flags: [{ name: 'cpumask', op: 'set' }],
  repeat: 'first',
  acts: 'live',
  effect: 'live',
  enforcer: cgroup('cpuset', { 1: 'cpuset.cpus', 2: 'cpuset.cpus' }),
  fallback: 'all',
  help: 'CPUs that may be used; auto: those of the NUMA nodes',
};
export const NODEMASK: Param = {
  key: 'NODEMASK',
  grammar: bitmap(['all']),
  flags: [{ name: 'nodemask', op: 'set' }],
  repeat: 'first',
  acts: 'live',
  effect: 'live',
  enforcer: cgroup('cpuset', { 1: 'cpuset.mems', 2: 'cpuset.mems' }),
  fallback: 'all',
  help: 'NUMA nodes that may be used; needs --cpumask',
};
