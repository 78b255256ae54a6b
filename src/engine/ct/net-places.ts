// Network namespaces of the node and of containers, as net/path asks them: by programs of the node that stand in them.

import { harmless } from '../account/process-stat.ts';
import { VzError } from '../errors.ts';
import type { ProcessId } from '../launcher/launcher.ts';
import type { Place } from '../net/path/step.ts';
import { parseRuleset } from '../net/verdict/ruleset.ts';
import { beside } from './inside/beside.ts';
import { lookAtRules } from './net-check.ts';
import type { VerbContext } from './verb.ts';

type Context = Pick<VerbContext, 'host'>;

/** A program of the node among what a container's network namespace has; words without newlines. */
const runIn = ({ host }: Context, init: ProcessId, words: readonly string[]): Promise<string> =>
  beside(host, init, {
    what: `look at the network of process ${init.pid}`,
    namespaces: ['net'],
    script: 'set -f; IFS=\'\n\'; set -- $value; exec "$@"',
    value: words.join('\n'),
  });

/** What is longer has been cut, or is no answer. */
function parsed(text: string): readonly unknown[] {
  try {
    const told: unknown = JSON.parse(text === '' ? '[]' : text);
    return Array.isArray(told) ? told : [];
  } catch {
    return [];
  }
}

const causeOf = (error: unknown): string => (error instanceof VzError ? String(error.fields['cause'] ?? error.message) : String(error));

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

export interface Spot extends Place {
  readonly run: (words: readonly string[]) => Promise<string>;
}

export function nodePlace(context: Context): Spot {
  const { host } = context;
  const run = async (words: readonly string[]): Promise<string> => {
    const [program = '', ...rest] = words;
    const { status, stdout, stderr } = await host.run(program, rest);
    if (status !== 0) throw new VzError('system', { what: program, cause: stderr.trim() });
    return stdout;
  };
  return {
    where: 'node',
    run,
    ip: asking(run),
    rules: once(() => lookAtRules(host)),
    table: (name) => host.files.readMost(`${host.proc}/net/${name}`, TABLE) ?? '',
    says: (path) => host.files.read(`/proc/sys/net/${path}`)?.trim() ?? '',
  };
}

/** Bytes of a table of sockets: some 14,000 of them. */
const TABLE = 2 << 20;

const asking =
  (run: Spot['run']): Place['ip'] =>
  (...words) =>
    run(['ip', '-j', ...words]).then(
      (text) => ({ told: parsed(text), error: '' }),
      (error: unknown) => ({ told: [], error: harmless(causeOf(error).split('\n')[0] ?? '') }),
    );

export function insidePlace(context: Context, id: number, init: ProcessId): Spot {
  const { host } = context;
  const run = (words: readonly string[]): Promise<string> => runIn(context, init, words);
  return {
    where: `inside ${id}`,
    run,
    ip: asking(run),
    rules: once(() =>
      run(['nft', '-j', 'list', 'ruleset'])
        .then(parseRuleset)
        .catch(() => null),
    ),
    table: (name) => host.files.readMost(`${host.proc}/${init.pid}/net/${name}`, TABLE) ?? '',
    says: () => '',
  };
}
