// vzctl set on a running container, as its scripts know it: what is told, in which order, with which exit status; and where vzdeck is stricter.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { programs, type Ran } from '../../cli/run.ts';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';
import { controlText } from './control-file.ts';

const UBC = 'UB limits were set successfully\n';
const LOST = 'WARNING: Settings were not saved to config and will be lost after CT restart (use --save flag)\n';
const NOT_APPLIED =
  'WARNING: Some of the parameters could not be applied to a running container.\n\tPlease consider using --setmode option\n';
const NOT_SAVED = 'Error: failed to apply some parameters, not saving configuration file!\n';

requires(
  'root',
  'launcher',
  'busybox',
)('vzctl set of a running container', () => {
  let lab: Lab;
  let conf: string;
  let saved: string;
  beforeAll(async () => {
    lab = openLab();
    await lab.born(101);
    conf = `${lab.root}/etc/vz/conf/101.conf`;
    saved = 'CT configuration saved to /etc/vz/conf/101.conf\n';
  });
  afterAll(() => lab.down());
  const limit = (): string | null => controlText(lab, 101, ['pids'], { 1: 'pids.max', 2: 'pids.max' });
  beforeEach(() => lab.engine.set(101, { NUMPROC: '200' }, { save: false }));

  const call = (program: string, line: string): Ran => programs(lab.root)(program, ['set', '101', ...line.split(' ')]);

  test.each([
    ['--onboot yes', UBC + LOST],
    ['--numproc 60 --cpuunits 500', `${UBC}Setting CPU units: 500\n${LOST}`],
    ['--cpulimit 25 --cpuunits 700 --cpus 1', `${UBC}Setting CPU limit: 25\nSetting CPU units: 700\nSetting CPUs: 1\n${LOST}`],
    ['--reset_ub', UBC],
  ])('%s', (line, out) => {
    expect(call('vzctl', line)).toEqual({ exit: 0, out, err: '' });
  });

  test('--save comes last', () => {
    expect(call('vzctl', '--cpuunits 900 --save')).toEqual({ exit: 0, out: `${UBC}Setting CPU units: 900\n${saved}`, err: '' });
    expect(readFileSync(conf, 'utf8')).toContain('CPUUNITS="900"\n');
  });

  test('what needs a restart is told and saved, and the rest acts', () => {
    expect(call('vzctl', '--quotaugidlimit 5 --numproc 61')).toEqual({
      exit: 0,
      out: UBC + LOST,
      err: `Unable to turn on second-level disk quota on a running container\n${NOT_APPLIED}`,
    });
    expect(limit()).toBe('61');
  });

  test.each([
    ['--profile strict', 'Unable to set the profile of capabilities of a running container'],
    ['--proc /proc/loadavg:hide', 'Unable to hide or show entries of /proc of a running container'],
  ])('%s does not look as if it held', (line, why) => {
    expect(call('vzctl', line)).toEqual({ exit: 0, out: UBC + LOST, err: `${why}\n${NOT_APPLIED}` });
  });

  test('a restart that its config would not let begin stops nothing', () => {
    expect(call('vzctl', '--disabled yes --save').exit).toBe(0);
    const init = lab.engine.find('101')?.init;
    expect(programs(lab.root)('vzctl', ['restart', '101'])).toEqual({
      exit: 105,
      out: 'Restarting container\n',
      err: 'Container start disabled\n',
    });
    expect(lab.engine.find('101')).toMatchObject({ state: 'running', init });
    expect(call('vzctl', '--disabled no --save').exit).toBe(0);
  });

  test('--setmode ignore refuses it all', () => {
    const before = readFileSync(conf, 'utf8');
    expect(call('vzctl', '--quotaugidlimit 5 --numproc 62 --setmode ignore --save')).toEqual({
      exit: 32,
      out: '',
      err: `Unable to turn on second-level disk quota on a running container\n${NOT_SAVED}`,
    });
    expect([limit(), readFileSync(conf, 'utf8')]).toEqual(['200', before]);
  });

  test.each([
    ['--private /x --save', 32, `Unable to change VE_PRIVATE on a running container\n${NOT_SAVED}`],
    ['--reset_ub --numproc 5', 20, 'Error: option --reset_ub is exclusive\n'],
    ['--nodemask 0', 20, 'Error: option --nodemask requires --cpumask\n'],
    ['--cpumask auto', 20, 'Error: --cpumask auto requires --nodemask\n'],
  ])('%s is refused, and nothing acts', (line, exit, err) => {
    expect(call('vzctl', line)).toEqual({ exit, out: '', err });
    expect(limit()).toBe('200');
  });

  test('a refusal of the kernel saves nothing, and gives a name back', () => {
    const before = readFileSync(conf, 'utf8');
    const { exit, err } = call('vzctl', '--name web --numproc 63 --ram 4k --save');
    expect([exit, err]).toEqual([1, expect.stringMatching(/Unable to set physpages 0:1: .*\n.*not saving configuration file!\n$/s)]);
    expect([limit(), readFileSync(conf, 'utf8'), lab.engine.idOf('web')]).toEqual(['200', before, null]);
  });

  test('vzdeck does not do half of what was asked, unless it is told to', () => {
    const line = '--quotaugidlimit 5 --numproc 64 --save';
    const refused = call('vzdeck', line);
    expect([refused.exit, `${refused.out}${refused.err}`]).toEqual([
      20,
      expect.stringContaining('NUMPROC can act now, QUOTAUGIDLIMIT only after a restart'),
    ]);
    expect(limit()).toBe('200');
    expect(call('vzdeck', `${line} --partial`).exit).toBe(0);
    expect(limit()).toBe('64');
    expect(readFileSync(conf, 'utf8')).toContain('QUOTAUGIDLIMIT="5"\n');
  });
});
