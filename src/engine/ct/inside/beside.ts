// Programs of the node in single namespaces of a container: they see the node's files, and what the kernel has for the container. Nothing inside is
// asked, so it works for what has no shell, or stands still.
import { VzError } from '../../errors.ts';
import type { Host } from '../../host/port.ts';
import type { ProcessId } from '../../launcher/launcher.ts';

/** Asked after the namespaces have been entered: then they were this process's when they were opened, and no pid that was given anew. */
const SAME = `pid=$0 start=$1 value=$2
read -r stat <"/proc/$pid/stat" && set -- \${stat##*) } && [ "\${20}" = "$start" ] || { echo 'its init has ended' >&2; exit 1; }
`;

export interface Beside {
  /** For the text of a failure. */
  readonly what: string;
  readonly namespaces: readonly ('uts' | 'ipc' | 'net' | 'user')[];
  /** Of sh; `$value` is the value. */
  readonly script: string;
  readonly value?: string;
}

/** What the script printed. Throws VzError 'system', and 'no-program' without util-linux. */
export async function beside(host: Host, init: ProcessId, { what, namespaces, script, value = '' }: Beside): Promise<string> {
  const enter = namespaces.map((name) => `--${name}=/proc/${init.pid}/ns/${name}`);
  const words = ['sh', '-c', `${SAME}${script}`, String(init.pid), String(init.startTime), value];
  const { status, stdout, stderr } = await host.run('nsenter', [...enter, ...words]);
  if (status !== 0) throw new VzError('system', { what, cause: stderr.trim() });
  return stdout.trim();
}
