// What the programs say of the beancounters of a container that really runs: limits, what was refused and how much lately, both kinds of pids.
import { type IPty, spawn } from 'node-pty';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { MAIN, NODE, programs, type Ran } from '../../cli/run.ts';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';
import { calm, stormOf } from '../storm.ts';
import { until } from '../until.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const suite = requires('root', 'launcher');

suite('beancounters on the command line', () => {
  let lab: Lab;
  let run: (program: string, ...args: string[]) => Ran;
  const numproc = (): number => lab.engine.ubc([101])[0]?.rows.find(({ name }) => name === 'numproc')?.held ?? 0;
  /** As many processes as there is no room for, when those of the one before are over. */
  const storm = async (): Promise<void> => {
    await until(() => numproc() < 12);
    await lab.inside(101, stormOf(30));
    await calm(lab, 101);
  };

  beforeAll(async () => {
    lab = openLab();
    const call = programs(lab.root);
    run = (program, ...args) => call(program, args);
    await lab.born(101, { NUMPROC: '24', NUMPTY: '9' });
    await lab.born(102);
    await storm();
  });
  afterAll(() => lab.down());

  test('vzubc has the kernel’s limits, and -q only what was refused', () => {
    const { out, err, exit } = run('vzubc', '101');
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(out).toMatch(/^ {6}numproc\|.*\| {2}24 +100% +100%\| {2}24 \| {2}24 \| +[1-9]\d* $/m);
    expect(out).toMatch(/^ {7}numpty\|.*\| {3}9 \| {3}9 \|/m);
    const quiet = run('vzubc', '-q').out;
    expect(quiet).toContain('CT 101 ');
    expect(quiet).not.toContain('CT 102 ');
  });

  test('vzdeck ubc tells it with source and who holds it to it, as a table and as JSON', () => {
    expect(run('vzdeck', 'ubc', '101').out).toMatch(/^numproc +\d+ +24 +24 +24 +[1-9]\d* +kernel +pids\.current$/m);
    const [account, ...more] = JSON.parse(run('vzdeck', 'ubc', '--failing', '--json').out);
    expect(more).toEqual([]);
    expect(account).toMatchObject({
      id: 101,
      running: true,
      rows: [{ name: 'numproc', unit: 'items', barrier: 24, limit: 24, grown: null }],
    });
    expect(run('vzdeck', 'ubc', '102', '--failing').out).toBe('Nothing was refused, and nothing is near its limit\n');
    expect(run('vzdeck', 'ubc', '999')).toMatchObject({ exit: 21, err: 'There is no container 999\n' });
  });

  test('--since knows what was counted since then, and says so where nobody looked', async () => {
    expect(run('vzdeck', 'ubc', '101', '--failing', '--since', '1h').out).toMatch(/^numproc .* \+[1-9]\d* +kernel/m);
    const [{ since } = { since: 0 }] = lab.engine.ubc([101]);
    await until(() => Date.now() - since > 1000);
    const { rows } = JSON.parse(run('vzdeck', 'ubc', '101', '--since', '1s', '--json').out)[0];
    expect(rows.find((row: { name: string }) => row.name === 'numproc').grown).toBeNull();
    expect(run('vzdeck', 'ubc', '101', '--since', '1s').out).toContain('? Nobody looked then');
    expect(run('vzdeck', 'ubc', '--since', 'ever')).toMatchObject({ exit: 20, err: 'ever is no time: 30s, 10m, 6h or 7d\n' });
  });

  test('--watch shows what grows while one looks, and Ctrl-C ends it', async () => {
    let seen = '';
    const env = { ...(process.env as Record<string, string>), VZDECK_ROOT: lab.root, TERM: 'xterm' };
    const pty: IPty = spawn(NODE, [MAIN, 'vzdeck', 'ubc', '101', '--watch'], { cols: 120, rows: 40, env });
    pty.onData((text) => {
      seen += text;
    });
    const ended = new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)));
    await expect.poll(() => seen).toContain('numproc');
    await storm();
    await expect.poll(() => seen).toMatch(/\x1b\[1;7mnumproc .* \+[1-9]\d* +kernel/);
    pty.write('\x03');
    expect(await ended).toBe(0);
    expect(seen.slice(seen.lastIndexOf('\x1b[?7h'))).toBe('\x1b[?7h\x1b[?25h\x1b[?1049l');
  });

  test('vzpid finds a process from either side', async () => {
    const init = lab.engine.find('101')?.init?.pid ?? 0;
    expect(run('vzpid', '-p', String(init), String(process.pid)).out).toMatch(
      new RegExp(`^Pid\tCT/Pid\tCTID\tName\n${init}\t1\t101\t.+\n${process.pid}\t${process.pid}\t0\t`),
    );
    expect(run('vzpid', '-i', '101', '1').out).toMatch(new RegExp(`^Pid\tCTID\tName\n${init}\t101\t`));
    expect(run('vzpid', '-i', '102', '30000')).toEqual({ exit: 1, out: 'Pid\tCTID\tName\n', err: '' });
  });

  test('vzdeck node: what both hold and may take, against what the node has', () => {
    const { out } = run('vzdeck', 'node');
    expect(out).toMatch(/^2 containers run\n\n +HELD +PROMISED +LIMITS +NODE HAS +SOLD\nRAM +[\d.]+ [KM]iB +- +512 MiB +/);
    const { running, promises } = JSON.parse(run('vzdeck', 'node', 'view', '--json').out);
    expect(running).toBe(2);
    expect(promises.find((one: { name: string }) => one.name === 'cpu')).toMatchObject({ promised: 3000, held: null });
    expect(run('vzdeck', 'node', 'nonsense').exit).toBe(20);
  });

  test('the node’s own: CPU shares of what runs, memory of what runs', () => {
    expect(run('vzcpucheck', '-v').out).toMatch(
      /^VEID\t\tCPUUNITS\n-+\n0\t\t1000\n101\t\t1000\n102\t\t1000\nCurrent CPU utilization: 3000\n/,
    );
    expect(run('vzmemcheck', '-v').out).toMatch(/^101 .*\n102 .*\n-+\nSummary: /m);
    expect(run('vzoversell').out).toMatch(/^ {7}101 .*\n {7}102 /m);
  });
});
