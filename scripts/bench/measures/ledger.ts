// What keeping a look costs beside the look itself: 200 containers of which all have used memory since the look before, and every tenth was refused
// something.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { LedgerContext } from '../../../src/engine/account/ledger.ts';
import { openOldFiles } from '../../../src/engine/account/old-files.ts';
import { openSampledLedger } from '../../../src/engine/account/sampled-ledger.ts';
import { openLinuxHost } from '../../../src/engine/host/linux/host.ts';
import { openLauncher } from '../../../src/engine/launcher/client.ts';
import { ACCOUNT_ROWS, type CtUbc } from '../../../src/engine/spec/ubc-rows.ts';
import { loadNodeConfig } from '../../../src/engine/store/node-config.ts';
import { type Bench, figure } from '../figure.ts';
import { spread } from '../statistics.ts';

const CONTAINERS = 200;
const LOOKS = 60;
const WARM = 10;
/** Between two looks, as a sampler's: the disk has its turn every ten seconds, and minutes are over when they are over. */
const PAUSE_MS = 1000;
const MOVING: ReadonlySet<string> = new Set(['kmemsize', 'privvmpages', 'physpages', 'oomguarpages']);
const CPU = { user: 1000, nice: 0, system: 500 };

function account(id: number, look: number): CtUbc {
  return {
    id,
    running: true,
    rows: ACCOUNT_ROWS.map((name, i) => ({
      name,
      held: id + i + (MOVING.has(name) ? look % 7 : 0),
      maxheld: 2 * id + i,
      barrier: 1_000_000n,
      limit: 1_000_000n,
      failcnt: name === 'numproc' && id % 10 === 0 ? look : 0,
      source: 'none',
      failSource: 'none',
      enforced: 'kernel',
      reason: '',
    })),
  };
}

/** CPU time in milliseconds, that of threads in the background included: the same on a busy machine. */
async function took(work: () => Promise<void> | void): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

setFlagsFromString('--expose-gc');
/** Of what has been made lately: five thousand rows for each look, which are the account's and not the ledger's. */
const collect = runInNewContext('gc') as (how: { type: 'minor' }) => void;

const IPS = ['10.0.0.1'];
const VETHS: readonly never[] = [];

export const LEDGER = figure(
  'ledger',
  'Keeping a look at 200 busy containers, CPU time per look',
  {
    write: { says: 'written: found last, seconds, minutes', unit: 'ms', atMost: 2 },
    sums: { says: 'sums over lives, in memory', unit: 'ms' },
    files: { says: 'files of old, all of them anew', unit: 'ms' },
  },
  async (bench: Bench) => {
    const root = mkdtempSync(join(bench.dir, 'ledger-'));
    const launcher = openLauncher(join(bench.home, 'build/launcher'));
    const host = openLinuxHost(root, launcher);
    const node = { ...loadNodeConfig(host.files, root), runDir: mkdtempSync('/dev/shm/vzdeck-bench-') };
    const context: LedgerContext = { host, node, life: (id) => `boot ${id}`, account: (id) => account(id, 0) };
    const writer = openSampledLedger(context);
    while (!writer.writes) await new Promise((resolve) => setImmediate(resolve));
    const reader = openSampledLedger(context);
    const old = openOldFiles(host, node);
    const samples = { write: [] as number[], sums: [] as number[], files: [] as number[] };
    for (let look = 0; look < LOOKS + WARM; look++) {
      const raw = Array.from({ length: CONTAINERS }, (_, n) => account(101 + n, look));
      collect({ type: 'minor' });
      const both = await took(() => {
        writer.look(raw);
        return writer.settled();
      });
      const sums = await took(() => void reader.look(raw));
      const all = [...reader.look(raw).values()].map((ubc) => ({ id: ubc.id, ubc, ips: IPS, veths: VETHS, uptime: look, cpu: CPU }));
      const files = await took(() => old.write(all, 1000));
      if (look >= WARM) {
        samples.write.push(Math.max(0, both - sums));
        samples.sums.push(sums);
        samples.files.push(files);
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    reader.close();
    await writer.settled();
    writer.close();
    launcher.close();
    await host.run('rm', ['-rf', '--', node.runDir]);
    return { write: spread(samples.write), sums: spread(samples.sums), files: spread(samples.files) };
  },
);
