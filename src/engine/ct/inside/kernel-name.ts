// The host name that the kernel has for a container. Set and read in its UTS namespace by programs of the node: nothing inside is asked, so it
// works for what has no shell, or stands still.
import { VzError } from '../../errors.ts';
import type { Host } from '../../host/port.ts';
import type { ProcessId } from '../../launcher/launcher.ts';

const FILE = '/proc/sys/kernel/hostname';

/** Asked after the namespace has been entered: then it was this process's when it was opened, and no pid that was given anew. */
const SAME = `pid=$0 start=$1 name=$2
read -r stat <"/proc/$pid/stat" && set -- \${stat##*) } && [ "\${20}" = "$start" ] || { echo 'its init has ended' >&2; exit 1; }
`;

async function beside(host: Host, init: ProcessId, script: string, ...args: readonly string[]): Promise<string> {
  const words = ['sh', '-c', `${SAME}${script}`, String(init.pid), String(init.startTime), ...args];
  const { status, stdout, stderr } = await host.run('nsenter', [`--uts=/proc/${init.pid}/ns/uts`, ...words]);
  if (status !== 0) throw new VzError('system', { what: 'Host name of the container', cause: stderr.trim() });
  return stdout.trim();
}

export const kernelName = (host: Host, init: ProcessId): Promise<string> => beside(host, init, `read -r name <${FILE}; echo "$name"`);

/** At most 64 bytes. Throws VzError 'system', and 'no-program' without util-linux. */
export async function setKernelName(host: Host, init: ProcessId, name: string): Promise<void> {
  await beside(host, init, `printf %s "$name" >${FILE}`, name);
}
