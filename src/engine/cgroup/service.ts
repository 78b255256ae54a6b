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

/** As a unit file has it: specifiers are expanded there, in a command line that systemd-run is given they are not. */
const inUnit = (text: string): string => text.replaceAll('%', '%%');

export interface UnitParts {
  readonly start: readonly string[];
  readonly stop: readonly string[];
  /** Directory that must be mounted before. */
  readonly data: string;
}

/**
 * Text of the service as a unit file (systemd.service(5)), for every node of systemd: it holds T where systemd has the tree, starts what is to
 * come up with the node, and stops all in order. A container that does not start is no reason to stop the others.
 */
export function unitText({ start, stop, data }: UnitParts): string {
  const { Description, After, ...service } = PROPERTIES;
  return `[Unit]
Description=${Description}
After=${After} remote-fs.target time-sync.target
RequiresMountsFor="${inUnit(data)}"

[Service]
${Object.entries(service)
  .map(([key, value]) => `${key}=${value}\n`)
  .join('')}RemainAfterExit=yes
ExecStart=${HOLDER.join(' ')}
ExecStartPost=-${inUnit(commandLine(start))}
ExecStop=${inUnit(commandLine(stop))}
TimeoutStartSec=infinity
TimeoutStopSec=infinity

[Install]
WantedBy=multi-user.target
`;
}

const UNITS = '/etc/systemd/system';
export const unitFile = (unit: string): string => `${UNITS}/${unit}`;

async function systemctl(host: Host, ...args: readonly string[]): Promise<void> {
  const { status, stderr } = await host.run('systemctl', args);
  if (status !== 0) throw new VzError('system', { what: `systemctl ${args.join(' ')}`, cause: stderr.trim() });
}

/** Throws VzError 'no-systemd' on a node of another init. */
export async function installService(host: Host, unit: string, parts: UnitParts): Promise<void> {
  if (host.files.stat('/run/systemd/system') === null) throw new VzError('no-systemd');
  host.files.write(unitFile(unit), unitText(parts), 0o644);
  await systemctl(host, 'daemon-reload');
  await systemctl(host, 'enable', unit);
}

/** What runs goes on; on a node where systemd has the tree, in the service as it was started. */
export async function removeService(host: Host, unit: string): Promise<void> {
  if (host.files.stat(unitFile(unit)) === null) return;
  await systemctl(host, 'disable', unit);
  host.files.unlink(unitFile(unit));
  await systemctl(host, 'daemon-reload');
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
