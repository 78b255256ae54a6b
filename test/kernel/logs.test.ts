// The logs of a container on the real kernel: what its console prints, what syslogd inside writes, how they are followed, and how they end.
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LogFollow, LogLine, LogSource } from '../../src/engine/engine.ts';
import { type Lab, openLab } from './lab.ts';
import { requires } from './requires.ts';
import { until } from './until.ts';

interface Read {
  readonly lines: LogLine[];
  what: string;
  ended: string | null;
  follow: LogFollow;
}

requires(
  'root',
  'launcher',
  'busybox',
)('the log of a container', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = openLab();
    await lab.born(101, { HOSTNAME: 'one' });
  });
  afterAll(() => lab.down());

  async function read(source: LogSource, last = 100, follow = true): Promise<Read> {
    const found: Read = { lines: [], what: '', ended: null, follow: { more() {}, close() {} } };
    found.follow = await lab.engine.followLog(101, {
      source,
      last,
      follow,
      named: (what) => {
        found.what = what;
      },
      lines: (lines) => void found.lines.push(...lines),
      ended: (reason) => {
        found.ended = reason;
      },
    });
    return found;
  }
  const has = (from: Read, text: string): boolean => from.lines.some((line) => line.text.includes(text));

  test('inside is what syslogd writes, with its levels, from its last lines on', async () => {
    await until(() => readdirSync(`${lab.root}/vz/private/101/var/log`).includes('messages'));
    await lab.inside(101, 'logger before; logger -p user.err broken');
    const log = await read('inside');
    await until(() => has(log, 'broken'));
    expect(log.what).toBe('/var/log/messages');
    expect(log.lines.find(({ text }) => text.endsWith('root: broken'))?.level).toBe(3);
    await lab.inside(101, 'logger after');
    await until(() => has(log, 'root: after'));
    log.follow.close();
    await until(
      () =>
        !lab.engine
          .processes()
          .look(lab.engine.list())
          .some(({ command }) => command.includes('tail -n')),
    );
  });

  test('that is not followed ends by itself', async () => {
    const log = await read('inside', 1, false);
    await until(() => log.ended !== null);
    expect(log.lines).toHaveLength(1);
    const none = await read('console', 0, false);
    expect(none).toMatchObject({ lines: [], ended: '' });
  });

  test('of a console grows as it prints, and goes on when its file is begun anew; nothing of it steers a terminal', async () => {
    const log = await read('console');
    await lab.inside(101, "printf 'one\\033]0;owned\\007 \\033[2Jline\\n' >/dev/console");
    await until(() => has(log, 'one line'));
    await lab.inside(
      101,
      'i=0; while [ $i -lt 14000 ]; do echo "row $i ..........................................................................."; i=$((i+1)); done >/dev/console; echo the-end >/dev/console',
    );
    await until(() => {
      log.follow.more();
      return has(log, 'the-end');
    });
    expect(readdirSync(`${lab.root}/var/log/vzdeck`)).toContain('101.console.1');
    for (const { text } of log.lines) expect(text).not.toMatch(/\p{C}/u);
    log.follow.close();
  });

  test('lets who writes without end wait, instead of filling memory', async () => {
    await lab.inside(
      101,
      'mv /var/log/messages /var/log/kept; (while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done | head -c 30000000 >/var/log/messages)',
    );
    const log = await read('inside', 9_000_000, false);
    let seen = -1;
    while (seen < 1000 || seen !== log.lines.length) {
      seen = log.lines.length;
      await lab.inside(101, 'true');
    }
    expect(log.lines.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThan(2 << 20);
    expect(log.ended).toBeNull();
    log.follow.more();
    await until(() => log.lines.length > seen);
    log.follow.close();
    await lab.inside(101, 'rm /var/log/messages; touch /var/log/messages');
  });

  test('leads nowhere: a link in its place is one inside', async () => {
    await lab.inside(101, 'rm -f /var/log/syslog; echo root:only-inside >/etc/shadow; ln -s /etc/shadow /var/log/syslog');
    const log = await read('inside', 10, false);
    await until(() => log.ended !== null);
    const own = (await lab.inside(101, 'cat /etc/shadow 2>/dev/null')).out.split('\n').filter(Boolean);
    expect(log.what).toBe('/var/log/syslog');
    expect(log.lines.map(({ text }) => text).filter(Boolean)).toEqual(own.slice(-10));
    await lab.inside(101, 'rm -f /var/log/syslog');
  });

  test('of one that is frozen or does not run is refused inside; its console is there always', async () => {
    await lab.engine.freeze(101);
    await expect(read('inside')).rejects.toMatchObject({ code: 'frozen' });
    expect((await read('console', 10, false)).lines.length).toBeGreaterThan(0);
    await lab.engine.stop(101, { fast: true });
    await expect(read('inside')).rejects.toMatchObject({ code: 'not-running' });
    expect((await read('console', 10, false)).lines.length).toBeGreaterThan(0);
  });
});
