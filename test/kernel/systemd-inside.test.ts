// A container with systemd looked at closely: its journal with times and levels, its services' processes in groups of their own, all of it frozen.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { LogLine } from '../../src/engine/engine.ts';
import { type Lab, openLab } from './lab.ts';
import { requires } from './requires.ts';
import { provideStock, STOCK_TIMEOUT } from './stock.ts';
import { until } from './until.ts';

vi.setConfig({ testTimeout: 120_000 });

requires(
  'root',
  'launcher',
  'debian-12',
)('a container with systemd', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = openLab();
    lab.engine.bootstrap();
    await provideStock(lab.root, 'debian-12');
    await lab.engine.create(101, { ostemplate: 'debian-12', layout: 'overlay', values: { PHYSPAGES: '131072' } }, lab.run);
    await lab.engine.start(101, { wait: true }, lab.run);
  }, STOCK_TIMEOUT);
  afterAll(() => lab.down(), STOCK_TIMEOUT);

  test('tells its journal with times, levels and programs', async () => {
    const began = Date.now();
    const lines: LogLine[] = [];
    let what = '';
    const log = await lab.engine.followLog(101, {
      source: 'inside',
      last: 50,
      follow: true,
      named: (name) => {
        what = name;
      },
      lines: (more) => void lines.push(...more),
      ended: () => {},
    });
    await until(() => lines.some(({ from, text }) => from === 'systemd' && text !== ''));
    expect(what).toBe('journal');
    await lab.inside(101, "logger -p user.err -t app 'it broke'; printf 'evil\\033[2J\\377' | logger -t app");
    await until(() => lines.some(({ text }) => text.startsWith('evil')));
    log.close();
    const broke = lines.find(({ text }) => text === 'it broke');
    expect(broke).toMatchObject({ level: 3, from: 'app' });
    expect(broke?.at).toBeGreaterThan(began - 60_000);
    for (const { text, from } of lines) expect(from + text).not.toMatch(/\p{Cc}/u);
  });

  test('has the processes of all its services, each by its user', async () => {
    const reader = lab.engine.processes();
    const find = (name: string) => reader.look(lab.engine.list()).find(({ command }) => command.includes(name));
    const users = await lab.engine.users(101);
    const userOf = (name: string) => users.get(find(name)?.uid ?? -1);
    // command lines are read one after the other, and the bus is root until it has read its settings
    await until(() => userOf('dbus-daemon --system') === 'messagebus' && userOf('systemd-journald') === 'root');
    expect(find('dbus-daemon --system')?.parent).toBe(lab.engine.find('101')?.init?.pid);
    reader.close();
  });

  test('stands still with all of its groups, and shuts down when it is stopped like that', async () => {
    const vitals = (): number => lab.engine.vitals(101)?.numproc.held ?? 0;
    // services that are still being started come and go
    await lab.inside(101, 'systemctl is-system-running --wait');
    const before = vitals();
    await lab.engine.freeze(101);
    expect(lab.engine.find('101')?.state).toBe('frozen');
    expect(vitals()).toBe(before);
    lab.said();
    await lab.engine.stop(101, {}, lab.run);
    expect(lab.said()).not.toContain('Killing container ...');
    expect(lab.engine.find('101')?.state).toBe('stopped');
  });
});
