// vzdeck create, once every container's values are known: a line for each, the passwords once, and the same as a plan or as JSON.
import { resolve } from 'node:path';
import { type CreateOptions, type ManyOptions, newPassword, type SeatOrder, type SeatOutcome, VzError } from '../../engine/index.ts';
import { CliExit, type TogetherCall } from '../command.ts';
import { columns } from '../format/columns.ts';
import { exitOf, jsonError } from '../format/end.ts';
import { complaint, FriendlyVoice } from '../format/friendly.ts';

export interface Together extends TogetherCall {
  readonly orders: readonly SeatOrder[];
  readonly how: {
    readonly start: boolean;
    readonly stopOnError: boolean;
    /** Each gets a password for its root. */
    readonly passwords: boolean;
    /** Where they go instead of the terminal. */
    readonly file?: string;
  };
}

interface Row {
  readonly id: number;
  readonly name: string;
  readonly hostname: string;
  readonly password: string | undefined;
}

function rowOf({ id, options: { values, password } }: SeatOrder): Row {
  const text = (key: string): string => {
    const value = values[key];
    return typeof value === 'string' ? value : (value?.set ?? '');
  };
  return { id, name: text('NAME'), hostname: text('HOSTNAME'), password };
}

const withPassword = ({ id, options }: SeatOrder): SeatOrder => ({
  id,
  options: { ...options, password: newPassword() } satisfies CreateOptions,
});

const DONE = { created: 'created', started: 'created and started' } as const;

/** One line for how it went; what was only left alone is counted at the end. */
function tell(voice: FriendlyVoice, { id, name }: Row, { end, made, seconds, error }: SeatOutcome): void {
  const label = name === '' ? String(id) : `${id} ${name}`;
  if (end === 'created' || end === 'started') voice.print(`${label}  ${DONE[end]} in ${seconds.toFixed(seconds < 10 ? 2 : 0)} s`);
  else for (const line of complaint(error)) voice.print(`${label}  ${line}`, process.stderr);
  if (end === 'failed' && made) voice.print(`${label}  It is made and stays; vzdeck start ${id} tries it again`, process.stderr);
}

function summary(outcomes: readonly SeatOutcome[]): string {
  const count = (end: SeatOutcome['end']): number => outcomes.filter((one) => one.end === end).length;
  const parts = [
    `${outcomes.filter(({ made }) => made).length} of ${outcomes.length} made`,
    ...(count('refused') > 0 ? [`${count('refused')} refused, so none was begun`] : []),
    ...(count('failed') > 0 ? [`${count('failed')} failed`] : []),
    ...(count('left') > 0 && count('refused') === 0 ? [`${count('left')} not begun`] : []),
  ];
  return parts.join('; ');
}

const CANCELLED = new VzError('cancelled', { what: 'Create' });

/** Exit status of the first failure; one that was cancelled between two containers is one as well. */
function statusOf(outcomes: readonly SeatOutcome[]): number {
  const failure = outcomes.find(({ error }) => error !== null);
  if (failure) return exitOf(failure.error);
  return outcomes.some(({ end }) => end === 'left') ? CANCELLED.exit : 0;
}

/** Passwords of those that are there, once: on the terminal or in the file, never in both. */
function passwordTable(rows: readonly Row[]): string {
  return columns(
    ['CTID', 'NAME', 'HOSTNAME', 'USER', 'PASSWORD'],
    rows.map(({ id, name, hostname, password = '' }) => [String(id), name || '-', hostname || '-', 'root', password]),
  );
}

async function plan({ engine, run, json, orders, how }: Together): Promise<number> {
  const parts: { readonly id: number; readonly from: number; readonly to: number }[] = [];
  let outcomes: readonly SeatOutcome[] = [];
  const lines = await engine.plan(async (planned, written) => {
    if (how.file !== undefined) planned.secretFile(resolve(how.file));
    let from = 0;
    const ended = ({ id }: SeatOutcome): void => {
      parts.push({ id, from, to: written.length });
      from = written.length;
    };
    outcomes = await planned.createMany(orders, { start: how.start, ended }, run);
  });
  const refused = outcomes.find(({ error }) => error !== null);
  if (refused) throw refused.error;
  for (const { id, from, to } of parts) {
    const part = lines.slice(from, to);
    if (json) process.stdout.write(`${JSON.stringify({ id, plan: part })}\n`);
    else for (const { what, detail } of part) process.stdout.write(`${id}  ${what.padEnd(8)} ${detail}\n`);
  }
  return 0;
}

/** Throws CliExit 21 where there is nothing to make; VzError for what concerns all. */
export async function createTogether(call: Together): Promise<number> {
  const { engine, run, json, verbose, dryRun, how } = call;
  const orders = how.passwords ? call.orders.map(withPassword) : call.orders;
  if (orders.length === 0) throw new CliExit(21, 'Which container? vzdeck create takes ids and ranges such as 101-130');
  if (dryRun) return plan({ ...call, orders });
  const voice = new FriendlyVoice(verbose);
  const rows = new Map(orders.map((order) => [order.id, rowOf(order)]));
  const keep = how.file === undefined ? null : engine.secretFile(resolve(how.file));
  keep?.add('CTID\tNAME\tHOSTNAME\tUSER\tPASSWORD');
  const listeners = new Map(orders.map(({ id }) => [id, voice.listener(String(id))]));
  let any = false;
  const options: ManyOptions = {
    start: how.start,
    stopOnError: how.stopOnError,
    ended(outcome) {
      const row = rows.get(outcome.id)!;
      any ||= outcome.made;
      // As soon as it is there: whatever ends us later, nobody is locked out.
      if (outcome.made) keep?.add([row.id, row.name, row.hostname, 'root', row.password].join('\t'));
      if (!json) tell(voice, row, outcome);
    },
    ...(json ? {} : { said: (id, event) => listeners.get(id)?.(event) }),
  };
  const outcomes = await engine.createMany(orders, options, run).finally(() => {
    voice.clear();
    if (!any) keep?.drop();
  });
  const made = outcomes.filter((outcome) => outcome.made).map(({ id }) => rows.get(id)!);
  if (json) process.stdout.write(`${JSON.stringify(outcomes.map((outcome) => jsonRow(rows.get(outcome.id)!, outcome, keep === null)))}\n`);
  else {
    if (outcomes.length > 1) process.stdout.write(`${summary(outcomes)}\n`);
    if (how.passwords && made.length > 0)
      process.stdout.write(keep === null ? passwordTable(made) : `Their passwords are in ${how.file}, which only its owner can read\n`);
  }
  return statusOf(outcomes);
}

function jsonRow({ id, name, hostname, password }: Row, { end, made, seconds, error }: SeatOutcome, shown: boolean): object {
  return {
    ...{ id, name, hostname, verb: 'create', end, seconds, exit: error === null ? 0 : exitOf(error) },
    ...(shown && made && password !== undefined ? { user: 'root', password } : {}),
    ...(error === null ? {} : { error: jsonError(error) }),
  };
}
