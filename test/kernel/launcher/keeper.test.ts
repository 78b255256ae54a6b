import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { release } from 'node:os';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openKeeperLink, watchKeeper } from '../../../src/engine/launcher/keeper-link.ts';
import type { StartedKeeper } from '../../../src/engine/launcher/launcher.ts';
import type { TerminalLink } from '../../../src/engine/launcher/terminal-link.ts';
import { LAUNCHER, requires } from '../requires.ts';
import { until } from '../until.ts';
import { alive, type Bed, identity, makeBed, serverOf } from './bed.ts';

let bed: Bed;
beforeAll(() => {
  bed = makeBed();
});
afterEach(async () => {
  await bed.umount();
  for (const note of readdirSync(bed.runDir)) rmSync(`${bed.runDir}/${note}`);
});
afterAll(() => bed.down());

const attach = (tty = 1): Promise<TerminalLink> => openKeeperLink(`${bed.runDir}/console`, tty);

/** Collects what a link shows; `until` resolves when the text has come. */
function watch(link: TerminalLink) {
  let text = '';
  let wake = () => {};
  link.onData((bytes) => {
    text += Buffer.from(bytes).toString('latin1');
    wake();
  });
  return {
    text: () => text,
    async until(wanted: string | RegExp): Promise<string> {
      while (!(typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)))
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return text;
    },
    end: new Promise<string>((resolve) => link.onEnd(resolve)),
  };
}

const SHELL = 'exec sh </dev/console >/dev/console 2>&1';
const privateKb = (pid: number): number =>
  [...readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8').matchAll(/^Private_\w+: +(\d+)/gm)].reduce(
    (sum, found) => sum + Number(found[1]),
    0,
  );

/** A watcher that says hello and then never reads. */
async function sleeper(): Promise<Socket> {
  const socket = connect(`${bed.runDir}/console`);
  await once(socket, 'connect');
  socket.pause();
  socket.write(Buffer.from([0x48, 1, 3, 0, 1, 0, 0]));
  return socket;
}

const [major = 0, minor = 0] = release().split('.').map(Number);
/** The kernel tells how a process ended that is gone. */
const TELLS_LATE = major > 6 || (major === 6 && minor >= 15);

requires(
  'root',
  'launcher',
  'busybox',
)('a keeper', () => {
  test('shows what was printed before, then what comes, and passes keys and window size', async () => {
    const started = await bed.start({ init: `echo early; ${SHELL}` });
    const link = await attach();
    const screen = watch(link);
    await screen.until('early');
    expect(link.writer).toBe(true);
    link.resize(123, 45);
    link.write(Buffer.from('stty size; echo la""te\n'));
    await screen.until(/45 123[\s\S]*late/);
    link.close();
    const again = watch(await attach());
    expect(await again.until('late')).toContain('early');
    await bed.end(started);
    expect(await again.end).toBe('The container has ended');
  });

  test('several watch, one writes; the keyboard passes on when the writer leaves', async () => {
    const started = await bed.start({ init: SHELL });
    const [one, two, three] = [await attach(), await attach(), await attach()];
    const screens = [one, two, three].map(watch);
    expect([one.writer, two.writer, three.writer]).toEqual([true, false, false]);
    two.write(Buffer.from('echo in""truder\n'));
    one.write(Buffer.from('echo ow""ner\n'));
    for (const screen of screens) expect(await screen.until('owner')).not.toContain('intruder');
    const turn = new Promise<boolean>((resolve) => two.onWriter(resolve));
    one.close();
    expect(await turn).toBe(true);
    expect([two.writer, three.writer]).toEqual([true, false]);
    two.write(Buffer.from('echo he""ir\n'));
    await screens[2]?.until('heir');
    await bed.end(started);
  });

  test('who only watches takes no keyboard from anybody; asked for, it comes, and what was typed ahead with it', async () => {
    const started = await bed.start({ init: SHELL });
    const watcher = await watchKeeper(`${bed.runDir}/console`, 1);
    const screen = watch(watcher);
    expect(watcher.writer).toBe(false);
    watcher.write(Buffer.from('echo in""truder\n'));
    const owner = await attach();
    expect(owner.writer).toBe(true);
    const refused = new Promise<boolean>((resolve) => watcher.onWriter(resolve));
    watcher.want(true);
    watcher.write(Buffer.from('echo to""o early\n'));
    expect(await refused).toBe(false);
    const given = new Promise<boolean>((resolve) => watcher.onWriter(resolve));
    owner.close();
    expect(await given).toBe(true);
    watcher.want(false);
    watcher.want(true);
    watcher.write(Buffer.from('echo a""head\n'));
    expect(await screen.until('ahead')).not.toMatch(/intruder|too early/);
    watcher.want(false);
    expect((await attach()).writer).toBe(true);
    await bed.end(started);
  });

  test('each terminal is its own, with its own log', async () => {
    const started = await bed.start({ ttys: [{}, {}, {}], init: 'echo first; echo second >/dev/tty2; echo third >/dev/tty3; sleep 1000' });
    expect(await watch(await attach(1)).until('first')).not.toContain('second');
    expect(await watch(await attach(3)).until('third')).not.toContain('second');
    await expect(attach(4)).rejects.toThrow(/There is no such terminal/);
    await bed.end(started);
    expect(readFileSync(`${bed.dir}/tty2.log`, 'utf8')).toBe('second\n');
  });

  test('keeps 64 KiB for later readers, and not more', async () => {
    const started = await bed.start({ init: 'seq 1 40000; echo done; sleep 1000' });
    const first = watch(await attach());
    await first.until('done');
    const text = await watch(await attach()).until('done');
    expect(text.length).toBe(65_536);
    expect(text.replaceAll('\r', '')).toContain('\n39999\n40000\ndone\n');
    await bed.end(started);
  });

  test('is not held up by one who does not read: that one is dropped, the others see everything', async () => {
    const started = await bed.start({ init: 'read line; seq 1 300000; echo done; sleep 1000' });
    const slow = await sleeper();
    const link = await attach();
    const quick = watch(link);
    const dropped = once(slow, 'close');
    // The sleeper came first and holds the keyboard: it gives it back, unread or not, when it asks for watching only.
    slow.write(Buffer.from([0x48, 1, 3, 0, 1, 0, 0]));
    await new Promise<void>((resolve) => (link.writer ? resolve() : link.onWriter((writer) => writer && resolve())));
    link.write(Buffer.from('\n'));
    const text = await quick.until(/300000\r\ndone/);
    const numbers = text
      .replaceAll('\r', '')
      .split('\n')
      .filter((line) => /^\d+$/.test(line));
    expect(numbers.length).toBe(300_000);
    let late = '';
    slow.on('data', (chunk) => {
      late += chunk.toString('latin1');
    });
    slow.resume();
    await dropped;
    expect(late).toMatch(/E.\x08\0Too slow$/);
    await bed.end(started);
  });

  test('gives the keyboard on when its holder goes while the container takes no keys, and rests', async () => {
    const started = await bed.start({ init: 'stty raw; echo ready; sleep 1000' });
    const first = await attach();
    await watch(first).until('ready');
    first.close();
    const holder = connect(`${bed.runDir}/console`);
    await once(holder, 'connect');
    const answer = once(holder, 'data');
    holder.write(Buffer.from([0x48, 1, 3, 0, 1, 0, 1]));
    await answer;
    const keys = Buffer.concat([Buffer.from([0x44, 1, 0, 16]), Buffer.alloc(4096, 'k')]);
    holder.write(Buffer.concat(Array.from({ length: 256 }, () => keys))); // more than terminal, keeper and socket can hold
    holder.destroy();
    const next = await attach();
    await new Promise<void>((resolve) => (next.writer ? resolve() : next.onWriter((writer) => writer && resolve())));
    const busy = () => Number(readFileSync(`/proc/${started.keeper.pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[11]);
    const before = busy();
    for (let i = 0; i < 50; i++) await bed.launcher.ops({ ops: [{ op: 'killCgroup', path: '/nowhere' }] });
    expect(busy() - before).toBeLessThan(3);
    await bed.end(started);
  });

  test('drains a flood that nobody watches: the container is not stopped by a full terminal', async () => {
    const started = await bed.start({ init: 'seq 1 200000; exit 7' });
    await bed.launcher.ended(started.keeper);
    expect(bed.note('exit')).toMatch(/^1792 /);
    expect(bed.note('last')).toMatch(/\n200000$/);
  });

  test.skipIf(LAUNCHER.endsWith('asan'))(
    'stays below one MiB of private memory, whatever seven terminals print and sixteen watch',
    async () => {
      const ttys = Array.from({ length: 7 }, () => ({}));
      const flood = 'for t in console tty2 tty3 tty4 tty5 tty6 tty7; do seq 1 60000 > /dev/$t; done; echo done; sleep 1000';
      const started = await bed.start({ ttys, init: flood });
      const links = await Promise.all(Array.from({ length: 16 }, (_, index) => attach((index % 7) + 1)));
      const screens = links.map(watch);
      await screens[0]?.until('done');
      await expect(attach()).rejects.toThrow(/Too many watchers/);
      expect(privateKb(started.keeper.pid)).toBeLessThan(1024);
      await bed.end(started);
    },
  );

  test('the log is rotated once, bounded, and holds only what draws', async () => {
    const log = `${bed.dir}/rotated.log`;
    const init = String.raw`printf 'a\033[31mred\033[0m\033]0;title\007 \033]52;c;eA==\033\\b\010\177\302\233x\303\244\n'; seq 1 5000; echo end`;
    const started = await bed.start({ ttys: [{ log, logBytes: 8192 }], init });
    await bed.launcher.ended(started.keeper);
    const [now, old] = [readFileSync(log, 'utf8'), readFileSync(`${log}.1`, 'utf8')];
    expect(now).toMatch(/\n5000\nend\n$/);
    expect(statSync(log).size).toBeLessThanOrEqual(8192);
    expect(statSync(`${log}.1`).size).toBeLessThanOrEqual(8192);
    expect(statSync(log).mode & 0o777).toBe(0o600);
    expect(`${old}${now}`).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f]/);
    const short = await bed.start({ ttys: [{ log: `${bed.dir}/short.log` }], init: init.replace(/seq.*/, '') });
    await bed.launcher.ended(short.keeper);
    expect(readFileSync(`${bed.dir}/short.log`, 'utf8')).toBe('ared bxä\n');
  });

  test('a log that is a link, and a run directory that is none, are refused', async () => {
    symlinkSync('/etc/hostname', `${bed.dir}/link.log`);
    expect(await bed.failure(bed.start({ ttys: [{ log: `${bed.dir}/link.log` }] }))).toMatchObject({
      stage: 'keeper',
      op: 'tty',
      errno: 'ELOOP',
    });
    await bed.umount();
    expect(await bed.failure(bed.start({ plan: { runDir: '/nowhere' } }))).toMatchObject({ stage: 'keeper', errno: 'ENOENT' });
  });

  test('a terminal that hangs up with its session is there for the next one', async () => {
    const started = await bed.start({
      init: 'while :; do setsid=1; sh -c "exec sh -i </dev/console >/dev/console 2>&1"; echo again >/dev/console; done',
    });
    const link = await attach();
    const screen = watch(link);
    link.write(Buffer.from('exit\n'));
    await screen.until('again');
    link.write(Buffer.from('echo al""ive\n'));
    await screen.until('alive');
    await bed.end(started);
  });

  test('frames that are no frames end only their sender', async () => {
    const started = await bed.start({ init: SHELL });
    const good = watch(await attach());
    for (const junk of [
      Buffer.alloc(5000, 0xff),
      Buffer.from([0x48, 1, 1, 0, 9]),
      Buffer.from([0x44, 1, 1, 0, 65]),
      Buffer.from([0x57, 1, 2, 0, 0, 0]),
    ]) {
      const socket = connect(`${bed.runDir}/console`);
      socket.on('error', () => {});
      await once(socket, 'connect');
      socket.end(junk);
      socket.resume();
      await new Promise((resolve) => socket.on('close', resolve));
    }
    const link = await attach();
    link.close();
    expect(alive(started.keeper.pid)).toBe(true);
    expect(good.text()).not.toContain('ended');
    await bed.end(started);
  });
});

async function started(child: ReturnType<typeof spawn>): Promise<StartedKeeper> {
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += chunk;
    if (text.includes('\n')) break;
  }
  return JSON.parse(text, (key, value) => (key === 'startTime' ? BigInt(value) : value)) as StartedKeeper;
}

requires(
  'root',
  'launcher',
  'busybox',
)('a container lives on', () => {
  test('when the server is killed', async () => {
    const born = await bed.start();
    const server = serverOf();
    process.kill(server, 'SIGKILL');
    await until(() => !alive(server));
    expect((await bed.inside(born.init, 'exit 4')).code).toBe(4);
    await bed.end(born);
    expect(bed.note('exit')).toMatch(/^9 /);
  });

  test('when the engine is killed, with its server', async () => {
    const plan = JSON.stringify(bed.plan(), (_, value) => (typeof value === 'bigint' ? { big: String(value) } : value));
    const script = new URL('start-and-wait.ts', import.meta.url).pathname;
    const engine = spawn(process.execPath, [script, plan], { stdio: ['ignore', 'pipe', 'inherit'] });
    const born = await started(engine);
    const server = serverOf(engine.pid);
    engine.kill('SIGKILL');
    await once(engine, 'exit');
    await bed.launcher.ended(identity(server));
    const link = await attach();
    expect(link.writer).toBe(true);
    expect((await bed.inside(born.init, 'exit 4')).code).toBe(4);
    await bed.end(born);
  });

  test('when the keeper is killed; another adopts it: new terminals, history lost and said so, exit status known', async () => {
    const born = await bed.start({ init: 'while :; do sleep 1000; done' });
    await bed.launcher.kill(born.keeper, 9);
    await bed.launcher.ended(born.keeper);
    await expect(attach()).rejects.toThrow(/cannot be reached/);
    const adopted = await bed.launcher.adopt(bed.adoption(born));
    expect(adopted.init).toEqual(born.init);
    const screen = watch(await attach());
    expect(await screen.until('lost')).toMatch(/keeper was replaced/);
    await bed.inside(born.init, 'echo through > /dev/console');
    await screen.until('through');
    await bed.launcher.kill(born.init, 9);
    await bed.launcher.ended(adopted.keeper);
    // before Linux 6.15 only a zombie tells, and whoever reaps it may be quicker
    expect(bed.note('exit')).toMatch(TELLS_LATE ? /^9 \d+$/ : /^(9|unknown) \d+$/);
    expect(await screen.end).toBe('The container has ended');
  });

  test('an adoption that fails leaves the container as it was', async () => {
    const born = await bed.start();
    await bed.launcher.kill(born.keeper, 9);
    await bed.launcher.ended(born.keeper);
    const bad = { ...bed.adoption(born), inside: [{ op: 'ttyAt', tty: 1, path: '/nowhere' }] as const };
    expect(await bed.failure(bed.launcher.adopt(bad))).toMatchObject({ stage: 'inside', op: 'ttyAt', errno: 'ENOENT' });
    expect(await bed.failure(bed.launcher.adopt({ ...bad, inside: [{ op: 'pivot' }] }))).toMatchObject({
      stage: 'inside',
      errno: 'EPROTO',
    });
    expect(await bed.failure(bed.launcher.adopt({ ...bad, startTime: 1n }))).toMatchObject({ stage: 'adopt', errno: 'ESRCH' });
    expect((await bed.inside(born.init, 'exit 4')).code).toBe(4);
    expect(existsSync(`${bed.runDir}/console`)).toBe(false);
    await bed.launcher.kill(born.init, 9);
    await bed.launcher.ended(born.init);
  });
});
