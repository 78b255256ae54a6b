// Programs that hold a container's packet filter to its level (NETFILTER) as far as the kernel shows it to any: made once for all containers of a prefix,
// put on a container's cgroup before anybody lives there, and gone with the place of their names (store/bpf-place.ts) when nobody needs them.
import { VzError } from '../errors.ts';
import { unpin } from '../host/bpf.ts';
import type { Host } from '../host/port.ts';
import { ATTACH, attach, loadProgram, openPinned, PROGRAM, pin } from '../spec/bpf/call.ts';
import { tableProgram } from '../spec/bpf/packet-filter.ts';
import { type NetfilterLevel, TABLES } from '../spec/netfilter.ts';
import type { Op } from '../spec/op.ts';
import { bpfPlace, inBpfPlace } from '../store/bpf-place.ts';
import { patience } from '../watch/timer.ts';
import type { VerbContext } from './verb.ts';

type Context = Pick<VerbContext, 'host' | 'cgroups'>;

/** Free while the node's part of a birth is worked off up to a container's cgroups. */
const SLOT = { group: 57, program: 58 } as const;
/** Another set has another name. */
const EDITION = 1;
const PROGRAMS = [
  { name: 'reading', hook: ATTACH.getOption, code: () => tableProgram(TABLES, true) },
  { name: 'writing', hook: ATTACH.setOption, code: () => tableProgram(TABLES, false) },
] as const;

async function make(host: Host, dir: string): Promise<void> {
  const growing = `${dir}_new`;
  unpin(host.files, growing);
  const made = PROGRAMS.flatMap(({ name, hook, code }): readonly Op[] => [
    loadProgram(SLOT.program, { type: PROGRAM.socketOption, attach: hook, name: `vz_${name}`, license: 'GPL', code: code() }),
    pin(SLOT.program, `${growing}/${name}`),
  ]);
  await host.launcher.ops({ ops: [{ op: 'mkdir', path: growing, mode: 0o700 }, ...made] });
  host.files.rename(growing, dir);
}

/**
 * What is done once the container's cgroup is there and nobody lives in it. Throws VzError where this kernel holds nobody to the level; the start goes on
 * without. To be called when the record is written.
 */
export async function holdPacketFilter({ host, cgroups }: Context, id: number, level: NetfilterLevel): Promise<readonly Op[]> {
  const group = cgroups(id).unified;
  if (level === 'full' || level === 'disabled' || host.planning) return [];
  if (group === null)
    throw new VzError('no-support', { what: `NETFILTER="${level}"`, cause: 'there is no tree of cgroup v2 for programs' });
  const dir = `${bpfPlace(host)}/tables_${EDITION}`;
  await inBpfPlace(host, patience, async () => {
    if (host.files.stat(dir) === null) await make(host, dir);
  });
  return [
    { op: 'open', slot: SLOT.group, path: group },
    ...PROGRAMS.flatMap(({ name, hook }) => [openPinned(SLOT.program, `${dir}/${name}`), attach(SLOT.program, SLOT.group, hook)]),
  ];
}

/** Options of the tables, by the file that says that the kernel has them; the tables themselves it loads when they are asked for, and all that nft needs. */
const MODULES = { ip_tables: 'ip_tables_names', ip6_tables: 'ip6_tables_names' } as const;

/** As the original's init script did: nobody inside can. A kernel without them has nft alone. */
export async function loadTables({ host }: Pick<Context, 'host'>, level: NetfilterLevel): Promise<void> {
  const missing = Object.entries(MODULES).filter(([, names]) => host.files.stat(`${host.proc}/net/${names}`) === null);
  if (level === 'disabled' || host.planning || missing.length === 0) return;
  await host.run('modprobe', ['-q', '-a', '--', ...missing.map(([module]) => module)]).catch(() => {});
}

/** What is said where none of it can be. */
export const UNHELD = 'The packet filter inside is not held to its level';
