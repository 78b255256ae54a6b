// Several containers by one order: everything is looked at first, then they are made and started a few at a time. Knows no pattern and no
// option; what each container shall be has been worked out before.
import { VzError } from '../errors.ts';
import { nearest } from '../host/paths.ts';
import { recorder } from '../host/recorder.ts';
import { parseAddress } from '../spec/ip.ts';
import { chosenAddresses } from '../spec/params/net.ts';
import { applyChanges } from '../spec/params/read.ts';
import { privateOf, readCt } from '../store/registry.ts';
import { noSpace, unpackedSize } from '../template/unpack.ts';
import { type CreateRequest, create } from './create.ts';
import { archiveOf } from './create-tree.ts';
import { listEntries } from './list.ts';
import { hashPassword } from './password.ts';
import { readSettings } from './settings.ts';
import { start } from './start.ts';
import type { VerbContext, VerbEvent } from './verb.ts';

export interface SeatRequest {
  readonly id: number;
  readonly request: CreateRequest;
}

/** How one container of many fared; 'left': nothing was done for it, since another one was refused or failed, or somebody cancelled. */
export interface SeatOutcome {
  readonly id: number;
  readonly end: 'created' | 'started' | 'refused' | 'failed' | 'left';
  /** It was made and is there, whatever came after. */
  readonly made: boolean;
  readonly seconds: number;
  readonly error: unknown;
}

export interface ManyOptions {
  /** Start each one as soon as it is made. */
  readonly start?: boolean;
  /** Begin no further one after a failure. */
  readonly stopOnError?: boolean;
  readonly ended?: (outcome: SeatOutcome) => void;
  readonly said?: (id: number, event: VerbEvent) => void;
}

/** So many at a time: births hardly use the CPU, but unpacking does, and each holds a mount and a lock. A plan is written down in order. */
const AT_ONCE = 8;

/** Plans after which others get a turn. */
const TURN = 8;

const ADDRESSES = 'IP_ADDRESS';

const addressesOf = (values: ReadonlyMap<string, string>): readonly string[] =>
  (values.get(ADDRESSES) ?? '').split(' ').flatMap((word) => parseAddress(word)?.text ?? []);

/** With an address of its own for each `auto`, which one create could not know of the others. For whom none is left has that word still, and is refused for it. */
function withAddresses(
  { node }: VerbContext,
  seats: readonly SeatRequest[],
): { readonly seats: readonly SeatRequest[]; readonly full: ReadonlyMap<number, VzError> } {
  const given: string[] = [];
  const full = new Map<number, VzError>();
  const chosen = seats.map((seat) => {
    const { id, request } = seat;
    const change = request.changes.get(ADDRESSES);
    if (change?.add === undefined) return seat;
    const own = chosenAddresses(change.add, id, node.around, given);
    if (!own.ok) {
      full.set(id, new VzError('netif-usage', { text: own.text }));
      return seat;
    }
    given.push(...own.addresses);
    return {
      id,
      request: { ...request, changes: new Map([...request.changes, [ADDRESSES, { ...change, add: own.addresses.join(' ') }]]) },
    };
  });
  return { seats: chosen, full };
}

/** Names and addresses that another container of the order, or of the node, has. Names of the node are create's own to refuse. */
function taken(context: VerbContext, seats: readonly SeatRequest[]): ReadonlyMap<number, VzError> {
  const names = new Map<string, number>();
  const addresses = new Map(listEntries(context).flatMap((ct) => addressesOf(ct.values).map((address) => [address, ct.id] as const)));
  const faults = new Map<number, VzError>();
  for (const { id, request } of seats) {
    const { values } = applyChanges(new Map(), request.changes, id, context.node.around);
    const name = values.get('NAME') ?? '';
    const owner = names.get(name);
    if (owner !== undefined) faults.set(id, new VzError('name-conflict', { name, owner }));
    else if (name !== '') names.set(name, id);
    for (const address of addressesOf(values)) {
      const other = addresses.get(address);
      if (other !== undefined && other !== id) faults.set(id, new VzError('address-taken', { address, owner: other }));
      else addresses.set(address, id);
    }
  }
  return faults;
}

/** Refuses what does not fit beside each other, though each one alone would. Overlays share their template. */
async function checkRoom(context: VerbContext, seats: readonly SeatRequest[]): Promise<void> {
  const { host, node } = context;
  const [first] = seats;
  if (first === undefined || seats.length < 2) return;
  const value = (key: string): string => first.request.changes.get(key)?.set ?? node.defaults.get(key) ?? '';
  const template = value('OSTEMPLATE') || (node.values.get('DEF_OSTEMPLATE') ?? '');
  if (template === '' || value('VE_LAYOUT') === 'overlay') return;
  const { total } = await unpackedSize(host, archiveOf(context, template));
  const path = nearest(host.files, privateOf(node, readCt(host, node, first.id)) ?? node.templateDir);
  if (total * seats.length > host.files.statfs(path).free) throw noSpace(host, path, total * seats.length);
}

/** What each create would be refused for, found by planning it; nothing is changed. By CTID, empty when all is well. */
async function checkMany(
  context: VerbContext,
  seats: readonly SeatRequest[],
  known: ReadonlyMap<number, VzError>,
  { start: starts = false }: Pick<ManyOptions, 'start'>,
): Promise<ReadonlyMap<number, unknown>> {
  const faults = new Map<number, unknown>([...taken(context, seats), ...known]);
  const planned: VerbContext = { ...context, host: recorder(context.host).host, report: () => {} };
  for (const [at, { id, request }] of seats.entries()) {
    // A plan waits for nothing, so that nobody else would get a turn.
    if (at % TURN === TURN - 1) await new Promise((turn) => setImmediate(turn));
    try {
      await create(planned, id, request);
    } catch (error) {
      if (!faults.has(id)) faults.set(id, error);
    }
  }
  if (faults.size > 0 || context.host.planning) return faults;
  await checkRoom(context, seats);
  if (seats.some(({ request }) => request.password !== undefined)) await hashPassword(context.host, 'x');
  if (starts) await context.ready();
  return faults;
}

/** Makes one, and starts it: whole or not at all, and what is made stays when its start fails. */
async function makeOne(context: VerbContext, { id, request }: SeatRequest, starts: boolean): Promise<SeatOutcome> {
  const begun = performance.now();
  let made = false;
  const outcome = (end: SeatOutcome['end'], error: unknown = null): SeatOutcome => ({
    id,
    end,
    made,
    seconds: Math.round(performance.now() - begun) / 1000,
    error,
  });
  try {
    await create(context, id, request);
    made = true;
    if (starts) await start(context, readSettings(context.host, context.node, id), {});
    return outcome(starts ? 'started' : 'created');
  } catch (error) {
    return outcome('failed', error);
  }
}

/**
 * Checks all, then makes them; one that fails does not stop the others unless asked for. Nothing is made when one is refused. After a cancel
 * those that are being made are undone and the others are left. One outcome per container, in the order of the seats.
 * Throws what concerns all of them: VzError 'no-space', 'no-program', 'node-unfit'.
 */
export async function createMany(
  context: VerbContext,
  orders: readonly SeatRequest[],
  options: ManyOptions = {},
): Promise<readonly SeatOutcome[]> {
  const { start: starts = false, stopOnError = false, ended = () => {}, said = () => {} } = options;
  const { report, signal } = context;
  const outcomes = new Map<number, SeatOutcome>();
  const end = (outcome: SeatOutcome): void => {
    outcomes.set(outcome.id, outcome);
    ended(outcome);
  };
  const { seats, full } = withAddresses(context, orders);
  const faults = await checkMany(context, seats, full, options);
  for (const [id, error] of faults) end({ id, end: 'refused', made: false, seconds: 0, error });
  const rest = faults.size > 0 ? [] : [...seats];
  let failed = false;
  const worker = async (): Promise<void> => {
    for (let seat = rest.shift(); seat !== undefined; seat = rest.shift()) {
      if (signal.aborted || (failed && stopOnError)) return;
      const { id } = seat;
      const outcome = await makeOne({ ...context, report: (event) => said(id, event) }, seat, starts);
      failed ||= outcome.error !== null;
      end(outcome);
      report({
        level: 1,
        text: `Container ${id} is ${outcome.end}`,
        progress: { done: outcomes.size, total: seats.length, unit: 'containers' },
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(context.host.planning ? 1 : AT_ONCE, rest.length) }, worker));
  return seats.map(({ id }) => outcomes.get(id) ?? { id, end: 'left', made: false, seconds: 0, error: null });
}
