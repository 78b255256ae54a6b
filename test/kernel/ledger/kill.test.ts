// kill -9 of the process that writes ledgers, at 200 random moments: what a finished look has seen is there, nothing is counted twice over lives that
// are closed in between, no file is ever damaged, and the next writer has its turn at once.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeLife, type LedgerContext, settleLife, storedLedger } from '../../../src/engine/account/ledger.ts';
import { openHistory } from '../../../src/engine/account/ledger-history.ts';
import { openLinuxHost } from '../../../src/engine/host/linux/host.ts';
import { openLauncher } from '../../../src/engine/launcher/client.ts';
import type { Launcher } from '../../../src/engine/launcher/launcher.ts';
import { ACCOUNT_ROWS, type UbcRow } from '../../../src/engine/spec/ubc-rows.ts';
import { loadNodeConfig } from '../../../src/engine/store/node-config.ts';
import { LAUNCHER, requires } from '../requires.ts';

/** So many writers at a time, each with a node of its own. */
const AT_ONCE = 4;
const KILLS = AT_ONCE * Number(process.env['VZDECK_CYCLES'] ?? 50);

requires('root', 'launcher')('kill -9 of the writer', () => {
  let dir = '';
  let program = '';
  let launcher: Launcher;

  beforeAll(async () => {
    dir = mkdtempSync('/tmp/vzdeck-ledger-kill-');
    program = join(dir, 'writer.mjs');
    await build({
      entryPoints: [new URL('writer.ts', import.meta.url).pathname],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
    });
    launcher = openLauncher(LAUNCHER);
  });
  afterAll(() => {
    launcher.close();
    rmSync(dir, { recursive: true });
  });

  const row = (failcnt: number): UbcRow => ({
    name: 'numproc',
    held: 0,
    maxheld: 0,
    barrier: 1n,
    limit: 1n,
    failcnt,
    source: 'x',
    failSource: 'x',
    enforced: 'kernel',
    reason: '',
  });

  /** Looks until the number that is random, and is killed right then or a moment later; the last number that it told. */
  const killed = (root: string, life: string, from: number): Promise<number> =>
    new Promise((resolve) => {
      const looks = 1 + Math.floor(Math.random() * 40);
      const writer = spawn(process.execPath, [program, root, LAUNCHER, life, String(from)], { stdio: ['ignore', 'pipe', 'inherit'] });
      let told = '';
      let due = false;
      writer.stdout.setEncoding('utf8').on('data', (text: string) => {
        told += text;
        if (due || told.split('\n').length <= looks) return;
        due = true;
        // somewhere in the look after this one
        setTimeout(() => writer.kill('SIGKILL'), Math.random() * 2);
      });
      writer.once('close', () => resolve(Number(told.slice(0, told.lastIndexOf('\n')).split('\n').at(-1) || from - 1)));
    });

  const node = async (n: number): Promise<void> => {
    const root = join(dir, String(n));
    const host = openLinuxHost(root, launcher, join(root, 'proc'));
    let kernel = { life: `boot ${n} 0`, failcnt: 0 };
    let stands = true;
    const context: LedgerContext = {
      host,
      node: loadNodeConfig(host.files, root),
      life: () => (stands ? kernel.life : null),
      account: (id) => ({
        id,
        running: true,
        rows: ACCOUNT_ROWS.map((name) => ({ ...row(name === 'numproc' ? kernel.failcnt : 0), name })),
      }),
    };
    const total = (): number => {
      const { base = 0, failcnt = 0 } = storedLedger(context, 101).entries.get('numproc') ?? {};
      return base + failcnt;
    };
    let before = 0;
    for (let kill = 1; kill <= KILLS / AT_ONCE; kill++) {
      const told = await killed(root, kernel.life, kernel.failcnt + 1);
      // the look that was cut short may have been written, and may not
      expect(total() - before).toBeGreaterThanOrEqual(told);
      expect(total() - before).toBeLessThanOrEqual(told + 1);
      kernel = { ...kernel, failcnt: Math.max(told + 1, total() - before) };
      const points = openHistory(host, context.node).points(101, 'numproc', 'seconds');
      expect(points.every(({ failcnt }, i) => i === 0 || failcnt > (points[i - 1]?.failcnt ?? 0))).toBe(true);
      if (kill % 6 !== 0) continue;
      // a verb takes the container down, and another start makes other groups
      await closeLife(context, 101);
      before += kernel.failcnt;
      stands = false;
      await settleLife(context, 101);
      kernel = { life: `boot ${n} ${kill}`, failcnt: 0 };
      stands = true;
      expect(total()).toBe(before);
    }
    await closeLife(context, 101);
    expect(total()).toBe(before + kernel.failcnt);
    expect(storedLedger(context, 101).gaps).toEqual([]);
  };

  test(`at ${KILLS} random moments`, { timeout: 180_000 }, async () => {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => node(n)));
  });
});
