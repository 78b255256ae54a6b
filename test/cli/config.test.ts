// vzdeck params and config as programs: the table told, and a file changed line by line.
import { existsSync } from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CT_CONF, openPrefix, type Prefix, type Ran } from './run.ts';

vi.setConfig({ testTimeout: 120_000 });

let node: Prefix;
beforeEach(() => {
  node = openPrefix();
});
afterEach(() => node.remove());

const vzdeck = (...args: string[]): Ran => node.run('vzdeck', ...args);
const CONF = 'etc/vz/conf/101.conf';

test('a parameter by its key, its option, or a word of its help', () => {
  for (const name of ['NUMPROC', '--numproc', 'numproc', 'threads']) {
    const { out } = vzdeck('params', name);
    expect(out).toContain('NUMPROC: processes and threads');
    expect(out).toMatch(/held by\s+cgroup pids\.max/);
  }
  expect(vzdeck('params', 'swap').out).toContain('SWAPPAGES');
  expect(vzdeck('params', 'DCACHE').out).toContain('DCACHESIZE');
  expect(vzdeck('params', 'nonsense')).toMatchObject({ exit: 21, err: 'No parameter has nonsense in its name, options or help\n' });
  const [one] = JSON.parse(vzdeck('params', 'cpulimit', '--json').out);
  expect(one).toMatchObject({ key: 'CPULIMIT', section: 'processors', unit: 'percent', acts: 'live', enforcer: { by: 'cgroup' } });
  expect(vzdeck('params').out.match(/^ {2}[A-Z_]+ /gm)?.length).toBeGreaterThan(55);
});

test('values go into the file and out of it, and every other byte stays', () => {
  const foreign = '#UUID: 1\n  # kept \t\nFOO=bar # this\n';
  node.write(CONF, foreign + CT_CONF);
  expect(vzdeck('config', 'get', '101', 'PHYSPAGES').out).toBe('0:65536\n');
  expect(vzdeck('config', 'get', '101', 'NUMPROC')).toMatchObject({ exit: 1, out: '' });
  expect(vzdeck('config', 'set', '101', 'NUMPROC=200', 'MY_KEY=a "b" $c', 'IOLIMIT=10M').exit).toBe(0);
  expect(node.read(CONF)).toBe(`${foreign}${CT_CONF}NUMPROC="200"\nIOLIMIT="10485760"\nMY_KEY="a \\"b\\" \\$c"\n`);
  expect(vzdeck('config', 'get', '101', 'MY_KEY').out).toBe('a "b" $c\n');
  expect(JSON.parse(vzdeck('config', 'get', '101', 'FOO', 'NUMPROC', '--json').out)).toEqual({ FOO: 'bar # this', NUMPROC: '200' });
  expect(vzdeck('config', 'unset', '101', 'NUMPROC', 'MY_KEY', 'IOLIMIT').exit).toBe(0);
  expect(node.read(CONF)).toBe(foreign + CT_CONF);
  expect(vzdeck('config', 'unset', '101', 'NUMPROK')).toMatchObject({ exit: 0, out: 'No changes in CT configuration, not saving\n' });
});

test('what vz.conf asks and nothing obeys is a note with the reason, in the sentence that the page has', () => {
  const path = 'etc/vz/vz.conf';
  const before = node.read(path);
  node.write(path, `${before}FORCE_ROUTE="yes"\n`);
  const { exit, out } = vzdeck('config', 'validate', `${node.root}/${path}`);
  const [, note] = /: note: (FORCE_ROUTE is kept and not obeyed: .*)\n/.exec(out) ?? [];
  expect([exit, note]).toEqual([0, expect.stringContaining('routes to containers have a metric of their own (187)')]);
  // switched off it asks for nothing
  node.write(path, `${before}FORCE_ROUTE="no"\n`);
  expect(vzdeck('config', 'validate', `${node.root}/${path}`).out).not.toContain('FORCE_ROUTE');
});

test('a plan tells what would change in the file, and changes nothing', () => {
  const { out } = vzdeck('config', 'set', '101', 'CPUUNITS=5000', 'NUMPROC=7', '--dry-run');
  expect(out).toContain('config   -CPUUNITS="1000"\n');
  expect(out).toContain('config   +CPUUNITS="5000"\n');
  expect(out).toContain('config   +NUMPROC="7"\n');
  expect(vzdeck('set', '101', '--cpuunits', '5000', '--dry-run').out).toContain('config   +CPUUNITS="5000"\n');
  expect(node.read(CONF)).toBe(CT_CONF);
});

test('what cannot be is refused, and nothing is changed', () => {
  expect(vzdeck('config', 'set', '101', 'CPUS=2', 'NUMPROC=many')).toMatchObject({
    exit: 21,
    err: 'Bad parameter for NUMPROC: many\nExpected N[:N] or unlimited\n',
  });
  expect(vzdeck('config', 'set', '101', 'A B=1').exit).toBe(21);
  expect(vzdeck('config', 'set', '999', 'CPUS=2').exit).toBe(21);
  expect(vzdeck('config', 'set', '101')).toMatchObject({ exit: 21, err: expect.stringContaining('config set CONTAINER KEY=VALUE') });
  expect(node.read(CONF)).toBe(CT_CONF);
});

test('what is wrong is told with file, line and column; a broken file loses nothing and runs nothing', () => {
  const broken = 'CPUS="1\0"\nNUMPROC="5"\nDESCRIPTION="`touch was-run`"\nHOSTNAME="open\n';
  node.write(CONF, broken);
  const { exit, out } = vzdeck('config', 'validate', '101');
  expect(exit).toBe(2);
  expect(out).toMatch(/^\/etc\/vz\/conf\/101\.conf:1:8: error: A NUL byte/m);
  expect(out).toMatch(/101\.conf:3:14: warning: A shell/);
  expect(out).toMatch(/101\.conf:4:10: error: The quote/);
  expect(node.run('vzctl', 'set', '101', '--cpulimit', '20', '--save').exit).toBe(0);
  expect(node.read(CONF)).toBe(`${broken}CPULIMIT="20"\n`);
  expect(existsSync('was-run')).toBe(false);
  expect(vzdeck('config', 'validate', '/nowhere/1.conf')).toMatchObject({ exit: 3 });
});

test('samples, --applyconfig and other spellings of what saves', () => {
  expect(node.run('vzctl', 'set', '101', '--applyconfig', 'small', '--force-save').exit).toBe(0);
  expect(node.read(CONF)).toBe(`${CT_CONF}NUMPROC="100"\nORIGIN_SAMPLE="small"\n`);
  node.write(CONF, `${CT_CONF}NAME="web"\n`);
  expect(node.run('vzctl', 'set', '101', '--applyconfig-map', 'name', '--save')).toMatchObject({
    exit: 0,
    out: expect.stringContaining('Name web assigned'),
  });
  expect(node.run('vzctl', 'set', '101', '--applyconfig-ma', 'name')).toMatchObject({
    exit: 21,
    err: expect.stringContaining('unrecognized'),
  });
});
