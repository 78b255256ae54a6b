// The short way between containers of one node (VZDECK_DIRECT in vz.conf): a program at the node's end of each venet hands packets for another container
// over at once (spec/bpf/direct.ts). It comes when all else of a container's network stands, and goes before any of it does, so that it never leads where the
// ordinary way would not; without it nothing fails, since packets then take that way.
//
// A link goes with its qdisc, and shows its packets to all programs of one block, which is the version's own: containers that an older engine has
// started keep theirs, and meet those of this one by the ordinary way.
import { directNow, directPlace, directVersions } from '../account/traffic/direct.ts';
import { VzError } from '../errors.ts';
import { unpin } from '../host/bpf.ts';
import type { Host } from '../host/port.ts';
import { ip, ipForgiven } from '../net/batch-ops.ts';
import { tableOf } from '../net/table.ts';
import type { Thing } from '../net/thing.ts';
import { VENET } from '../net/venet.ts';
import { createMap, dropElement, loadProgram, loadTypes, MAP, ON_DEMAND, openPinned, PROGRAM, pin, putElement } from '../spec/bpf/call.ts';
import { ADDRESS_TYPES, directKey, directProgram, FLOW_TYPES, HANDED_TYPES } from '../spec/bpf/direct.ts';
import { fnv1a } from '../spec/fnv.ts';
import type { Op } from '../spec/op.ts';
import { inBpfPlace } from '../store/bpf-place.ts';
import { readNetNote } from '../store/net-note.ts';
import type { NodeConfig } from '../store/node-config.ts';
import { patience } from '../watch/timer.ts';
import { counted } from './counted.ts';
import { type NetContext, namespaceOf, thingsOf } from './node-network.ts';

const SLOT = { types: 50, addresses: 51, counts: 52, program: 53, flows: 54 } as const;

const VERSION = `v${fnv1a(directProgram(SLOT).join()).toString(16).padStart(8, '0')}`;
const NEW = 'new';

/** More than a node has of addresses and links; of flows the oldest give way. */
const MOST = { addresses: 1 << 17, links: 1 << 16, flows: 1 << 13 } as const;
/** BPF_FIB_LOOKUP_SKIP_NEIGH. */
const SINCE = [6, 3] as const;

export const wantsDirect = (node: Pick<NodeConfig, 'values'>): boolean => node.values.get('VZDECK_DIRECT') === 'yes';

/** The link of a container and the addresses on it that may take the short way; null where something asks for the ordinary one. */
export function directPart(things: readonly Thing[]): { readonly link: string; readonly addresses: readonly string[] } | null {
  const [, link] = things.find(([kind, , inner]) => kind === 'pair' && inner === VENET) ?? [];
  if (link === undefined) return null;
  // a queue of its own, and answers that have to be translated back
  const held = things.some(
    ([kind, what = '']) => ((kind === 'bucket' || kind === 'steer') && what === link) || (kind === 'element' && what.startsWith('forward')),
  );
  return held ? null : { link, addresses: addressesOn(things, link) };
}

/** But for those of a link alone. */
const addressesOn = (things: readonly Thing[], link: string): readonly string[] =>
  things.flatMap(([kind, set, value = '']) => {
    const [of, address = ''] = value.split(' . ');
    return kind === 'element' && (set === 'own4' || set === 'own6') && of === `"${link}"` && !/^fe[89ab]/i.test(address) ? [address] : [];
  });

const blockOf = ({ node }: Pick<NetContext, 'node'>, version: string): number => (fnv1a(`${tableOf(node.tag)} ${version}`) | 1) >>> 0;
/** Of all versions that containers may have. */
export const directBlocks = (context: Pick<NetContext, 'host' | 'node'>): readonly number[] =>
  directVersions(context.host).map((version) => blockOf(context, version));

/** Throws VzError 'no-support'. */
function checkKernel({ files }: Pick<Host, 'files'>): void {
  const [major = 0, minor = 0] = (files.read('/proc/sys/kernel/osrelease') ?? '').split('.').map((part) => Number.parseInt(part, 10));
  if (major < SINCE[0] || (major === SINCE[0] && minor < SINCE[1]))
    throw new VzError('no-support', { what: 'VZDECK_DIRECT', cause: `it needs Linux ${SINCE.join('.')}` });
}

function made(dir: string): readonly Op[] {
  const maps = [
    { slot: SLOT.addresses, name: 'addresses', types: ADDRESS_TYPES, key: 16, entries: MOST.addresses, type: MAP.hash, flags: ON_DEMAND },
    { slot: SLOT.counts, name: 'counts', types: HANDED_TYPES, key: 4, entries: MOST.links, type: MAP.hash, flags: ON_DEMAND },
    { slot: SLOT.flows, name: 'flows', types: FLOW_TYPES, key: 16, entries: MOST.flows, type: MAP.lruHash, flags: 0 },
  ];
  return [
    ...maps.flatMap(({ slot, name, types, key, ...shape }) => [
      loadTypes(SLOT.types, types.bytes),
      createMap(slot, {
        ...shape,
        key,
        value: types.size,
        name: `vz_${name}`,
        types: { slot: SLOT.types, key: types.key, value: types.value },
      }),
      pin(slot, `${dir}/${name}`),
    ]),
    loadProgram(SLOT.program, {
      type: PROGRAM.classifier,
      attach: 0,
      name: 'vz_direct',
      license: 'Dual MIT/GPL',
      code: directProgram(SLOT),
    }),
    pin(SLOT.program, `${dir}/program`),
  ];
}

async function ensureProgram({ host }: NetContext): Promise<void> {
  const place = directPlace(host);
  await inBpfPlace(host, patience, async () => {
    if (directVersions(host).includes(VERSION)) return;
    const dir = `${place}/${NEW}`;
    unpin(host.files, dir);
    const dirs = [place, dir].map((path): Op => ({ op: 'mkdir', path, mode: 0o700 }));
    await host.launcher.ops({ ops: [...dirs, ...made(dir)] });
    host.files.rename(dir, `${place}/${VERSION}`);
  });
}

/**
 * Of a running container whose network stands: gives it the short way, where the node is to have it and nothing of the container asks for the ordinary one.
 * Never fails.
 */
export async function takeDirect(context: NetContext, id: number): Promise<void> {
  const { host, node } = context;
  const note = wantsDirect(node) ? readNetNote(host, node, id) : null;
  const part = note === null || note.half !== undefined || note.namespace !== namespaceOf(context) ? null : directPart(thingsOf(note));
  if (part === null) return;
  await counted(context, `Packets between container ${id} and others take the ordinary way`, undefined, async () => {
    checkKernel(host);
    const block = blockOf(context, VERSION);
    const shown = ip([`qdisc add dev ${part.link} ingress_block ${block} clsact`, `filter replace block ${block} bpf ${SLOT.program}`]);
    // maps and programs are told to no one
    if (host.planning) return host.launcher.ops({ ops: shown });
    await ensureProgram(context);
    const dir = `${directPlace(host)}/${VERSION}`;
    const keys = part.addresses.map(directKey);
    // who is killed here leaves addresses by which the next verb knows that there may be a qdisc
    const ops = [
      openPinned(SLOT.program, `${dir}/program`),
      openPinned(SLOT.addresses, `${dir}/addresses`),
      ...keys.map((key) => putElement(SLOT.addresses, key, { link: part.link })),
      ...shown,
    ];
    await host.launcher.ops({ ops }).catch(async (error: unknown) => {
      // what is at the link is somebody else's
      await host.launcher.ops({ ops: dropped(host, 'addresses', ADDRESS_TYPES.size, keys) });
      throw error;
    });
  });
}

const numberKey = (n: number): Uint8Array => Uint8Array.from([0, 8, 16, 24], (bits) => (n >>> bits) & 255);

/** Takes it out of a map of each version; one that is not there is no error. */
const dropped = (host: NetContext['host'], map: 'addresses' | 'counts', size: number, keys: readonly Uint8Array[]): readonly Op[] =>
  directVersions(host).flatMap((version) => [
    openPinned(SLOT[map], `${directPlace(host)}/${version}/${map}`),
    ...keys.flatMap((key) => [putElement(SLOT[map], key, new Uint8Array(size)), dropElement(SLOT[map], key)]),
  ]);

/**
 * Before anything of a container's network changes or goes: from here on its packets take the ordinary way. `things`: what there is of it. Number of the
 * link that was shown to the program, null for none.
 */
export async function leaveDirect({ host }: NetContext, things: readonly Thing[]): Promise<number | null> {
  const [, link = ''] = things.find(([kind, , inner]) => kind === 'pair' && inner === VENET) ?? [];
  if (link === '' || directVersions(host).length === 0) return null;
  const now = directNow(host);
  const addresses = addressesOn(things, link).filter((address) => now(address) !== null);
  const [first] = addresses;
  if (first === undefined) return null;
  const hidden = ipForgiven([`qdisc del dev ${link} clsact`]);
  await host.launcher.ops({
    ops: host.planning ? hidden : [...dropped(host, 'addresses', ADDRESS_TYPES.size, addresses.map(directKey)), ...hidden],
  });
  return now(first);
}

/** When the link itself has gone. */
export async function forgetHanded({ host }: NetContext, link: number | null): Promise<void> {
  if (link !== null && !host.planning) await host.launcher.ops({ ops: dropped(host, 'counts', HANDED_TYPES.size, [numberKey(link)]) });
}
