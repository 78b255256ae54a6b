// What vzctl set refuses before it changes anything, and what a container that does not run cannot take.
import { VzError } from '../errors.ts';
import type { Values } from '../spec/params/read.ts';
import { paramOf, sectionOf } from '../spec/params/table.ts';
import { missingUbc } from '../spec/ubc.ts';
import type { SetRequest } from './set-request.ts';

/** Options that exclude or need each other. `wanted` is what the config would say. */
export function checkRequest(request: SetRequest, wanted: Values): void {
  const { changes, save, force, setmode, applyConfig, mapName, resetUb, offlineResize } = request;
  const alone =
    changes.size === 0 &&
    !request.passwords?.length &&
    !save &&
    !force &&
    !setmode &&
    applyConfig === undefined &&
    !mapName &&
    !offlineResize;
  if (resetUb && !alone) throw new VzError('exclusive-option', { option: '--reset_ub' });
  const missing = missingUbc(wanted);
  if (missing && !resetUb) throw new VzError('ub-missing', { name: missing });
  if (offlineResize && !changes.has('DISKSPACE')) {
    throw new VzError('option-only-with', { option: '--offline-resize', other: '--diskspace' });
  }
  if (changes.has('NODEMASK') && !changes.has('CPUMASK')) {
    throw new VzError('option-requires', { option: 'option --nodemask', other: '--cpumask' });
  }
  if (changes.get('CPUMASK')?.set === 'auto' && !changes.has('NODEMASK')) {
    throw new VzError('option-requires', { option: '--cpumask auto', other: '--nodemask' });
  }
  if (save) return;
  if (changes.has('NAME')) throw new VzError('name-needs-save');
  for (const [key, option] of [
    ['OSTEMPLATE', '--ostemplate'],
    ['STOP_TIMEOUT', '--stop-timeout'],
  ] as const) {
    if (changes.has(key)) throw new VzError('option-needs-save', { option });
  }
  if (force) throw new VzError('force-needs-save');
  if (setmode === 'restart') throw new VzError('setmode-needs-save');
}

/** Without --save a stopped container is asked to take the values at once, and cannot; in the order in which vzctl tries. */
const ATTEMPTS: readonly { readonly keys: readonly string[]; readonly what: string }[] = [
  { keys: ['IP_ADDRESS'], what: 'apply network parameters' },
  { keys: ['NETDEV'], what: 'setup network devices' },
  { keys: ['CPUUNITS', 'CPUUWEIGHT', 'CPULIMIT', 'CPUS', 'CPUMASK', 'NODEMASK'], what: 'apply CPU parameters' },
  { keys: ['DEVICES', 'DEVNODES'], what: 'apply devperm' },
  { keys: ['PCI'], what: 'configure PCI devices' },
  { keys: ['BINDMOUNT'], what: 'apply bind mounts' },
];

/** Throws VzError 'apply-stopped' for the first kind of value that only a running container can take. */
export function checkStopped(request: SetRequest, vswap: boolean): void {
  const { changes } = request;
  const ubc = [...changes.keys()].some((key) => sectionOf(paramOf(key)!) === 'beancounters' && paramOf(key)?.acts === 'live');
  if (ubc || vswap) throw new VzError('apply-stopped', { what: 'apply UBC parameters' });
  const attempt = ATTEMPTS.find(({ keys }) => keys.some((key) => changes.has(key)));
  if (attempt) throw new VzError('apply-stopped', { what: attempt.what });
  if (changes.get('NETIF')?.add !== undefined) throw new VzError('apply-stopped', { what: 'create veth' });
}

/** Values that are only told to be without effect on a stopped container. */
export const INSIDE_KEYS = ['HOSTNAME', 'NAMESERVER', 'SEARCHDOMAIN'] as const;
