// What kernels of OpenVZ have in /proc of their containers, as files below run/vzdeck/proc, for programs that read nothing else: in the layouts of
// old, for root alone, replaced whole and never by halves. Their times of change are those of the look that they tell of.
import type { Host } from '../host/port.ts';
import { ifRoom } from '../host/room.ts';
import { type CtUbc, ROW_ORDER, type UbcRow } from '../spec/ubc-rows.ts';
import { ctResourcesText, printUbcText, textUbc, UBC_VERSION } from '../spec/ubc-text.ts';
import { VETH_HEAD, type VeInfo, veinfoText, veipText, vestatText } from '../spec/ve-text.ts';
import type { NodeConfig } from '../store/node-config.ts';
import type { CpuTimes } from './account.ts';

/** A running container. */
export interface OldCt {
  readonly ubc: CtUbc;
  readonly ips: readonly string[];
  /** Seconds. */
  readonly uptime: number;
  readonly cpu: CpuTimes;
}

/** Of an account that stays the same object its texts stay the same, too, and of a row whose figures do its line. */
interface Texts {
  readonly ubc: CtUbc;
  readonly lines: ReadonlyMap<string, Line>;
  readonly user: string;
  readonly bc: string;
}

interface Line {
  readonly row: UbcRow;
  readonly text: string;
}

export interface OldFiles {
  /** `threads`: of the whole node, all containers included. */
  write(containers: readonly OldCt[], threads: number): void;
}

export const oldFilesDir = (node: NodeConfig): string => `${node.runDir}/proc`;

const WIDE = 20;
const HEAD = printUbcText({ version: UBC_VERSION, width: WIDE, accounts: [] });

const FIGURES = ['held', 'maxheld', 'barrier', 'limit', 'failcnt'] as const;
const sameFigures = (a: UbcRow, b: UbcRow): boolean => FIGURES.every((figure) => a[figure] === b[figure]);

/** Without the id that stands before the first. */
const lineOf = (row: UbcRow): string => ctResourcesText({ id: 0, running: true, rows: [row] });
const DUMMY = printUbcText({
  version: null,
  width: WIDE,
  accounts: [{ id: null, rows: textUbc({ id: 0, running: true, rows: [] }, 'user_beancounters').rows.slice(0, 1) }],
});

/** What a file has of an account: its lines in the file's order, the id in the first ten columns. */
function linesOf(id: number, lines: ReadonlyMap<string, Line>, names: readonly string[]): string {
  const text = names.map((name) => (name === 'dummy' ? DUMMY : (lines.get(name)?.text ?? ''))).join('');
  return `${`${id}:`.padStart(10)}${text.slice(10)}`;
}

const USER_ROWS = ROW_ORDER.filter((name) => name !== 'swappages');
const BC_ROWS = ROW_ORDER.filter((name) => name !== 'dummy');

const numprocOf = ({ rows }: CtUbc): number => rows.find(({ name }) => name === 'numproc')?.held ?? 0;

export function openOldFiles({ files }: Pick<Host, 'files'>, node: NodeConfig): OldFiles {
  const dir = oldFilesDir(node);
  const written = new Map<string, string>();
  let known: ReadonlyMap<number, Texts> | null = null;

  const put = (name: string, text: string): void => {
    const path = `${dir}/${name}`;
    if (written.get(name) === text) files.touch(path);
    else if (ifRoom(() => files.write(path, text, 0o400, 'boot'))) written.set(name, text);
  };

  const textsOf = (ubc: CtUbc): Texts => {
    const before = known?.get(ubc.id);
    if (before?.ubc === ubc) return before;
    const lines = new Map(
      ubc.rows.map((row): [string, Line] => {
        const old = before?.lines.get(row.name);
        return [row.name, old && sameFigures(old.row, row) ? old : { row, text: lineOf(row) }];
      }),
    );
    return { ubc, lines, user: linesOf(ubc.id, lines, USER_ROWS), bc: linesOf(ubc.id, lines, BC_ROWS) };
  };

  /** Directories of containers that have ended, whoever made them. */
  const removeOthers = (ids: ReadonlySet<string>): void => {
    for (const name of files.list(`${dir}/bc`) ?? []) {
      if (ids.has(name) || !/^\d+$/.test(name)) continue;
      files.unlink(`${dir}/bc/${name}/resources`);
      written.delete(`bc/${name}/resources`);
      if (files.list(`${dir}/bc/${name}`)?.length === 0) files.rmdir(`${dir}/bc/${name}`);
    }
  };

  return {
    write(containers, threads) {
      const next = new Map(containers.map(({ ubc }) => [ubc.id, textsOf(ubc)]));
      ifRoom(() => {
        for (const sub of ['bc', 'vz', ...containers.filter(({ ubc }) => !known?.has(ubc.id)).map(({ ubc }) => `bc/${ubc.id}`)])
          files.mkdir(`${dir}/${sub}`, 0o755);
      });
      for (const { ubc } of containers) {
        const name = `bc/${ubc.id}/resources`;
        if (known?.get(ubc.id)?.ubc === ubc) files.touch(`${dir}/${name}`);
        else put(name, `${' '.repeat(10)}${next.get(ubc.id)?.bc.slice(10)}`);
      }
      // at first of whoever wrote before
      if (known === null || [...known.keys()].some((id) => !next.has(id))) removeOthers(new Set([...next.keys()].map(String)));
      known = next;
      const all = [...next.values()];
      put('user_beancounters', HEAD + all.map(({ user }) => user).join(''));
      put('bc/resources', HEAD + all.map(({ bc }) => bc).join(''));
      const infos = containers.map(({ ubc, ips }): VeInfo => ({ id: ubc.id, numproc: numprocOf(ubc), ips }));
      // the node is the last of them, without those of its containers
      const own = infos.reduce((left, { numproc }) => left - numproc, threads);
      put('vz/veinfo', veinfoText([...infos, { id: 0, numproc: Math.max(0, own), ips: [] }]));
      put('vz/veip', veipText(infos));
      put('vz/veth', VETH_HEAD);
      put('vz/vestat', vestatText(containers.map(({ ubc, uptime, cpu }) => ({ id: ubc.id, uptime: uptime * 1000, ...cpu }))));
      // tools ask whether it is there, to know that RAM and swap are bounded
      put('vz/vswap', '');
    },
  };
}
