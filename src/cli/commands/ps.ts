// vzdeck ps: the processes of containers, each below the one that began it, with its pid on the node and inside.
import { type CtProcess, type Engine, humanBytes, VzError } from '../../engine/index.ts';

const HEAD = ['CTID', 'PID', 'INSIDE', 'USER', 'S', 'NI', 'CPU', 'MEMORY', 'TIME', 'COMMAND'];
/** Columns with figures. */
const RIGHT = new Set([0, 1, 2, 5, 6, 7, 8]);
/** Milliseconds in which command lines are waited for: a program inside may hold up whoever reads its own. */
const PATIENCE = 500;

/** "1:02:03", "2:03". */
function cpuTime(seconds: number): string {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return (parts[0] === 0 ? parts.slice(1) : parts).map((n, i) => (i === 0 ? String(n) : String(n).padStart(2, '0'))).join(':');
}

/** Percent of one CPU over its whole life, as ps has it: one look knows no other. */
const lifeCpu = ({ cpuTime: used, age }: CtProcess): string => `${Math.round((100 * used) / Math.max(1, age))}%`;

interface Branch {
  readonly process: CtProcess;
  readonly depth: number;
}

/** Parents before their children, siblings by pid. */
function inTree(processes: readonly CtProcess[]): readonly Branch[] {
  const children = Map.groupBy(processes, (process) => process.parent);
  const below = (parent: number | null, depth: number): readonly Branch[] =>
    (children.get(parent) ?? []).flatMap((process) => [{ process, depth }, ...below(process.pid, depth + 1)]);
  return below(null, 0);
}

type Users = ReadonlyMap<number, ReadonlyMap<number, string>>;

function cells({ process, depth }: Branch, users: Users): readonly string[] {
  const { ct, pid, inner, uid, state, nice, memory, command } = process;
  const user = uid === null ? '-' : (users.get(ct)?.get(uid) ?? String(uid));
  return [
    String(ct),
    String(pid),
    inner === null ? '-' : String(inner),
    user.slice(0, 12),
    state,
    String(nice),
    lifeCpu(process),
    humanBytes(memory),
    cpuTime(process.cpuTime),
    `${'  '.repeat(Math.min(depth, 10))}${command}`,
  ];
}

/** A container that has ended meanwhile, or cannot be read, has numbers. */
async function usersOf(engine: Engine, id: number): Promise<ReadonlyMap<number, string>> {
  try {
    return await engine.users(id);
  } catch (error) {
    if (error instanceof VzError) return new Map();
    throw error;
  }
}

/** ProcessId has a bigint, which JSON does not know. */
const plain = ({ startTime, ...process }: CtProcess): object => ({ ...process, startTime: Number(startTime) });

/** Of all running containers, or of those with these ids; as a table or as one JSON array. */
export async function ps(engine: Engine, ids: readonly number[] | null, json: boolean): Promise<void> {
  const running = engine.list().filter((ct) => ct.init !== null && (ids === null || ids.includes(ct.id)));
  const reader = engine.processes();
  reader.look(running);
  await reader.named(AbortSignal.timeout(PATIENCE));
  const processes = reader.look(running);
  reader.close();
  if (json) {
    process.stdout.write(`${JSON.stringify(processes.map(plain))}\n`);
    return;
  }
  if (processes.length === 0) {
    process.stdout.write('No processes: none of these containers runs\n');
    return;
  }
  const users: Users = new Map(await Promise.all(running.map(async ({ id }) => [id, await usersOf(engine, id)] as const)));
  const byCt = Map.groupBy(processes, (one) => one.ct);
  const body = running.flatMap(({ id }) => inTree(byCt.get(id) ?? []).map((branch) => cells(branch, users)));
  const rows = [HEAD, ...body];
  const widths = HEAD.map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  const pad = (text: string, at: number): string => (RIGHT.has(at) ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0));
  const room = process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY;
  for (const row of rows) process.stdout.write(`${row.map(pad).join(' ').trimEnd().slice(0, room)}\n`);
}
