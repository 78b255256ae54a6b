// Container 0: the node. Its units are the weight of all containers together against the node's own groups. Nothing else of it can be limited:
// its processes are in groups that are not ours.
import type { TopShare } from '../../cgroup/face.ts';
import { VzError } from '../../errors.ts';
import { readCt } from '../../store/registry.ts';
import type { VerbContext } from '../verb.ts';
import type { LiveStep } from './part.ts';

type NodeContext = Pick<VerbContext, 'host' | 'node' | 'cgroups'>;

export const NODE_KEYS = ['CPUUNITS'] as const;

const encoder = new TextEncoder();

/** systemd writes the file itself, and would write it again. */
async function hold({ host }: NodeContext, { path, service }: TopShare, text: string): Promise<void> {
  if (service === null) {
    await host.launcher.ops({ ops: [{ op: 'write', path, data: encoder.encode(text) }] });
    return;
  }
  const { status, stderr } = await host.run('systemctl', ['set-property', '--runtime', service.unit, `CPUWeight=${text}`]);
  if (status !== 0) throw new VzError('system', { what: `Setting CPUWeight of ${service.unit}`, cause: stderr.trim() });
}

/** [] while no container has run since the node's boot: the first start looks into the node's config. */
export function nodeShareSteps(context: NodeContext, units: number): readonly LiveStep[] {
  const share = context.cgroups(0).share(units);
  const before = share === null ? null : context.host.files.read(share.path);
  if (share === null || before === null) return [];
  return [
    {
      keys: ['CPUUNITS'],
      what: `cpuunits ${units}`,
      apply: () => hold(context, share, share.text),
      undo: () => hold(context, share, before.trim()),
    },
  ];
}

/** After the first start since the node's boot has made T: what the node's config says. No container fails to start for it. */
export async function holdNodeShare(context: NodeContext & Pick<VerbContext, 'report'>): Promise<void> {
  const { host, node, report } = context;
  const units = Number(readCt(host, node, 0).own.get('CPUUNITS') ?? 0);
  const share = units > 0 ? context.cgroups(0).share(units) : null;
  if (share === null || share.now === units) return;
  await hold(context, share, share.text).catch((error: Error) =>
    report({ level: -1, text: `Warning: cpuunits of the node: ${error.message}` }),
  );
}
