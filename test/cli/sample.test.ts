// vzdeck sample: which samples there are, what one says, and one made of a container, without what is its own.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPrefix, type Prefix } from './run.ts';

let prefix: Prefix;
beforeEach(() => {
  prefix = openPrefix();
});
afterEach(() => prefix.remove());

const MINE = 'etc/vz/conf/ve-mine.conf-sample';

test('made of a container it has its limits, not its name and places', () => {
  prefix.write('etc/vz/conf/101.conf', `${prefix.read('etc/vz/conf/101.conf')}HOSTNAME="web"\nIP_ADDRESS="10.0.0.1"\nNUMPROC="60"\n`);
  expect(prefix.run('vzdeck', 'sample', 'mine', '--from', '101')).toEqual({
    exit: 0,
    out: '/etc/vz/conf/ve-mine.conf-sample is made: vzdeck create --config mine uses it\n',
    err: '',
  });
  expect(prefix.run('vzdeck', 'sample', 'mine').out).toBe('NUMPROC="60"\nPHYSPAGES="0:65536"\nSWAPPAGES="0:131072"\nCPUUNITS="1000"\n');
  expect(prefix.run('vzdeck', 'sample').out).toMatch(
    /^NAME +RAM +SWAP +NUMPROC +DISK\nmine +256 MiB +512 MiB +60 +-\nsmall +- +- +100 +-\n$/,
  );
  expect(JSON.parse(prefix.run('vzdeck', 'sample', 'mine', '--json').out)).toMatchObject({ name: 'mine', values: { NUMPROC: '60' } });
  expect(prefix.run('vzdeck', 'sample', 'mine', '--from', '101').err).toContain('exists already');
});

test('a plan makes nothing', () => {
  expect(prefix.run('vzdeck', 'sample', 'mine', '--from', '101', '--dry-run').out).toMatch(/^file +write .*ve-mine\.conf-sample/);
  expect(prefix.read(MINE)).toBeNull();
});

test.each<[string, readonly string[], number, string]>([
  ['no name', ['--from', '101'], 20, 'What is the sample to be called? vzdeck sample NAME --from CONTAINER\n'],
  ['two names', ['a', 'b'], 20, 'vzdeck sample takes one name\n'],
  ['a name that leads elsewhere', ['../x', '--from', '101'], 21, 'name of the sample'],
  ['one that is not there', ['none'], 21, 'There is no sample none: vzdeck sample lists them\n'],
  ['of a container that is not there', ['mine', '--from', '999'], 21, 'There is no container 999\n'],
])('%s', (_, words, exit, err) => {
  const ran = prefix.run('vzdeck', 'sample', ...words);
  expect({ exit: ran.exit, out: ran.out }).toEqual({ exit, out: '' });
  expect(ran.err).toContain(err);
});
