// What a sampler looks through in tests: a list of their own, and accounts of what control files tell.
import { openAccount } from '../../../src/engine/account/account.ts';
import { ASTIR } from '../../../src/engine/account/calm.ts';
import type { CtSummary } from '../../../src/engine/account/sample.ts';
import type { Sight } from '../../../src/engine/account/sampler.ts';
import { openUbc } from '../../../src/engine/account/ubc.ts';
import type { CgroupTopology } from '../../../src/engine/cgroup/face.ts';
import type { Host } from '../../../src/engine/host/port.ts';
import { ACCOUNT_ROWS } from '../../../src/engine/spec/ubc-rows.ts';
import { ofOneLife } from './one-life.ts';

const HAS = new Set(['pids', 'memory'] as const);

export function sightOf(host: Host, topology: CgroupTopology, list: () => readonly CtSummary[], entry: Sight['entry'] = () => null): Sight {
  return {
    calm: { look: () => ASTIR, close() {} },
    list,
    entry,
    account: openAccount(host, topology, ACCOUNT_ROWS, []),
    ubc: openUbc({ has: () => HAS, limits: { numproc: 4096 } }),
    ledger: { look: (raw) => new Map(raw.map((ubc) => [ubc.id, ofOneLife(ubc)])), close() {} },
  };
}
