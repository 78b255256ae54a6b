// vzdeck diff: where a running container differs from its files, and what only its next start will take over.
import { type CtParameter, drawable, type Engine } from '../../engine/index.ts';

/** When what the files say will hold. */
const TAKEN_OVER = { live: 'by vzdeck set, or at the next start', restart: 'at the next start', kept: '' } as const;

/** What the files lead to, in words. */
const wanted = ({ file, derived }: CtParameter): string => file ?? (derived === null ? '-' : `(${derived})`);

const row = (cells: readonly string[]): string =>
  `${cells[0]?.padEnd(15)} ${cells[1]?.padEnd(24)} ${cells[2]?.padEnd(24)} ${cells[3] ?? ''}`.trimEnd();

async function diffOne(engine: Engine, id: number): Promise<{ readonly running: boolean; readonly rows: readonly CtParameter[] }> {
  const rows = await engine.parameters(id);
  return { running: rows.some(({ live }) => live !== null), rows: rows.filter(({ drift }) => drift) };
}

/** No parameter, and hence no difference: what the administrator has mounted there. */
function tellByHand(engine: Engine, id: number): void {
  for (const { place, type, seen, mapped } of engine.handMounts(id)) {
    const owners = mapped ? 'with the owners that it has' : 'owners show as nobody (65534), unless it is given by --bindmount_add';
    const how = seen ? `seen inside, ${owners}` : 'not seen inside: its root has cut its mounts off from the node’s';
    process.stdout.write(`${id}: ${drawable(`${place} (${type})`)} is mounted by hand, ${how}\n`);
  }
}

/** Exit status as of diff(1): 1 where anything differs. */
export async function diff(engine: Engine, ids: readonly number[], json: boolean): Promise<number> {
  const found = await Promise.all(ids.map(async (id) => ({ id, ...(await diffOne(engine, id)) })));
  if (json) {
    const plain = found.map(({ id, running, rows }) => ({
      id,
      running,
      differences: rows.map(({ key, file, derived, live, badge }) => ({ key, file, derived, live, badge })),
    }));
    process.stdout.write(`${JSON.stringify(plain)}\n`);
  }
  for (const { id, running, rows } of json ? [] : found) {
    if (!running) process.stdout.write(`${id} does not run: nothing but its files says anything\n`);
    else if (rows.length === 0) process.stdout.write(`${id}: files and what runs agree\n`);
    else {
      process.stdout.write(`${id}\n  ${row(['PARAMETER', 'FILES', 'RUNNING', 'TAKEN OVER'])}\n`);
      for (const one of rows)
        process.stdout.write(`  ${row([one.key, drawable(wanted(one)), drawable(one.live ?? '-'), TAKEN_OVER[one.badge]])}\n`);
    }
  }
  if (!json) for (const id of ids) tellByHand(engine, id);
  return found.some(({ rows }) => rows.length > 0) ? 1 : 0;
}
