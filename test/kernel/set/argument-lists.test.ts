// A password on the command line: who reads argument lists as fast as it can sees it in the shell that starts us and in nothing else, and
// nothing of it stays anywhere.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOME, type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';

const SECRET = `pw-${process.pid}-qwertz`;

/** Says of each process in whose argument list it finds the words: what is executed there. Its own words come over standard input. */
const SPY = `
const fs = require('node:fs');
const wanted = fs.readFileSync(0, 'latin1');
const seen = new Set();
process.stdout.write('on\\n');
let ended = false;
process.on('SIGTERM', () => { ended = true; });
(function look() {
  for (let i = 0; i < 20; i++)
    for (const pid of fs.readdirSync('/proc')) {
      if (!/^\\d+$/.test(pid)) continue;
      try {
        const words = fs.readFileSync('/proc/' + pid + '/cmdline', 'latin1');
        if (words.includes(wanted)) seen.add(fs.readlinkSync('/proc/' + pid + '/exe').replace(/.*\\//, '') + ' ' + words.split('\\0')[0].replace(/.*\\//, ''));
      } catch {}
    }
  if (ended) process.stdout.write([...seen].join('\\n')), process.exit(0);
  setImmediate(look);
})();
`;

requires(
  'root',
  'launcher',
  'busybox',
)('a password on the command line', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = openLab();
    await lab.born(101);
  });
  afterAll(() => lab.down());

  const env = (): NodeJS.ProcessEnv => ({ ...process.env, VZDECK_ROOT: lab.root });
  const call = async (words: readonly string[], input = ''): Promise<{ code: number; err: string }> => {
    const child = spawn(`${HOME}/bin/vzctl`, words, { env: env(), stdio: ['pipe', 'ignore', 'pipe'] });
    child.stdin.end(input);
    let err = '';
    child.stderr.on('data', (text: Buffer) => {
      err += text.toString();
    });
    const [code] = (await once(child, 'close')) as [number];
    return { code, err };
  };
  const fits = async (user: string, password: string): Promise<boolean> => {
    const { out } = await lab.inside(101, `grep ^${user}: /etc/shadow`);
    const hash = out.split(':')[1] ?? '';
    const made = spawnSync('perl', ['-e', 'chomp(my $p = <STDIN>); print crypt($p, $ARGV[0])', hash], { input: `${password}\n` });
    return hash !== '' && made.stdout.toString() === hash;
  };

  test('is in the argument list of no process but the shell that starts us', async () => {
    const spy: ChildProcess = spawn(process.execPath, ['-e', SPY], { stdio: ['pipe', 'pipe', 'inherit'] });
    let seen = '';
    spy.stdout?.on('data', (text: Buffer) => {
      seen += text.toString();
    });
    spy.stdin?.end(SECRET);
    while (seen === '') await once(spy.stdout!, 'data');
    // whose list the spy must find, or it is no proof that it finds no other one
    const known = spawn('sh', ['-c', 'read end', 'sh', SECRET], { stdio: ['pipe', 'ignore', 'ignore'] });
    for (const words of [
      ['set', '101', '--userpasswd', `root:${SECRET}`],
      ['--verbose', 'set', '101', `--userp=root:${SECRET}`],
    ])
      expect(await call(words)).toMatchObject({ code: 0 });
    spy.kill('SIGTERM');
    await once(spy, 'close');
    known.stdin.end('\n');
    await once(known, 'close');
    expect(seen).toMatch(/^\w+ sh$/m);
    expect(await fits('root', SECRET)).toBe(true);
    const others = seen
      .split('\n')
      .slice(1)
      .filter((line) => line !== '' && !/^(dash|bash|busybox) (sh|vzctl)$/.test(line));
    expect(others).toEqual([]);
  });

  test.each(['two words', `it's "$HOME" \\ `, 'a:b=c', '$(reboot)', 'END'])('is taken as it was typed: %s', async (password) => {
    expect(await call(['set', '101', '--userpasswd', `root:${password}`])).toEqual({ code: 0, err: '' });
    expect(await fits('root', password)).toBe(true);
  });

  test('with - it is a line of standard input, one for each', async () => {
    expect(await call(['set', '101', '--userpasswd', 'root:-', '--userpasswd=user:-'], 'first one\nsecond\n')).toEqual({
      code: 0,
      err: '',
    });
    expect([await fits('root', 'first one'), await fits('user', 'second')]).toEqual([true, true]);
  });

  test('none at the end of the input is refused as the original refuses an empty one', async () => {
    expect((await call(['set', '101', '--userpasswd', 'root:-'])).code).toBe(74);
  });

  test('a program inside keeps its own words', async () => {
    const { out } = await lab.inside(101, 'echo set --userpasswd a:b');
    expect(out).toBe('set --userpasswd a:b\n');
    const file = spawnSync(`${HOME}/bin/vzctl`, ['exec', '101', 'echo', 'set', '--userpasswd', 'a:b'], { env: env() });
    expect(file.stdout.toString()).toBe('set --userpasswd a:b\n');
  });

  test('stays in no file of the node’s: config, journal, lock, log, record', () => {
    const { stdout } = spawnSync('grep', ['-rlF', SECRET, '--exclude-dir=proc', lab.root]);
    expect(stdout.toString()).toBe('');
  });
});
