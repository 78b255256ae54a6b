// Fail counts and highest values of real containers over whatever may end them: a stop, a reboot or a halt inside, an init that is killed, a keeper
// that is killed with nobody else there, an engine that is killed in the middle; and with a sampler that looks meanwhile.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CtSummary, Sampler } from '../../../src/engine/engine.ts';
import { openEngine } from '../../../src/engine/open.ts';
import { HOME, type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';
import { calm, stormOf } from '../storm.ts';
import { until } from '../until.ts';

const NUMPROC = 24;
/** Is refused once, for the shell gives up then. */
const STORM = stormOf(2 * NUMPROC);

requires(
  'root',
  'launcher',
  'busybox',
)('a ledger', () => {
  let lab: Lab;
  const ct = (id: number): CtSummary => lab.engine.find(String(id)) as CtSummary;
  const counts = (id: number): { failcnt: number; lifeFailcnt: number; maxheld: number; everheld: number; held: number; gaps: number } => {
    const [account] = lab.engine.ubc([id]);
    const row = account?.rows.find(({ name }) => name === 'numproc');
    const { failcnt = -1, lifeFailcnt = -1, maxheld = -1, everheld = -1, held = -1 } = row ?? {};
    return { failcnt, lifeFailcnt, maxheld, everheld, held, gaps: account?.gaps.length ?? -1 };
  };
  const over = async (id: number): Promise<void> => {
    await calm(lab, id);
    await until(() => counts(id).held < NUMPROC / 2);
  };
  /** One refusal more. */
  const storm = async (id: number): Promise<void> => {
    const { failcnt } = counts(id);
    await lab.inside(id, STORM);
    expect(counts(id).failcnt).toBe(failcnt + 1);
    await over(id);
  };
  /** What it does at boot is over: that would be refused beside the storm. */
  const started = (id: number): Promise<void> => lab.engine.start(id, { wait: true });
  const born = async (id: number): Promise<void> => {
    await lab.engine.create(id, { ostemplate: 'busybox', values: { NUMPROC: `${NUMPROC}:${NUMPROC}` } });
    await started(id);
  };
  const isBusy = (id: number): boolean => existsSync(join(lab.engine.node.lockDir, `${id}.lck`));
  /** What its end left is taken away, and who took it has let go of it. */
  const gone = (id: number): Promise<void> =>
    until(() => ct(id).state === 'stopped' && !existsSync(join(lab.root, `run/vzdeck/${id}/record`)) && !isBusy(id));
  /** It lives anew, and its start is over: before that its last life is told. One look: of two the first may have found the old init, and the second none. */
  const again = async (id: number, before: CtSummary['init']): Promise<void> =>
    until(() => {
      const { state, init } = ct(id);
      return state === 'running' && init !== null && init.pid !== before?.pid && !isBusy(id);
    });

  beforeAll(() => {
    lab = openLab();
    lab.engine.bootstrap();
  });
  afterAll(() => lab.down());

  test('goes on over stop and start, fast or asked', async () => {
    await born(101);
    expect(counts(101)).toMatchObject({ failcnt: 0, gaps: 0 });
    await storm(101);
    const { everheld } = counts(101);
    expect(everheld).toBeGreaterThanOrEqual(NUMPROC);
    await lab.engine.stop(101, { fast: true });
    expect(counts(101)).toMatchObject({ failcnt: 1, lifeFailcnt: 1, maxheld: everheld, held: 0, gaps: 0 });
    await started(101);
    expect(counts(101)).toMatchObject({ failcnt: 1, lifeFailcnt: 0, everheld, gaps: 0 });
    expect(counts(101).maxheld).toBeLessThan(NUMPROC);
    await storm(101);
    await lab.engine.restart(101);
    expect(counts(101)).toMatchObject({ failcnt: 2, lifeFailcnt: 0, gaps: 0 });
    // as vzlist tells it
    expect(lab.engine.beancounters([101], ['numproc'], true).get(101)?.get('numproc')).toMatchObject({ failcnt: 2 });
    const sampler = lab.engine.sampler();
    expect(sampler.tick(['numproc.f']).containers[0]?.fields).toEqual({ 'numproc.f': 2 });
    sampler.close();
  });

  test('goes on over a reboot inside, and a halt inside', async () => {
    await storm(101);
    const { init } = ct(101);
    await lab.inside(101, 'reboot');
    await again(101, init);
    expect(counts(101)).toMatchObject({ failcnt: 3, lifeFailcnt: 0, gaps: 0 });
    await storm(101);
    await lab.inside(101, 'halt');
    await gone(101);
    expect(counts(101)).toMatchObject({ failcnt: 4, lifeFailcnt: 1, gaps: 0 });
    await started(101);
  });

  test('loses nothing when init is killed, or the keeper before it: the next start finds the groups', async () => {
    await storm(101);
    process.kill(ct(101).init?.pid as number, 'SIGKILL');
    await gone(101);
    expect(counts(101)).toMatchObject({ failcnt: 5, gaps: 0 });
    await started(101);
    await storm(101);
    const note = join(lab.root, 'run/vzdeck/101/keeper');
    process.kill(Number(readFileSync(note, 'utf8').split(' ')[0]), 'SIGKILL');
    await until(() => ct(101).unattended);
    const { init } = ct(101);
    process.kill(init?.pid as number, 'SIGKILL');
    await until(() => ct(101).init === null);
    // nobody has taken anything away, and the kernel still tells
    expect(counts(101)).toMatchObject({ failcnt: 6, gaps: 0 });
    await started(101);
    expect(counts(101)).toMatchObject({ failcnt: 6, lifeFailcnt: 0, gaps: 0 });
  });

  test('a stop whose engine is killed at any moment counts nothing twice, and loses nothing', async () => {
    for (const ms of [20, 60, 120, 180, 260]) {
      await storm(101);
      const { failcnt } = counts(101);
      const stopping = spawn(join(HOME, 'bin/vzctl'), ['stop', '101', '--fast'], {
        env: { ...process.env, VZDECK_ROOT: lab.root },
        stdio: 'ignore',
      });
      const ended = new Promise((resolve) => stopping.once('exit', resolve));
      setTimeout(() => stopping.kill('SIGKILL'), ms);
      await ended;
      await lab.engine.stop(101, { fast: true });
      expect(counts(101)).toMatchObject({ failcnt, gaps: 0 });
      await started(101);
      expect(counts(101)).toMatchObject({ failcnt, lifeFailcnt: 0, gaps: 0 });
    }
  });

  test('is reset by vzctl set --reset_ub, while it runs and a sampler looks', async () => {
    const sampler: Sampler = lab.engine.sampler();
    const seen = (): number | undefined =>
      sampler
        .tick([], true)
        .containers.find(({ id }) => id === 101)
        ?.ubc?.rows.find(({ name }) => name === 'numproc')?.failcnt;
    const { failcnt } = counts(101);
    expect([failcnt > 5, seen()]).toEqual([true, failcnt]);
    await lab.engine.set(101, {}, { resetUb: true, save: false });
    expect(counts(101)).toMatchObject({ failcnt: 0, lifeFailcnt: 0 });
    expect(counts(101).everheld).toBeLessThan(NUMPROC);
    await until(() => seen() === 0);
    await lab.inside(101, STORM);
    await until(() => seen() === 1);
    await over(101);
    expect(counts(101)).toMatchObject({ failcnt: 1 });
    sampler.close();
  });

  test('of two samplers one writes; when its process goes the other does, and both tell the same', async () => {
    const others = openEngine({ home: HOME, root: lab.root });
    const [first, second] = [lab.engine.sampler(), others.sampler()];
    const failcnt = (sampler: Sampler): number =>
      sampler
        .tick([], true)
        .containers.find(({ id }) => id === 101)
        ?.ubc?.rows.find(({ name }) => name === 'numproc')?.failcnt ?? -1;
    const { failcnt: before } = counts(101);
    for (let n = 1; n <= 3; n++) {
      await storm(101);
      expect([failcnt(first), failcnt(second)]).toEqual([before + n, before + n]);
    }
    first.close();
    await storm(101);
    expect(failcnt(second)).toBe(before + 4);
    second.close();
    others.close();
    expect(counts(101)).toMatchObject({ failcnt: before + 4, gaps: 0 });
  });

  test('a container that is destroyed while somebody looks leaves nothing', async () => {
    await born(102);
    const sampler = lab.engine.sampler();
    sampler.tick([], true);
    const looking = setInterval(() => sampler.tick([], true), 5);
    await lab.engine.stop(102, { fast: true });
    await lab.engine.destroy(102);
    clearInterval(looking);
    expect(sampler.tick([], true).containers.map(({ id }) => id)).toEqual([101]);
    sampler.close();
    const left = ['var/lib/vzdeck/ledger', 'var/lib/vzdeck/history', 'run/vzdeck/ledger'].flatMap((dir) =>
      existsSync(join(lab.root, dir)) ? readdirSync(join(lab.root, dir)).filter((name) => name.startsWith('102')) : [],
    );
    expect(left).toEqual([]);
  });
});
