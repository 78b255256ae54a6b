// vzctl console on a real terminal: what comes through, what is left of it afterwards, and how one leaves.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IPty, spawn } from 'node-pty';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { MAIN, NODE } from '../../cli/run.ts';
import { requires } from '../requires.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const suite = requires('root', 'launcher');

suite('a console', () => {
  let root: string;
  let pty: IPty;
  let seen = '';
  const env = (): Record<string, string> => ({ ...(process.env as Record<string, string>), VZDECK_ROOT: root, TERM: 'xterm' });
  const vzdeck = (...words: string[]): void => {
    const { status, stderr } = spawnSync(NODE, [MAIN, 'vzdeck', ...words], { env: env(), encoding: 'utf8' });
    expect({ words, status, stderr }).toMatchObject({ status: 0 });
  };
  const shows = (text: string | RegExp): Promise<void> =>
    expect.poll(() => seen)[typeof text === 'string' ? 'toContain' : 'toMatch'](text as string);

  /** A terminal whose settings are shown before and after, as `stty -g` has them. */
  async function open(): Promise<void> {
    seen = '';
    const line = 'stty -g; "$0" "$1" vzctl console 101; echo; stty -g; echo over';
    pty = spawn('sh', ['-c', line, NODE, MAIN], { cols: 80, rows: 24, env: env() });
    pty.onData((text) => {
      seen += text;
    });
    await shows(/ESC . to detach.*login:/s);
  }
  async function closes(): Promise<void> {
    await shows('over\r\n');
    const [before, after, ...more] = seen.match(/^[0-9a-f]+(:[0-9a-f]+){9,}/gm) ?? [];
    expect([after, more]).toEqual([before, []]);
  }

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'vzdeck-console-'));
    vzdeck('create', '101', '--start');
  });
  afterAll(() => {
    vzdeck('stop', '101', '--fast');
    vzdeck('destroy', '101');
    vzdeck('leave');
    rmSync(root, { recursive: true, force: true });
  });

  test('bytes come as the container wrote them, and ESC . leaves at a prompt, whatever the terminal answered', async () => {
    await open();
    pty.write('root\r');
    await shows(/# $/);
    // As ash asks at each prompt.
    expect(seen).not.toContain('\x1b[6n');
    pty.write("stty -opost; printf 'a%s\\nb%s\\n' 1 2; stty opost\r");
    await shows('stty opost\r\na1\nb2\n');
    pty.write('\x1b[12;3R');
    pty.write('\x1b.');
    await closes();
  });

  test('a plan attaches nothing', () => {
    const line = 'console  attach this terminal to tty 1 of container 101\n';
    for (const program of ['vzctl', 'vzdeck']) {
      const { status, stdout, stderr } = spawnSync(NODE, [MAIN, program, '--dry-run', 'console', '101'], { env: env(), encoding: 'utf8' });
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: line, stderr: '' });
    }
    const run = spawnSync(NODE, [MAIN, 'vzdeck', '--dry-run', 'exec', '101', 'echo', 'done'], { env: env(), encoding: 'utf8' });
    expect(run.stdout).toMatch(/^101 {2}inside .*-c "echo done"/m);
    expect(run.stdout).not.toMatch(/^done$/m);
  });

  test.each(['SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGINT'])('%s leaves the terminal as it was', async (signal) => {
    await open();
    const [child] = readFileSync(`/proc/${pty.pid}/task/${pty.pid}/children`, 'utf8').split(' ');
    process.kill(Number(child), signal);
    await closes();
  });

  test('so does the end of the container', async () => {
    await open();
    vzdeck('stop', '101', '--fast');
    await closes();
  });
});
