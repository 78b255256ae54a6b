// vzdeck as a program: which containers its words mean, and what it refuses.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NETFILTER_LEVELS, NETFILTER_MEANS, type NetfilterLevel } from '../../src/engine/spec/netfilter.ts';
import { CT_CONF, openPrefix, type Prefix } from './run.ts';

// Programs are started one after the other; a machine under load takes its time.
vi.setConfig({ testTimeout: 120_000 });

let node: Prefix;
beforeEach(() => {
  node = openPrefix();
});
afterEach(() => node.remove());

test('stop --all also calls off the start of a container that waits to be started after its reboots, and passes over the others', () => {
  const outcome = 'run/vzdeck/102/outcome';
  node.write('etc/vz/conf/102.conf', CT_CONF);
  node.write('vz/private/102/etc/hostname', 'two');
  node.write(outcome, JSON.stringify({ at: 1, trouble: '', lines: [], reboots: 3 }));
  const { exit, out, err } = node.run('vzdeck', 'stop', '--all', '--verbose');
  expect(exit).toBe(0);
  expect(out).toMatch(/^102 {2}The start after its reboot is called off\n102 {2}stopped in /);
  expect(`${out}${err}`).not.toMatch(/^101/m);
  expect(node.read(outcome)).toBeNull();
  expect(node.run('vzdeck', 'stop', '--all')).toEqual({ exit: 0, out: '', err: '' });
});

test('enter, exec and console are for one container: more are refused, not passed over', () => {
  node.write('etc/vz/conf/102.conf', CT_CONF);
  node.write('vz/private/102/etc/hostname', 'two');
  const refused = (verb: string, word: string) => ({
    exit: 21,
    out: '',
    err: `${verb} takes one container, and ${word} means 2 of them\n`,
  });
  expect(node.run('vzdeck', 'exec', '101-105', 'hostname')).toEqual(refused('exec', '101-105'));
  expect(node.run('vzdeck', 'enter', '*')).toEqual(refused('enter', '*'));
  expect(node.run('vzdeck', 'console', '10?')).toEqual(refused('console', '10?'));
  expect(node.run('vzdeck', 'exec', '101-101', 'hostname').exit).toBe(31);
});

test('values that nobody can mean are refused, as the form of the manager does; vzctl takes what it always took', () => {
  const set = (program: string, ...words: string[]) => node.run(program, 'set', '101', ...words, '--save');
  const refused = (text: string) => ({ exit: 21, out: '', err: `${text}\n` });
  expect(set('vzdeck', '--hostname', 'x y;rm')).toEqual(refused('--hostname x y;rm: Letters, digits and - between dots'));
  expect(set('vzdeck', '--ram', '512')).toEqual(refused('--ram 512: That is 512 bytes; did you mean 512M?'));
  expect(node.run('vzdeck', 'create', '102', '--hostname', 'a..b')).toEqual(refused('--hostname a..b: An empty part between dots'));
  expect(set('vzctl', '--hostname', 'a..b').exit).toBe(0);
});

test('each level of the packet filter says what it holds and what not, wherever one meets it; vzctl prints what the original did', () => {
  const told = (level: NetfilterLevel): string => `${level}: ${NETFILTER_MEANS[level]}`;
  for (const words of [
    ['help', 'set'],
    ['params', 'netfilter'],
  ]) {
    const { out } = node.run('vzdeck', ...words);
    for (const level of NETFILTER_LEVELS) expect(out).toContain(told(level));
  }
  const set = (program: string, level: NetfilterLevel, ...words: string[]) =>
    node.run(program, ...words, 'set', '101', '--netfilter', level, '--save');
  expect(set('vzdeck', 'stateless')).toMatchObject({ exit: 0, err: `101  NETFILTER ${told('stateless')}\n` });
  expect(set('vzdeck', 'stateless')).toMatchObject({ exit: 0, err: '' });
  const saved = 'CT configuration saved to /etc/vz/conf/101.conf\n';
  expect(set('vzctl', 'stateful')).toEqual({ exit: 0, out: saved, err: '' });
  expect(set('vzctl', 'disabled', '--verbose')).toEqual({ exit: 0, out: `NETFILTER ${told('disabled')}\n${saved}`, err: '' });
});

test('help of a verb that is none says so', () => {
  const refused = { exit: 20, out: '', err: 'vzdeck knows no verb nothere: vzdeck help lists them\n' };
  expect(node.run('vzdeck', 'help', 'nothere')).toEqual(refused);
  expect(node.run('vzdeck', 'nothere', '--help')).toEqual(refused);
  expect(node.run('vzdeck', 'help', 'exec').out).toMatch(/^Usage: vzdeck exec CONTAINER COMMAND/);
  expect(node.run('vzdeck', 'help', 'list').out).toMatch(/^Usage: vzdeck /);
});

test.each(['205-201', '1-99999999', '0-3'])('%s is told to be no range', (word) => {
  const err = `${word} is no range: it goes up, from 1 on, and has 10,000 ids at most\n`;
  for (const verb of ['start', 'create', 'exec'])
    expect(node.run('vzdeck', verb, word, ...(verb === 'exec' ? ['true'] : [])).err).toBe(err);
});

test('a container that has never been started goes without a word about its mount point', () => {
  node.drop('vz/root/101');
  node.write('vz/private/101/etc/hostname', 'one');
  const { exit, out, err } = node.run('vzdeck', 'destroy', '101');
  expect({ exit, err }).toEqual({ exit: 0, err: '' });
  expect(out).toMatch(/^101 {2}destroyed in [\d.]+ s\n$/);
});

test('ps and log say what they want: nothing runs, one container, a number of lines', () => {
  node.write('vz/private/101/etc/hostname', 'one');
  expect(node.run('vzdeck', 'ps')).toMatchObject({ exit: 0, out: 'No processes: none of these containers runs\n' });
  expect(node.run('vzdeck', 'ps', '--json')).toMatchObject({ exit: 0, out: '[]\n' });
  const empty = 'An empty word names no container: it takes a CTID, a name or a range\n';
  expect(node.run('vzdeck', 'ubc', '')).toMatchObject({ exit: 21, out: '', err: empty });
  expect(node.run('vzdeck', 'log')).toMatchObject({ exit: 21, err: 'Which container? vzdeck log takes one\n' });
  expect(node.run('vzdeck', 'log', '-n', 'x', '101')).toMatchObject({ exit: 20 });
  const stopped = node.run('vzdeck', 'log', '101');
  expect(stopped).toMatchObject({ exit: 31, out: '' });
  expect(stopped.err).toContain('vzdeck log 101 --console');
  expect(node.run('vzdeck', 'log', '101', '--console')).toMatchObject({ exit: 0, out: '' });
  for (const verb of ['freeze', 'thaw']) expect(node.run('vzdeck', verb, '101')).toMatchObject({ exit: 31 });
});

test('the service of the node is told, shown and planned; nothing of it is done by looking', () => {
  const told = node.run('vzdeck', 'node', 'status');
  expect(told).toMatchObject({
    exit: 3,
    out: expect.stringMatching(/^vz-[0-9a-f]{8}\.service is not installed \(\/etc\/systemd\/system\//),
  });
  const unit = told.out.split(' ')[0] ?? '';
  expect(JSON.parse(node.run('vzdeck', '--json', 'node', 'status').out)).toEqual({
    unit,
    file: `/etc/systemd/system/${unit}`,
    installed: false,
    current: false,
  });
  const { out } = node.run('vzdeck', 'node', 'show');
  expect(out).toMatch(/^\[Unit\]\n/);
  expect(out).toMatch(/\nExecStartPost=-:.*"node" "start"\nExecStop=:.*"node" "stop"\n/);
  expect(node.run('vzdeck', 'node', 'install', '--dry-run').out).toContain(out);
  expect(node.run('vzdeck', 'node', 'start')).toEqual({ exit: 0, out: '', err: '' });
  expect(node.run('vzdeck', 'node', 'stop')).toEqual({ exit: 0, out: '', err: '' });
  expect(node.run('vzdeck', 'node', 'dance')).toMatchObject({ exit: 20, err: expect.stringContaining('takes one of') });
});

test('passwords and scripts that cannot be are refused with the codes of the original, and without the password', () => {
  for (const [given, code] of [
    ['root', 74],
    ['root:', 74],
    [':secret', 74],
    ['no such name:secret', 74],
  ] as const) {
    const { exit, err, out } = node.run('vzctl', 'set', '101', '--userpasswd', given);
    expect([given, exit]).toEqual([given, code]);
    expect(`${err}${out}`).not.toContain('secret');
  }
  expect(node.run('vzctl', 'runscript', '101', '/no/such/script')).toMatchObject({ exit: 11, err: 'Script not found: /no/such/script\n' });
});

test('whatever looks at a container refuses one that there is not; who knows one that does not run', () => {
  for (const words of [
    ['ps', '999'],
    ['list', '101', '999'],
    ['log', '999'],
    ['diff', '999'],
    ['who', '999', 'numproc'],
    ['why', '999'],
    ['ubc', '999'],
    ['why', '--json', '999'],
  ]) {
    const { exit, out, err } = node.run('vzdeck', ...words);
    expect([words, exit, `${out}${err}`]).toEqual([words, 21, expect.stringContaining('There is no container 999')]);
  }
  expect(node.run('vzdeck', 'who', '101', 'numproc')).toEqual({
    exit: 0,
    out: '101: numproc, nobody found\n  (It has no processes)\n',
    err: '',
  });
});

test('who has each row of an account: what files hold is said, what is no beancounter is refused', () => {
  const { rows } = JSON.parse(node.run('vzdeck', 'ubc', '101', '--json').out)[0] as { rows: { name: string }[] };
  const names = rows.map(({ name }) => name);
  expect(names).toContain('diskspace');
  expect(node.run('vzdeck', 'who', '101', ...names)).toMatchObject({ exit: 0, err: '' });
  expect(node.run('vzdeck', 'who', '101', 'DISKSPACE').out).toMatch(
    /^101: diskspace, nobody found\n.*Files hold it, not processes: du -xk /s,
  );
  expect(node.run('vzdeck', 'who', '101', 'nonsense')).toMatchObject({
    exit: 20,
    err: 'nonsense is no beancounter: vzdeck params lists them\n',
  });
});

test('the journal tells what a changed value was before, as far as a line has room', () => {
  node.run('vzctl', 'set', '101', '--numproc', '120', '--description', 'x'.repeat(60), '--save');
  node.run('vzctl', 'set', '101', '--numproc', '60', '--description', 'y', '--save');
  const lines = node.run('vzdeck', 'journal', '101').out.trim().split('\n').slice(-2);
  expect(lines[0]).toMatch(/ --save \((DESCRIPTION was not set, NUMPROC was not set|NUMPROC was not set, DESCRIPTION was not set)\)$/);
  expect(lines[1]).toMatch(/ --save \(NUMPROC was 120 and 1 more\)$/);
});
