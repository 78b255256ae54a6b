// vzdeck net: one word after it for each question about networks; each stands in a file of its own.
import { CliExit } from '../command.ts';
import type { NetCall } from './net-call.ts';
import { netCheck } from './net-check.ts';
import { netPath } from './net-path.ts';
import { netRates } from './net-rates.ts';
import { netTalkers } from './net-talkers.ts';
import { netUsage } from './net-usage.ts';

interface NetVerb {
  /** After the word, in help. */
  readonly operands: string;
  readonly help: string;
  /** The exit status. */
  readonly act: (words: readonly string[], call: NetCall) => Promise<number>;
}

const VERBS: Readonly<Record<string, NetVerb>> = {
  check: {
    operands: '[CONTAINER] [--repair]',
    help: 'what keeps networks from working, by whom, and what helps; status 1 where there is something; --repair makes anew what is ours',
    act: netCheck,
  },
  path: {
    operands: 'FROM TO [--probe]',
    help: 'the way of a packet and where it ends; FROM, TO: a container, node or an address, with :PORT and /udp; status 1 where it does not arrive',
    act: netPath,
  },
  rates: {
    operands: '[CONTAINER…]',
    help: 'what goes over links within a second, and what was dropped of it, by reason',
    act: netRates,
  },
  talkers: {
    operands: '[CONTAINER]',
    help: 'connections of a container by state and port; without one, who talks to whom',
    act: netTalkers,
  },
  usage: {
    operands: '[CONTAINER…] [--day|--month] [--since DATE]',
    help: 'what has gone over links, restarts included, in all, by day or by month',
    act: netUsage,
  },
};

/** For help and completion. */
export const NET_VERBS: readonly (readonly [words: string, help: string])[] = Object.entries(VERBS).map(([word, { operands, help }]) => [
  `${word} ${operands}`.trim(),
  help,
]);

/** Throws CliExit 20 for a word that is none. */
export async function net(words: readonly string[], call: NetCall): Promise<number> {
  const [word = '', ...rest] = words;
  const verb = Object.hasOwn(VERBS, word) ? VERBS[word] : undefined;
  if (verb === undefined) throw new CliExit(20, `vzdeck net takes one of ${Object.keys(VERBS).join(', ')}`);
  return verb.act(rest, call);
}
