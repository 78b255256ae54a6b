// The systemd service whose delegated cgroup all containers of a node live in (pure v2 only). Knows systemd's rules for it; refuses to
// know what its stop command does.
import { VzError } from '../errors.ts';
import type { Host } from '../host/port.ts';
import type { CgroupTopology } from './face.ts';
import { removeTop } from './topology.ts';

/**
 * - The service's own process only holds the cgroup: systemd removes that of a service that has "remained after exit" (tried with 257),
 *   controllers with it. The first start moves it out of the way, into the group of keepers.
 * - Without TasksMax= all containers together would get 15 % of the node's pids.
 * - Without OOMPolicy= one process killed at one container's memory limit would stop the service, and so all of them.
 */
const PROPERTIES = {
  Description: 'OpenVZ containers',
  Type: 'exec',
  Delegate: 'yes',
  TasksMax: 'infinity',
  OOMPolicy: 'continue',
  // Stopped before the network and the file systems go.
  After: 'network.target local-fs.target',
} as const;

const HOLDER = ['sleep', 'infinity'];

/** As systemd-run splits a command line. The colon: nothing in it is a variable (systemd 244). */
const commandLine = (words: readonly string[]): string => `:${words.map((word) => `"${word.replace(/[\\"]/g, '\\$&')}"`).join(' ')}`;

/** Arguments of systemd-run for a service that nobody has installed. */
export function transientService(unit: string, stop: readonly string[]): readonly string[] {
  const properties = { ...PROPERTIES, ...(stop.length > 0 ? { ExecStop: commandLine(stop), TimeoutStopSec: 'infinity' } : {}) };
  return [
    '--quiet',
    '--collect',
    `--unit=${unit}`,
    '--remain-after-exit',
    ...Object.entries(properties).map(([k, v]) => `--property=${k}=${v}`),
    ...HOLDER,
  ];
}

/** Takes T away again, on a node of systemd with the service that holds it; the caller knows that no container runs. Refused while processes are in it. */
export async function leaveTop(host: Host, topology: CgroupTopology): Promise<void> {
  const { service, unified, top } = topology;
  // Not by rmdir: the service's own process is in it, and systemd would believe in a service without a cgroup.
  if (service !== null && host.files.stat(`${unified}${top}`) !== null) {
    const stopped = await host.run('systemctl', ['stop', service]);
    if (stopped.status !== 0) throw new VzError('system', { what: `Stopping ${service}`, cause: stopped.stderr.trim() });
  }
  await host.launcher.ops({ ops: removeTop(topology) });
}

/**
 * Makes sure that T is there. An installed service is started, otherwise a transient one.
 * @param stop command line that stops all containers in order, run when the service is stopped or the node shuts down; empty for none
 */
export async function ensureService(host: Host, topology: CgroupTopology, stop: readonly string[]): Promise<void> {
  const { service, unified, top } = topology;
  if (service === null || unified === null || host.files.stat(`${unified}${top}`) !== null) return;
  const installed = await host.run('systemctl', ['start', service]);
  if (installed.status === 0) return;
  const started = await host.run('systemd-run', transientService(service, stop));
  // Two first starts at the same moment: the other one has made it.
  if (started.status !== 0 && host.files.stat(`${unified}${top}`) === null)
    throw new VzError('system', { what: `Starting ${service}`, cause: (started.stderr || installed.stderr).trim() });
}
