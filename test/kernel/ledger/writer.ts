// A sampler that does nothing but look, as often as it can, at one container whose refusals grow by one with each look; tells each number once the look
// is over. Its clock goes a second with each, so that the disk, minutes and hours have their turns. Run with: root, launcher, life, first number.
import { writeSync } from 'node:fs';
import { openSampledLedger } from '../../../src/engine/account/sampled-ledger.ts';
import { openLinuxHost } from '../../../src/engine/host/linux/host.ts';
import { openLauncher } from '../../../src/engine/launcher/client.ts';
import { ACCOUNT_ROWS, type CtUbc } from '../../../src/engine/spec/ubc-rows.ts';
import { loadNodeConfig } from '../../../src/engine/store/node-config.ts';

const [root = '', program = '', life = '', first = '1'] = process.argv.slice(2);
let number = Number(first);

const account = (failcnt: number): CtUbc => ({
  id: 101,
  running: true,
  rows: ACCOUNT_ROWS.map((name) => ({
    name,
    held: failcnt % 50,
    maxheld: failcnt % 50,
    barrier: 1n,
    limit: 1n,
    failcnt: name === 'numproc' ? failcnt : 0,
    source: 'x',
    failSource: 'x',
    enforced: 'kernel',
    reason: '',
  })),
});

const launcher = openLauncher(program);
const host = { ...openLinuxHost(root, launcher, `${root}/proc`), uptime: () => number * 1000 };
const ledger = openSampledLedger({
  host,
  node: loadNodeConfig(host.files, root),
  life: () => life,
  account: () => account(number),
});
while (!ledger.writes) await new Promise((resolve) => setImmediate(resolve));
for (; ; number++) {
  ledger.look([account(number)]);
  writeSync(1, `${number}\n`);
  if (number % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
}
