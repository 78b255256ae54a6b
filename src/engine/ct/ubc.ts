// The accounts of containers for whoever asks once: configs, and what runs, looked at together.
import { type Account, CPU_PARTS, openAccount } from '../account/account.ts';
import { lookOnce } from '../account/one-look.ts';
import type { LiveCt, RowReadings } from '../account/row-source.ts';
import { countRules, knownRules } from '../account/rule-rows.ts';
import { KEEPING, SOURCES } from '../account/sources.ts';
import { openUbc, type UbcNode } from '../account/ubc.ts';
import type { CgroupTopology } from '../cgroup/face.ts';
import type { Host } from '../host/port.ts';
import { MAY_LOCK } from '../rootfs/wall/rlimits.ts';
import type { CtUbc } from '../spec/ubc-rows.ts';
import { ACCOUNT_ROWS } from '../spec/ubc-rows.ts';
import { PAGE } from '../spec/units.ts';
import type { NodeConfig } from '../store/node-config.ts';
import { liveInit } from '../store/record.ts';
import { configIds, lookAtCt } from '../store/registry.ts';
import { defaultNumproc, NUMPTY, NUMSIGINFO } from './limits-of.ts';
import { knownMechanisms } from './mechanisms.ts';

export function ubcNode(host: Host): UbcNode {
  let has: ReturnType<UbcNode['has']> = null;
  const known = (): typeof has => {
    has ??= knownMechanisms(host);
    return has;
  };
  return {
    has: known,
    limits: { numproc: defaultNumproc(host), numpty: NUMPTY, numsiginfo: NUMSIGINFO, lockedpages: MAY_LOCK / Number(PAGE) },
  };
}

export const accountOf = (host: Host, topology: CgroupTopology, rows: readonly string[]): Account =>
  openAccount(host, topology, rows, SOURCES);

/** All rows, and what CPU time was used for. */
export const wholeAccount = (host: Host, topology: CgroupTopology): Account =>
  openAccount(host, topology, ACCOUNT_ROWS, SOURCES, CPU_PARTS);

type Store = { readonly host: Host; readonly node: NodeConfig };

/** Those of them that run. */
export const live = ({ host, node }: Store, ids: readonly number[]): readonly LiveCt[] =>
  ids.flatMap((id) => {
    const init = liveInit(host, node, id);
    return init === null ? [] : [{ id, init }];
  });

/** One look at all rows of containers that run. */
export const readLive = (store: Store, topology: CgroupTopology, containers: readonly LiveCt[]): readonly CtUbc[] =>
  accountsFrom(
    store,
    containers.map(({ id }) => id),
    lookOnce(store.host, topology, ACCOUNT_ROWS, SOURCES, containers),
  );

/** The same with what can only be counted beside: that goes on while all else is read. */
export async function readWhole(store: Store, topology: CgroupTopology, containers: readonly LiveCt[]): Promise<readonly CtUbc[]> {
  const counting = countRules(store.host, topology, containers, false);
  // until it is asked
  await new Promise((turn) => setImmediate(turn));
  const rows = lookOnce(store.host, topology, ACCOUNT_ROWS, SOURCES, containers);
  await counting;
  const told = knownRules(store.host, containers);
  return accountsFrom(
    store,
    containers.map(({ id }) => id),
    new Map([...rows].map(([id, read]) => [id, { ...read, ...told.get(id) }])),
  );
}

/** One look at these rows of containers that run. */
export function readRows(
  store: Store,
  topology: CgroupTopology,
  ids: readonly number[],
  rows: readonly string[],
): ReadonlyMap<number, RowReadings> {
  return lookOnce(store.host, topology, rows, SOURCES, live(store, ids));
}

/**
 * What the kernel keeps of one container's life, whether or not anybody is left in its groups. What only a walk over processes and descriptors
 * would tell is 0: that is held at one moment and says nothing of a life.
 */
export function readGroups(store: Store, topology: CgroupTopology, id: number): CtUbc {
  const { host, node } = store;
  const init = liveInit(host, node, id) ?? { pid: 0, startTime: 0n };
  const rows = lookOnce(host, topology, ACCOUNT_ROWS, KEEPING, [{ id, init }]).get(id) ?? null;
  return openUbc(ubcNode(host))({ id, values: lookAtCt(host, node, id).values, rows });
}

/** Those of the given containers that have a config or run; all that have a config where none are given. */
export function readUbc(store: Store, topology: CgroupTopology, ids?: readonly number[]): readonly CtUbc[] {
  const { host, node } = store;
  const asked = ids ?? configIds(host, node).ids.filter((id) => id !== 0);
  return accountsFrom(store, asked, readRows(store, topology, asked, ACCOUNT_ROWS));
}

/** The same from rows that were just read; of others they say that nobody counts them. */
export function accountsFrom({ host, node }: Store, ids: readonly number[], rows: ReadonlyMap<number, RowReadings>): readonly CtUbc[] {
  const ubc = openUbc(ubcNode(host));
  return ids
    .map((id) => ({ id, config: lookAtCt(host, node, id) }))
    .filter(({ id, config }) => config.exists || rows.has(id))
    .map(({ id, config }) => ubc({ id, values: config.values, rows: rows.get(id) ?? null }));
}
