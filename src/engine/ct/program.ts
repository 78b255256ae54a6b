// A program of the node that a person runs for a container: argv as it is, lines as events. Knows nothing of what it does.
import { VzError } from '../errors.ts';
import { type Host, PROGRAM_PATH } from '../host/port.ts';
import type { NodeConfig } from '../store/node-config.ts';
import type { VerbEvent } from './verb.ts';

/** vzctl and its kin are this project's, on this prefix. */
export function programEnv(home: string, node: NodeConfig): Readonly<Record<string, string>> {
  return { PATH: `${home}/bin:${PROGRAM_PATH}`, ...(node.prefix === '' ? {} : { VZDECK_ROOT: node.prefix }) };
}

export async function runProgram(
  host: Pick<Host, 'run'>,
  env: Readonly<Record<string, string>>,
  [program = '', ...args]: readonly string[],
  { report, signal }: { readonly report?: (event: VerbEvent) => void; readonly signal?: AbortSignal },
): Promise<void> {
  let said = '';
  const { status } = await host.run(program, args, {
    env,
    ...(signal === undefined ? {} : { signal }),
    onLine: (text, from) => {
      if (from === 'err' && text !== '') said = text;
      report?.({ level: from === 'err' ? -1 : 0, text });
    },
  });
  if (status === 0) return;
  const ended = status > 128 ? { signal: status - 128 } : { status };
  throw new VzError('program-failed', { program, said, ...ended });
}
