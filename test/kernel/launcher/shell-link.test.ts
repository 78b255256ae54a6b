// A program in a container whose terminal is shown by us: what a pane of the manager stands on.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StartedKeeper } from '../../../src/engine/launcher/launcher.ts';
import { enterFile } from '../../../src/engine/launcher/protocol.ts';
import type { TerminalLink } from '../../../src/engine/launcher/terminal-link.ts';
import type { EnterPlan } from '../../../src/engine/spec/op.ts';
import { LAUNCHER, requires } from '../requires.ts';
import { type Bed, descendants, makeBed } from './bed.ts';

let bed: Bed;
let ct: StartedKeeper;
beforeAll(async () => {
  bed = makeBed();
  ct = await bed.start();
});
afterAll(async () => {
  await bed.end(ct);
  await bed.down();
});

const SIZE = { columns: 91, rows: 33 };
const planOf = (line: string, plan: Partial<EnterPlan> = {}): EnterPlan => bed.enterPlan(ct.init, line, { pty: true, size: SIZE, ...plan });

interface Watched {
  readonly link: TerminalLink;
  readonly text: () => string;
  readonly ended: Promise<string>;
  until(wanted: string | RegExp): Promise<void>;
}

async function watched(line: string): Promise<Watched> {
  const link = await bed.launcher.terminal(planOf(line));
  let text = '';
  let wake = (): void => {};
  link.onData((bytes) => {
    text += Buffer.from(bytes).toString('latin1');
    wake();
  });
  const ended = new Promise<string>((resolve) => link.onEnd(resolve));
  return {
    link,
    text: () => text,
    ended,
    async until(wanted) {
      while (text.search(wanted) < 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    },
  };
}

const type = (link: TerminalLink, text: string): void => link.write(Buffer.from(text));
const gone = (pid: number): Promise<void> => expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false);
/** Of the only relay that runs. */
const relay = (): number =>
  Number(
    descendants(process.pid)
      .find((line) => / launcher(-asan)?$/.test(line))
      ?.split(' ')[0],
  );

requires(
  'root',
  'launcher',
  'busybox',
)('a program on a terminal that is shown here', () => {
  test('has a terminal of the container, of the size that was asked for, and follows it', async () => {
    const { link, until } = await watched('trap "stty size" WINCH; tty; stty size; while :; do read line && echo "got $line"; done');
    await until('/dev/pts/');
    await until('33 91');
    link.resize(44, 7);
    type(link, 'hello\n');
    await until('got hello');
    await until('7 44');
    link.close();
  });

  test('its end is told in words', async () => {
    const told = await Promise.all(['exit 0', 'exit 3', 'kill -9 $$'].map(async (line) => (await watched(line)).ended));
    expect(told).toEqual(['ended', 'ended with exit code 3', 'ended by signal 9 (SIGKILL)']);
  });

  test('what it writes right before its end is not lost, also under a flood', { timeout: 60_000 }, async () => {
    for (let i = 0; i < 10; i++) {
      const { text, ended } = await watched('seq 100000; echo the last line');
      await ended;
      expect(text().replaceAll('\r', '')).toMatch(/^1\n2\n[\s\S]*\n100000\nthe last line\n$/);
      expect(text().length).toBe(688_895 + 'the last line\r\n'.length);
    }
  });

  test('what it prints comes in one buffer, which nothing is read into while the link pauses', async () => {
    const gate = `${bed.tree}/tmp/more`;
    const link = await bed.launcher.terminal(
      planOf(
        'stty raw -echo; printf first; while [ ! -e /tmp/more ]; do sleep 0.01; done; yes 0123456 | head -c 2000; touch /tmp/all; read end',
      ),
    );
    try {
      const buffers = new Set<ArrayBufferLike>();
      let held: Uint8Array | null = null;
      let told = 0;
      link.onData((bytes) => {
        buffers.add(bytes.buffer);
        told += bytes.length;
        if (held !== null) return;
        held = bytes;
        link.pause();
      });
      await expect.poll(() => held).not.toBeNull();
      writeFileSync(gate, '');
      await expect.poll(() => existsSync(`${bed.tree}/tmp/all`)).toBe(true);
      expect(Buffer.from(held ?? []).toString()).toBe('first');
      expect(told).toBe(5);
      link.resume();
      await expect.poll(() => told).toBe(2005);
      expect(buffers.size).toBe(1);
    } finally {
      link.close();
    }
  });

  test('that does not read gets all that was typed once it does; past 16 megabytes more is dropped', async () => {
    const gate = `${bed.tree}/tmp/gate`;
    mkdirSync(gate);
    const typed = Buffer.from(Array.from({ length: 500_000 }, (_, i) => 97 + (i % 23)));
    const { link, until, ended, text } = await watched(
      'stty raw -echo; echo ready; while [ ! -e /tmp/gate/open ]; do sleep 0.01; done; head -c 500000 | md5sum',
    );
    await until('ready');
    link.write(typed.subarray(0, 200_000));
    link.write(typed.subarray(200_000));
    link.write(Buffer.alloc(17 << 20, 'x'));
    link.write(Buffer.from('and nothing that follows'));
    writeFileSync(`${gate}/open`, '');
    await ended;
    expect(text()).toContain(execFileSync('md5sum', { input: typed, encoding: 'utf8' }).slice(0, 32));
  });

  test('is hung up by a close, also when it prints without end; its relay goes', async () => {
    for (const line of ['echo $$; cat', 'echo $$; while :; do echo flood; done']) {
      const { link, until } = await watched(line);
      await until(/\d\r\n/);
      const pid = relay();
      expect(pid).toBeGreaterThan(0);
      link.close();
      await gone(pid);
    }
    expect((await bed.inside(ct.init, 'ps')).out).not.toMatch(/flood|cat$/m);
  });

  test.each([
    ['ignores SIGHUP', ': hangs; trap "" HUP; echo ready; read line; true', ''],
    ['is stopped', ': hangs; echo ready; kill -STOP $$', ''],
    ['has left much unread', ': hangs; echo ready; sleep 1000; true', 'a line that nobody reads\n'.repeat(1000)],
    ['makes the emulator answer without end', ': hangs; stty raw; echo ready; while echo; do :; done', '\x1b[1;1R'.repeat(10_000)],
  ])('is hung up by a close although it %s; its relay goes', async (_, line, typed) => {
    const { link, until } = await watched(line);
    await until('ready');
    const pid = relay();
    type(link, typed);
    link.close();
    await gone(pid);
    await expect.poll(async () => (await bed.inside(ct.init, 'ps')).out).not.toContain('hangs');
  });

  test('is hung up when whoever shows it was killed', async () => {
    const { link, until, ended } = await watched('trap "echo hung up > /tmp/hup; exit" HUP; echo ready; while :; do sleep 0.05; done');
    await until('ready');
    process.kill(relay(), 'SIGKILL');
    expect(await ended).toBe('The terminal is lost: its relay was ended from outside');
    link.close();
    await expect.poll(async () => (await bed.inside(ct.init, 'cat /tmp/hup')).out).toBe('hung up\n');
  });

  test('that cannot be executed is refused with the record, one that nobody waits for any more leaves nothing', async () => {
    const nothing = planOf('', { ops: [{ op: 'exec', files: ['/bin/none'], argv: ['none'], env: [] }] });
    expect(await bed.failure(bed.launcher.terminal(nothing))).toMatchObject({ stage: 'enter', op: 'exec', errno: 'ENOENT' });
    await expect(bed.launcher.terminal(planOf('cat'), AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
    const later = new AbortController();
    const opening = bed.launcher.terminal(planOf('cat'), later.signal);
    later.abort();
    await expect(opening).rejects.toMatchObject({ code: 'cancelled' });
    await expect.poll(() => Number.isNaN(relay())).toBe(true);
  });

  test('a plan of another protocol is refused', async () => {
    const bytes = enterFile(planOf('true'));
    bytes[8] = 1;
    const child = spawn(LAUNCHER, ['enter'], { stdio: ['pipe', 'pipe', 'ignore', 'pipe'] });
    const said: Buffer[] = [];
    const socket = child.stdio[3] as Socket;
    socket.on('data', (chunk: Buffer) => said.push(chunk));
    // what it does not read of the plan is told as ECONNRESET
    socket.on('error', () => {}).write(bytes);
    await new Promise((resolve) => socket.on('close', resolve));
    expect(Buffer.concat(said).toString('latin1')).toContain('EPROTO');
  });
});
