// The host name that the kernel has for a container.
import type { Host } from '../../host/port.ts';
import type { ProcessId } from '../../launcher/launcher.ts';
import { type Beside, beside } from './beside.ts';

const FILE = '/proc/sys/kernel/hostname';
const NAME = { what: 'Host name of the container', namespaces: ['uts'] } as const satisfies Partial<Beside>;

export const kernelName = (host: Host, init: ProcessId): Promise<string> =>
  beside(host, init, { ...NAME, script: `read -r name <${FILE}; echo "$name"` });

/** At most 64 bytes. Throws VzError 'system', and 'no-program' without util-linux. */
export async function setKernelName(host: Host, init: ProcessId, name: string): Promise<void> {
  await beside(host, init, { ...NAME, script: `printf %s "$value" >${FILE}`, value: name });
}
