// Containers whose root does what it can to mislead, hold up or exhaust whoever looks: names, a thousand processes, a hundred thousand descriptors,
// processes that come and go, one without a keeper, one that ends meanwhile.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { whoLines } from '../../../src/cli/commands/who.ts';
import { whyLines } from '../../../src/cli/commands/why.ts';
import { requires } from '../requires.ts';
import { until } from '../until.ts';
import { openTrouble, type Trouble } from './trouble.ts';

requires(
  'root',
  'launcher',
  'busybox',
  'cc',
)('who and why, of hostile containers', () => {
  let trouble: Trouble;
  beforeAll(async () => {
    trouble = openTrouble();
    await trouble.born(101, { NUMPROC: '2000' });
  });
  afterAll(() => trouble.down());

  const held = async (name: string, id = 101) => {
    const found = await trouble.lab.engine.who(id, name);
    if (found === null) throw new Error(`${name} is no beancounter`);
    return found;
  };

  test('names steer no terminal, whatever is asked', async () => {
    const evil = `$(printf 'x\\033]0;owned\\007\\n\\342\\200\\256) R 1 (')`;
    await trouble.lab.inside(101, `cp /provoke "/tmp/${evil}" && ("/tmp/${evil}" named "${evil}" </dev/null >/dev/null 2>&1 &)`);
    while ((await held('numproc')).lines.every(({ command }) => !command.includes('owned')))
      await new Promise((resolve) => setImmediate(resolve));
    const found = await trouble.lab.engine.why(101);
    const lines = [...whyLines(found, 80)];
    for (const name of ['numproc', 'physpages', 'numfile', 'numothersock', 'numflock']) lines.push(...whoLines(await held(name), 200));
    expect(lines.some((line) => line.includes('owned'))).toBe(true);
    for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test('a thousand processes are counted, and the answer is short', async () => {
    await trouble.begin(101, 'crowd', 1000);
    // all of them, or it says that it was cut
    let found = await held('numproc');
    const whole = (): boolean => (found.lines[0]?.amount ?? 0) >= 1000 || found.notes.some((note) => note.includes('cut'));
    while (!whole()) found = await held('numproc');
    expect(found.lines.length).toBeLessThanOrEqual(20);
    expect(found.lines[0]).toMatchObject({ name: 'crowd' });
    expect((await held('physpages')).lines.length).toBeGreaterThan(0);
  });

  test('a hundred thousand descriptors of one process hide nobody else, and their number is told', async () => {
    await trouble.begin(101, 'descriptors', 100_000);
    await trouble.lab.inside(101, `(exec 7</etc/passwd 8<>/dev/ptmx; exec sleep 5555) </dev/null >/dev/null 2>&1 &`);
    const named = async (): Promise<readonly string[]> => (await held('numpty')).lines.map(({ name }) => name);
    while (!(await named()).includes('sleep')) await new Promise((resolve) => setImmediate(resolve));
    const found = await held('numfile');
    expect(found.lines[0]).toMatchObject({ name: 'descriptors' });
    expect(found.held).toBeGreaterThan(20_000);
  });

  test('processes that come and go while one looks are no trouble', async () => {
    await trouble.lab.inside(101, '(while :; do /bin/true & /bin/true & wait; done) </dev/null >/dev/null 2>&1 &');
    for (let i = 0; i < 2; i++)
      for (const name of ['numproc', 'numfile', 'physpages', 'numtcpsock', 'numflock']) expect((await held(name)).id).toBe(101);
  });

  test('one that ends while it is looked at, and one that does not run, are told without', async () => {
    await trouble.born(102);
    const both = [trouble.lab.engine.why(102), held('numproc', 102), trouble.lab.engine.stop(102, { fast: true })] as const;
    const [found] = await Promise.all(both);
    expect(found.evidence.containers.map(({ id }) => id)).toContain(102);
    expect(await held('numproc', 102)).toMatchObject({ held: 0, lines: [], notes: ['It has no processes'] });
    expect(await trouble.lab.engine.who(102, 'nonsense')).toBeNull();
    expect(await trouble.lab.engine.who(4711, 'numproc')).toMatchObject({ lines: [] });
  });

  test('one whose keeper was killed is told, and can be looked into', async () => {
    const { engine } = trouble.lab;
    await engine.start(102);
    process.kill(Number(readFileSync(`${trouble.lab.root}/run/vzdeck/102/keeper`, 'utf8').split(' ')[0]), 'SIGKILL');
    await until(() => engine.find('102')?.unattended === true);
    const found = await engine.why(102);
    expect(found.sentences.filter(({ id }) => id === 102)).toMatchObject([{ rule: 'unattended', severity: 'note' }]);
    expect((await held('numproc', 102)).held).toBeGreaterThan(1);
  });
});
