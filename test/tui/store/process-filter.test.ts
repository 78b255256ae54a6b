// What can be typed to find processes: words of their rows, their columns, and what command lines are full of.
import { describe, expect, test } from 'vitest';
import type { CtProcess } from '../../../src/engine/index.ts';
import { PROCESS_EXAMPLES, readProcessFilter } from '../../../src/tui/store/process-filter.ts';

const USERS = new Map([[101, new Map([[33, 'www-data']])]]);
const base: CtProcess = {
  ct: 101,
  pid: 5000,
  startTime: 1n,
  parent: null,
  inner: 7,
  uid: 0,
  state: 'S',
  nice: 0,
  threads: 1,
  cpu: 0,
  cpuTime: 1,
  memory: 2 ** 20,
  age: 3600,
  command: 'init',
};
const PROCESSES: readonly CtProcess[] = [
  base,
  { ...base, pid: 5001, inner: 80, uid: 33, cpu: 60, memory: 2 ** 27, command: '/usr/sbin/httpd -f --name=shop' },
  { ...base, ct: 102, pid: 5002, inner: null, uid: null, state: 'D', command: 'sshd: root@pts/0' },
  { ...base, ct: 103, pid: 5003, cpu: null, age: 30, threads: 12, nice: 19, cpuTime: 7300, command: 'java a=b' },
];
const kept = (text: string): readonly number[] => PROCESSES.filter(readProcessFilter(text, USERS).test).map(({ pid }) => pid);

describe('what is looked for among processes', () => {
  test.each([
    ['', [5000, 5001, 5002, 5003]],
    ['101 init', [5000]],
    ['www-data', [5001]],
    ['user:www', [5001]],
    ['user=0', [5000, 5003]],
    ['user:none', [5002]],
    ['cpu>50', [5001]],
    ['!cpu>50', [5000, 5002, 5003]],
    ['mem>=64M', [5001]],
    ['s:D,R', [5002]],
    ['state:d', [5002]],
    ['inside:7-9', [5000, 5003]],
    ['ctid:102-103', [5002, 5003]],
    ['time>2h', [5003]],
    ['age<5m', [5003]],
    ['threads>1 ni=19', [5003]],
  ])('%j finds %j', (text, pids) => {
    expect(kept(text)).toEqual(pids);
    expect(readProcessFilter(text, USERS).fault).toBe('');
  });

  test.each([
    ['sshd:', [5002]],
    ['--name=shop', [5001]],
    ['a=b', [5003]],
    ['constructor:x', []],
  ])('%j, which command lines have, is looked for as it stands', (text, pids) => {
    expect(kept(text)).toEqual(pids);
    expect(readProcessFilter(text, USERS).fault).toBe('');
  });

  test.each([
    ['cpu>', 'CPU > what? Percent: 50'],
    ['mem>80%', 'MEM > 80%? A size: 64M, 1.5G'],
    ['age<soon', 'AGE < soon? A time: 90s, 2h, 3d'],
    ['user>3', 'USER is no figure: it takes : ~ = and !='],
  ])('%j: %s, and the rest goes on', (text, fault) => {
    expect(readProcessFilter(text, USERS).fault).toBe(fault);
    expect(kept(`${text} init`)).toEqual([5000]);
  });

  test.each(PROCESS_EXAMPLES)('is as help says: %s', (text) => {
    expect(readProcessFilter(text, USERS)).toMatchObject({ fault: '', all: false });
  });
});
