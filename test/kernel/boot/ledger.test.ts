// The ledger over a shutdown and a power cut of the node: what a sampler saw is there afterwards, what nobody saw is told as a gap, and nothing is
// counted twice. One part per boot.
import { mkdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { historyPath, MINUTES_AND_HOURS } from '../../../src/engine/account/ledger.ts';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import { readRings } from '../../../src/engine/store/ubc-rings.ts';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';
import { calm, stormOf } from '../storm.ts';

/** The same in all boots. */
const ROOT = '/var/tmp/vzdeck-ledger-reboot';
const BOOT = Number(process.env['VZDECK_BOOT'] ?? 0);
const LAST = 3;
const NUMPROC = 24;

requires(
  'root',
  'launcher',
  'busybox',
  'boots',
)(`a ledger in boot ${BOOT} of the node`, () => {
  let lab: Lab;
  const account = (): { failcnt: number; lifeFailcnt: number; everheld: number; gaps: number } => {
    const [ct] = lab.engine.ubc([101]);
    const { failcnt = -1, lifeFailcnt = -1, everheld = -1 } = ct?.rows.find(({ name }) => name === 'numproc') ?? {};
    return { failcnt, lifeFailcnt, everheld, gaps: ct?.gaps.length ?? -1 };
  };
  const sure = join(ROOT, 'sure');

  beforeAll(() => {
    mkdirSync(ROOT, { recursive: true });
    lab = openLab(ROOT);
  });
  afterAll(() => (BOOT < LAST ? lab.engine.close() : lab.down()));

  test('has what was seen before the node went down, and says what may be missing', async () => {
    if (BOOT === 1) await lab.born(101, { NUMPROC: `${NUMPROC}:${NUMPROC}` });
    else {
      const kept = Number(readFileSync(sure, 'utf8'));
      // a shutdown stops the containers, and with them their lives are closed; after a power cut nobody knows of the last moments
      expect(account()).toMatchObject({ failcnt: kept, gaps: BOOT - 2 });
      expect(account().everheld).toBeGreaterThanOrEqual(NUMPROC);
      await lab.engine.start(101, {}, lab.run);
      expect(account()).toMatchObject({ failcnt: kept, lifeFailcnt: 0, gaps: BOOT - 2 });
    }
  });

  test('is on the disk when a sampler has seen it, at most ten seconds later', async () => {
    const before = account().failcnt;
    await lab.inside(101, stormOf(2 * NUMPROC));
    await calm(lab, 101);
    expect(account().failcnt).toBe(before + 1);
    const { node } = lab.engine;
    const found = (): number =>
      readRings(linuxFiles, historyPath(node, 101), MINUTES_AND_HOURS).statement()?.rows.get('numproc')?.failcnt ?? 0;
    // of this life; and what it began with is none
    expect(found()).toBe(0);
    const sampler = lab.engine.sampler();
    const ticking = setInterval(() => sampler.tick(), 1000);
    await new Promise<void>((resolve) => {
      const watcher = watch(node.historyDir, () => {
        if (found() === 0) return;
        watcher.close();
        resolve();
      });
    });
    clearInterval(ticking);
    sampler.close();
    writeFileSync(sure, String(before + 1), { flush: true });
  }, 60_000);
});
