// The small programs as programs, on a node whose /proc stands in the prefix: what they print, refuse and change.
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { spawn } from 'node-pty';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TOOLS } from '../../src/cli/tools.ts';
import { MAIN, NODE, openPrefix, type Prefix, type Ran } from './run.ts';

const NAMES = Object.keys(TOOLS);

test.each(NAMES)('%s is a link in bin/, known to npm, and says how it is used', async (name) => {
  expect(lstatSync(new URL(`../../bin/${name}`, import.meta.url)).isSymbolicLink()).toBe(true);
  expect(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).bin[name]).toBe(`bin/${name}`);
  const tool = await TOOLS[name]?.();
  expect(tool?.name).toBe(name);
  expect(tool?.usage).toMatch(new RegExp(`^Usage: ${name} `));
});

const HEAD = `Version: 2.5
       uid  resource                     held              maxheld              barrier                limit              failcnt
`;
const RESOURCES = `${HEAD}      101:  kmemsize                  1000000              2000000             10000000             11000000                    0
            privvmpages                 59095                69400                65536                69632                    7
            physpages                   23100                30100                    0                65536                    2
            oomguarpages                23100                30100                26112  9223372036854775807                    0
            vmguarpages                     0                    0                33792  9223372036854775807                    0
            numproc                        45                   60                  240                  240                    0
            swappages                      10                   20                    0               131072                    0
      777:  numproc                       100                  100                  120                  120                    0
`;
const MEMINFO = 'MemTotal:        4000000 kB\nSwapTotal:       2000000 kB\n';

let prefix: Prefix;
const run = (program: string, ...args: string[]): Ran => prefix.runByProc(program, ...args);

function makeNode(): void {
  prefix.write('proc/bc/resources', RESOURCES);
  prefix.write('proc/meminfo', MEMINFO);
  prefix.write('proc/vz/veinfo', '       101     2    45      10.0.0.101\n         0     2   100\n');
  prefix.write(
    'proc/fairsched',
    'Version: 2.6 debug\n      veid       id     parent weight  rate\n         0 2147483647     0    500     0\n         0        101     0    250   512\n        5        999     0    250   512\n',
  );
  prefix.write('proc/cpuinfo', 'processor\t: 0\nbogomips\t: 100.00\n\nprocessor\t: 1\nBogoMIPS\t: 20.00\n');
  prefix.write('proc/sys/kernel/threads-max', '1000\n');
  prefix.write('proc/4242/status', 'Name:\tsshd \x1b[2J\nenvID:\t101\nVPid:\t321\n');
}

beforeAll(() => {
  prefix = openPrefix();
  makeNode();
});
afterAll(() => prefix.remove());

describe('vzubc', () => {
  test('with changes since the last run, which are kept below the prefix', () => {
    const first = run('vzubc', '-i', '-rd', '/vz/seen', '101');
    expect(first).toMatchObject({ exit: 0, err: '' });
    expect(first.out).toContain('      numproc|  45    +45    18%   18%|');
    prefix.write('proc/bc/resources', RESOURCES.replace('  45  ', '  40  ').replace('                    7\n', '                   10\n'));
    const second = run('vzubc', '-i', '-rd', '/vz/seen', '101');
    expect(second.out).toContain('CT 101       | HELD  +/-    Bar%  Lim%| MAXH  Bar%  Lim%| BAR | LIM |+FAIL');
    expect(second.out).toContain('      numproc|  40     -5    16%   16%|  60    25%   25%| 240 | 240 |    - ');
    expect(second.out).toContain('  privvmpages| 230M          90%   84%| 271M  105%   99%| 256M| 272M|    3 ');
    expect(prefix.read('vz/seen/ubc.101.numproc.held')).toBe('40\n');
    const forgotten = run('vzubc', '-rc', '-rd', '/vz/seen', '101');
    expect(forgotten.out).toContain('| 256M| 272M|   10 ');
    prefix.write('proc/bc/resources', RESOURCES);
  });

  test('a name is looked up; one that is none, a file that is not there, garbage', () => {
    prefix.link('etc/vz/names/web', `${prefix.root}/etc/vz/conf/101.conf`);
    prefix.write('etc/vz/conf/101.conf', `${prefix.read('etc/vz/conf/101.conf')}NAME="web"\n`);
    expect(run('vzubc', 'web').out).toContain('CT 101 ');
    expect(run('vzubc', 'nobody')).toEqual({ exit: 1, out: '', err: 'CT ID nobody is invalid.\n' });
    expect(run('vzubc', '999')).toEqual({ exit: 0, out: '', err: '' });
    expect(run('vzubc', '-f', '/nowhere')).toEqual({ exit: 1, out: '', err: 'Unable to read /nowhere: No such file or directory\n' });
    prefix.write('garbage', '\0\xff101: numproc \x1b]0;x\x07 1 2 3 4\n'.repeat(50));
    expect(run('vzubc', '-f', `${prefix.root}/garbage`)).toEqual({ exit: 0, out: '', err: '' });
    expect(run('vzubc', '-r', '-f', `${prefix.root}/rows`).exit).toBe(1);
  });

  test('rows without an id belong to nobody that could be compared', () => {
    prefix.write(
      'rows',
      '            numproc                        45                   60                  240                  240                    0\n',
    );
    expect(run('vzubc', '-f', `${prefix.root}/rows`).out).toContain('      numproc|  45 ');
    expect(run('vzubc', '-r', '-f', `${prefix.root}/rows`)).toEqual({
      exit: 1,
      out: '',
      err: 'Error: can not use relative/incremental modes: BCID is unknown\n',
    });
  });
});

test('vzmemcheck takes only what runs', () => {
  expect(run('vzmemcheck', '-v').out).toBe(`Output values in %
CTID        LowMem  LowMem     RAM MemSwap MemSwap   Alloc   Alloc   Alloc
              util  commit    util    util  commit    util  commit   limit
101           0.06    0.67    2.33    1.56    1.92    3.96    2.43    4.82
--------------------------------------------------------------------------
Summary:      0.06    0.67    2.33    1.56    1.92    3.96    2.43    4.82
`);
});

test('people at a terminal are told where containers of RAM and swap are added up; programs are not', async () => {
  const onTerminal = async (...words: string[]): Promise<string> => {
    const env = { ...(process.env as Record<string, string>), VZDECK_ROOT: prefix.root, VZDECK_PROC: `${prefix.root}/proc` };
    const pty = spawn(NODE, [MAIN, ...words], { cols: 200, rows: 24, env });
    let seen = '';
    pty.onData((text) => {
      seen += text;
    });
    await new Promise((resolve) => pty.onExit(resolve));
    return seen;
  };
  const { err } = run('vzcalc', '101');
  expect(err).toMatch(/^Error: parameter NUMPROC not found\n/);
  expect(err).not.toContain('vzdeck');
  expect(await onTerminal('vzcalc', '101')).toContain('vzdeck node view');
  prefix.write('proc/bc/resources', RESOURCES.replace('             11000000 ', '  9223372036854775807 '));
  expect(run('vzmemcheck')).toMatchObject({ exit: 0, err: '' });
  expect(await onTerminal('vzmemcheck')).toContain('vzdeck node view');
  prefix.write('proc/bc/resources', RESOURCES);
});

test('vzoversell says f where only RAM was refused', () => {
  const { out } = run('vzoversell');
  expect(out).toContain('       101 90.2M  117M  256M    2     40K   80K  512M    -   F\n');
  expect(out).toContain('RAM+Swap   available: 5.72G  allocated:  768M  oversell: 13%\n');
  expect(out).not.toContain('777');
});

test('vzcpucheck warns of more units than the CPUs are worth', () => {
  expect(run('vzcpucheck', '-v')).toEqual({
    exit: 0,
    out: 'VEID\t\tCPUUNITS\n-------------------------\n0\t\t1000\n101\t\t2000\nCurrent CPU utilization: 3000\nPower of the node: 3000\n',
    err: '',
  });
  prefix.write('proc/cpuinfo', 'bogomips\t: 100.00\n');
  expect(run('vzcpucheck').out).toContain('Warning: hardware node is overcommitted\n');
});

test('vzpid: what is no pid is passed over, and no name steers the terminal', () => {
  expect(run('vzpid', '-p', '4242', 'x', '1e3', '-1')).toEqual({
    exit: 1,
    out: 'Pid\tCT/Pid\tCTID\tName\n4242\t321\t101\tsshd [2J\n',
    err: '',
  });
  expect(run('vzpid', '-i', 'nobody', '1')).toEqual({ exit: 1, out: '', err: 'CT ID nobody is invalid.\n' });
});

describe('vzsplit and vzcfgvalidate', () => {
  test('a sample of either kind is written once and accepted', () => {
    for (const vswap of ['yes', 'no']) {
      expect(run('vzsplit', '-n', '7', '-v', vswap, '-f', `seven-${vswap}`)).toEqual({
        exit: 0,
        out: '',
        err: expect.stringContaining(`Config /etc/vz/conf/ve-seven-${vswap}.conf-sample was created\n`),
      });
      expect(run('vzcfgvalidate', `${prefix.root}/etc/vz/conf/ve-seven-${vswap}.conf-sample`)).toEqual({
        exit: 0,
        out: '',
        err: 'Validation completed: success\n',
      });
    }
    expect(run('vzsplit', '-n', '7', '-f', 'seven-yes').err).toBe('File /etc/vz/conf/ve-seven-yes.conf-sample already exist\n');
    expect(run('vzsplit', '-n', '7', '-f', '../../escape').exit).toBe(1);
    expect(existsSync(`${prefix.root}/etc/escape.conf-sample`)).toBe(false);
  });

  test('what is wrong stays as it is without -r; a file that is not there, a directory', () => {
    const file = 'etc/vz/conf/105.conf';
    const text = 'PHYSPAGES="5:65536"\nSWAPPAGES="0:9999999"\n# mine\nOTHER=kept\n';
    prefix.write(file, text);
    const path = `${prefix.root}/${file}`;
    const err = 'Error: physpages.bar should be = 0 (currently, 5)\nWarning: swappages.lim should be <= 500000 (currently, 9999999)\n';
    expect(run('vzcfgvalidate', path)).toEqual({ exit: 2, out: '', err });
    expect(prefix.read(file)).toBe(text);
    const both = run('vzcfgvalidate', '-r', '-i', path);
    expect(both).toMatchObject({ exit: 1, out: '' });
    expect(both.err).toMatch(/^-r mends without asking, -i asks: give one of them\nUsage: /);
    expect(prefix.read(file)).toBe(text);
    expect(run('vzcfgvalidate', '-r', path).exit).toBe(0);
    expect(prefix.read(file)).toBe('PHYSPAGES="0:65536"\nSWAPPAGES="0:500000"\n# mine\nOTHER=kept\n');
    expect(run('vzcfgvalidate', '/nowhere')).toEqual({ exit: 1, out: '', err: 'Container configuration file /nowhere not found\n' });
    expect(run('vzcfgvalidate', prefix.root).exit).toBe(1);
  });
});

describe('vzcfgscale', () => {
  const file = 'etc/vz/conf/106.conf';
  beforeEach(() =>
    prefix.write(
      file,
      '# big\nNUMPROC="240"\nVMGUARPAGES="100:unlimited"\nCPUUNITS="1000"\nDISKSPACE="100:200"\nHOSTNAME="web"\nRATE="eth0:1:100"\n',
    ),
  );

  test('prints the config times a factor, without what is one container’s own', () => {
    expect(run('vzcfgscale', '-a', '1.5', '-r', `${prefix.root}/${file}`)).toEqual({
      exit: 0,
      out: '# big\nNUMPROC="360"\nVMGUARPAGES="150:unlimited"\nCPUUNITS="1500"\nDISKSPACE="150:300"\nRATE="eth0:1:150"\n',
      err: 'Scale completed: success\n',
    });
  });

  test('into a file, whose text before is kept', () => {
    prefix.write('out', 'old\n');
    expect(run('vzcfgscale', '--cpu-only', '2', '-o', `${prefix.root}/out`, `${prefix.root}/${file}`).exit).toBe(0);
    expect(prefix.read('out')).toContain('NUMPROC="240"\nVMGUARPAGES="100:unlimited"\nCPUUNITS="2000"');
    expect(prefix.read('out.bak')).toBe('old\n');
  });

  test.each([
    [['-a', 'much'], 'Bad parameter much\n'],
    [['-a', '-1'], 'Bad parameter -1\n'],
    [['-c', '0'], 'Bad parameter 0\n'],
  ])('%o', (args, err) => expect(run('vzcfgscale', ...args, 'x')).toEqual({ exit: 1, out: '', err }));
});

describe('on a kernel of OpenVZ', () => {
  test('vzlist and vzctl status tell what its /proc tells; a counter sorts whether or not it is shown', () => {
    prefix.write(
      'proc/vz/vzquota',
      '      qid: path                       usage      softlimit      hardlimit\n      101: /vz/private/101\n  1k-blocks          512000        2097152        2306867\n',
    );
    expect(run('vzlist', '-H', '-o', 'ctid,status,numproc,privvmpages.f,privvmpages.l,ip,cpuunits').out).toBe(
      '       101 running           45          7      69632 10.0.0.101         2000\n',
    );
    prefix.write('etc/vz/conf/108.conf', 'VE_ROOT="/vz/root/$VEID"\nVE_PRIVATE="/vz/private/$VEID"\n');
    prefix.write('vz/private/108/there', '');
    expect(run('vzlist', '-aHo', 'ctid', '-s', '-numproc').out).toBe('       101\n       108\n');
    expect(run('vzlist', '-aSHo', 'ctid').out).toBe('       108\n');
    expect(run('vzctl', 'status', '101').out).toBe('CTID 101 exist unmounted running\n');
  });

  test('no verb acts by it', () => {
    expect(run('vzctl', 'stop', '101')).toEqual({ exit: 0, out: '', err: 'Unable to stop: container is not running\n' });
  });
});

test('vzcalc of a container that does not run', () => {
  const values =
    'NUMPROC="240"\nVMGUARPAGES="33792:unlimited"\nKMEMSIZE="10000000"\nTCPSNDBUF="0"\nTCPRCVBUF="0"\nOTHERSOCKBUF="0"\nDGRAMRCVBUF="0"\nPRIVVMPAGES="65536:69632"\n';
  prefix.write('etc/vz/conf/107.conf', values);
  expect(run('vzcalc', '-v', '107').out).toBe(`Resource     Current(%)  Promised(%)  Max(%)
Low Mem           n/a       0.61       0.61
Total RAM         n/a        n/a        n/a 
Mem + Swap        n/a       0.16        n/a
Alloc. Mem        n/a       2.42       4.80
Num. Proc         n/a        n/a      24.00
--------------------------------------------
Memory            n/a       2.42      24.00
`);
});
