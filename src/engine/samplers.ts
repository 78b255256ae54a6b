// Which sampler looks at what, and who writes down what it sees: the kept one that keeps ledgers, traffic and files of old, the one that only
// glances, and the one for the files of old alone.
import type { Account } from './account/account.ts';
import { type Calm, openCalm } from './account/calm.ts';
import type { LedgerContext } from './account/ledger.ts';
import type { CtSummary, Sampler } from './account/sample.ts';
import { openSampledLedger } from './account/sampled-ledger.ts';
import { GLANCE, openSampler, type SightLedger } from './account/sampler.ts';
import { withTraffic } from './account/traffic/keep.ts';
import { openUbc } from './account/ubc.ts';
import type { CgroupTopology } from './cgroup/face.ts';
import { withFreshFiles } from './ct/old-files.ts';
import { openRoster } from './ct/roster.ts';
import { accountOf, ubcNode, wholeAccount } from './ct/ubc.ts';
import type { VerbContext } from './ct/verb.ts';
import type { CtLedger } from './spec/ubc-ledger.ts';
import type { CtUbc } from './spec/ubc-rows.ts';

export interface Samplers {
  /** For accounts that are looked at again and again: what they say is kept. */
  keeping(): Sampler;
  /** What a table shows at once, of which nothing is kept. */
  glancing(): Sampler;
  /** Writes the files of old at each look, and nothing else. */
  ofOldFiles(): Sampler;
}

/** `overLives`: an account with what earlier lives of its container have left in the ledger. */
export function samplersOf(
  context: () => VerbContext,
  topology: () => CgroupTopology,
  ledgers: LedgerContext,
  overLives: (raw: CtUbc) => CtLedger,
): Samplers {
  /** `ledger`: what it asks for is of the same look. */
  const samplerOf = (
    account: Account,
    ledger: (listed: () => readonly CtSummary[], netif: (id: number) => string | undefined) => SightLedger | null,
  ): Sampler => {
    const { host, node } = context();
    const roster = openRoster(context());
    let listed: readonly CtSummary[] = [];
    const netif = (id: number): string | undefined => roster.entry(id)?.values.get('NETIF');
    const list = (calm: Calm): readonly CtSummary[] => {
      listed = roster.look(calm);
      return listed;
    };
    return openSampler(host, {
      calm: openCalm(host, node, topology()),
      list,
      entry: roster.entry,
      account,
      ubc: openUbc(ubcNode(host)),
      ledger: ledger(() => listed, netif),
    });
  };
  return {
    keeping() {
      const { host, node } = context();
      const ledger = openSampledLedger(ledgers);
      const writes = (): boolean => ledger.writes;
      return samplerOf(wholeAccount(host, topology()), (listed, netif) => {
        const running = (): readonly number[] => listed().flatMap(({ id, init }) => (init === null ? [] : [id]));
        return withTraffic({ host, node }, withFreshFiles(host, node, ledger, listed, netif, writes), running, writes);
      });
    },
    glancing: () => samplerOf(accountOf(context().host, topology(), GLANCE), () => null),
    ofOldFiles() {
      const { host, node } = context();
      const overAll: SightLedger = {
        look: (raw) => new Map(raw.filter(({ running }) => running).map((one) => [one.id, overLives(one)])),
        close() {},
      };
      return samplerOf(wholeAccount(host, topology()), (listed, netif) => withFreshFiles(host, node, overAll, listed, netif, () => true));
    },
  };
}
