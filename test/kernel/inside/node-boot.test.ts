// The node comes up and goes down, in order; what runs already is kept, also when everything that held it was killed.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';
import { until } from '../until.ts';

requires(
  'root',
  'launcher',
  'busybox',
)('a node', () => {
  let lab: Lab;
  const states = (): string =>
    lab.engine
      .list()
      .map(({ id, state }) => `${id} ${state}`)
      .join(', ');
  const marks = (): readonly string[] => readdirSync(`${lab.root}/var/lib/vzctl/vzreboot`).sort();
  const VALUES: Readonly<Record<number, Readonly<Record<string, string>>>> = {
    101: { ONBOOT: 'yes', BOOTORDER: '1' },
    102: { ONBOOT: 'yes', BOOTORDER: '20' },
    103: { ONBOOT: 'yes', DISABLED: 'yes' },
    104: {},
    105: { ONBOOT: 'no' },
    106: { ONBOOT: 'yes' },
  };
  beforeAll(async () => {
    lab = openLab();
    lab.engine.bootstrap();
    for (const [id, values] of Object.entries(VALUES))
      await lab.engine.create(Number(id), { ostemplate: 'busybox', layout: 'overlay', values }, lab.run);
  });
  afterAll(() => lab.down());

  test('starts what its configs say, the highest order first, and no others', async () => {
    const ended = [];
    for (const { id, verb, error } of await lab.engine.nodeStart(undefined, lab.run)) ended.push([id, verb, error]);
    expect(ended).toEqual([
      [102, 'start', null],
      [101, 'start', null],
      [106, 'start', null],
    ]);
    expect(states()).toBe('101 running, 102 running, 103 stopped, 104 stopped, 105 stopped, 106 running');
    expect(await lab.engine.nodeStart(undefined, lab.run)).toEqual([]);
  });

  test('stops all in reverse, unmounts the others, and knows afterwards who was up', async () => {
    for (const id of [104, 105]) await lab.engine.start(id, {}, lab.run);
    await lab.engine.mount(103, lab.run);
    const order = (await lab.engine.nodeStop(undefined, lab.run)).map(
      ({ id, verb, error }) => `${verb} ${id}${error === null ? '' : ` ${error}`}`,
    );
    expect(order.slice(0, 3).sort()).toEqual(['stop 104', 'stop 105', 'stop 106']);
    expect(order.slice(3)).toEqual(['stop 101', 'stop 102', 'umount 103']);
    expect(marks()).toEqual(['101', '102', '104', '105', '106']);
    expect(states()).not.toMatch(/running|mounted/);
    const started = (await lab.engine.nodeStart(undefined, lab.run)).map(({ id }) => id);
    expect(started.sort()).toEqual([101, 102, 104, 106]);
    expect(marks()).toEqual([]);
  });

  test('does not wait for what fails, and goes down over what does not stop', async () => {
    await lab.engine.nodeStop(undefined, lab.run);
    const script = `${lab.root}/etc/vz/conf/102.start`;
    writeFileSync(script, 'exit 3\n');
    const outcomes = await lab.engine.nodeStart(undefined, lab.run);
    expect(outcomes.filter(({ error }) => error !== null)).toMatchObject([{ id: 102, error: { code: 'action-script' } }]);
    expect(states()).toBe('101 running, 102 stopped, 103 stopped, 104 running, 105 stopped, 106 running');
    writeFileSync(script.replace('102.start', '101.stop'), 'exit 3\n');
    expect((await lab.engine.nodeStop(undefined, lab.run)).filter(({ error }) => error !== null)).toEqual([]);
    expect(lab.said()).toContain(
      `! Warning: container 101 is killed: Error executing stop script ${script.replace('102.start', '101.stop')}`,
    );
    expect(states()).not.toMatch(/running/);
  });

  test('goes down over a start that holds its lock and does not end', async () => {
    const script = `${lab.root}/etc/vz/conf/104.start`;
    writeFileSync(script, 'touch /here; while :; do sleep 1; done\n');
    const starting = expect(lab.engine.start(104, {}, lab.run)).rejects.toThrow();
    await until(() => existsSync(`${lab.root}/vz/private/104/upper/here`));
    expect((await lab.engine.nodeStop(undefined, lab.run)).map(({ id, error }) => [id, error])).toEqual([[104, null]]);
    await starting;
    rmSync(script);
    expect(states()).not.toMatch(/running|starting|mounted/);
    await lab.engine.nodeStart(undefined, lab.run);
    await lab.engine.nodeStop(undefined, lab.run);
  });

  test('whose keepers were all killed keeps its containers, and each gets a new one', async () => {
    for (const id of [104, 106]) await lab.engine.start(id, {}, lab.run);
    const inits = [104, 106].map((id) => lab.engine.find(String(id))?.init?.pid);
    for (const id of [104, 106]) process.kill(Number(readFileSync(`${lab.root}/run/vzdeck/${id}/keeper`, 'utf8').split(' ')[0]), 'SIGKILL');
    await until(() => [104, 106].every((id) => lab.engine.find(String(id))?.unattended === true));
    writeFileSync(`${lab.root}/etc/vz/conf/102.start`, '');
    const outcomes = await lab.engine.nodeStart(undefined, lab.run);
    expect(
      outcomes
        .filter(({ verb }) => verb === 'adopt')
        .map(({ id, error }) => [id, error])
        .sort(),
    ).toEqual([
      [104, null],
      [106, null],
    ]);
    expect([104, 106].map((id) => lab.engine.find(String(id))?.init?.pid)).toEqual(inits);
    expect([104, 106].map((id) => lab.engine.find(String(id))?.unattended)).toEqual([false, false]);
    expect((await lab.inside(104, 'echo on >/dev/console && echo ok')).out).toBe('ok\n');
    expect(existsSync(`${lab.root}/run/vzdeck/104/console`)).toBe(true);
  });
});
