// What kernels of OpenVZ have in /proc of their containers, as files below run/vzdeck/proc, for programs that read nothing else: in the layouts of
// old, for root alone, replaced whole and never by halves. Their times of change are those of the look that they tell of.
import type { Host } from '../host/port.ts';
import { ifRoom } from '../host/room.ts';
import { ACCOUNT_ROWS, type CtUbc, ROW_ORDER } from '../spec/ubc-rows.ts';
import { DUMMY_TEXT, idText, LINE_BYTES, printUbcText, rowText, UBC_VERSION } from '../spec/ubc-text.ts';
import { openVestat, type VeInfo, type VeVeth, veinfoText, veipText, vethText } from '../spec/ve-text.ts';
import type { NodeConfig } from '../store/node-config.ts';
import type { CpuTimes } from './account.ts';

/** A running container. */
export interface OldCt {
  readonly id: number;
  readonly ubc: CtUbc;
  readonly ips: readonly string[];
  readonly veths: readonly Omit<VeVeth, 'id'>[];
  /** Seconds. */
  readonly uptime: number;
  readonly cpu: CpuTimes;
}

/** What texts of a container are made of, known by identity; the same object as before when nothing of it is another one. */
interface Texts extends Pick<OldCt, 'id' | 'ubc' | 'ips' | 'veths'> {
  readonly file: string;
  /** Of its account, in the order of its rows; the same object as before when no figure in them is another one. */
  readonly lines: readonly string[];
}

export interface OldFiles {
  /** `threads`: of the whole node, all containers included. */
  write(containers: readonly OldCt[], threads: number): void;
}

export const oldFilesDir = (node: NodeConfig): string => `${node.runDir}/proc`;

const HEAD = printUbcText({ version: UBC_VERSION, width: 20, accounts: [] });
/** Rows of a file by their places in an account; a dummy has none. */
const placesOf = (names: readonly string[]): readonly number[] => names.map((name) => ACCOUNT_ROWS.indexOf(name));
const USER_ROWS = placesOf(ROW_ORDER.filter((name) => name !== 'swappages'));
const BC_ROWS = placesOf(ROW_ORDER.filter((name) => name !== 'dummy'));

const NUMPROC = ACCOUNT_ROWS.indexOf('numproc');
const numprocOf = ({ rows }: CtUbc): number => rows[NUMPROC]?.held ?? 0;

const lineIn = ({ lines }: Texts, row: number): string => lines[row] ?? DUMMY_TEXT;

function linesOf({ rows }: CtUbc, before: Texts | undefined): readonly string[] {
  const lines = rows.map((row, i) => (before?.ubc.rows[i] === row ? (before.lines[i] as string) : rowText(row)));
  return before === undefined || lines.some((line, i) => line !== before.lines[i]) ? lines : before.lines;
}

function textsOf({ id, ubc, ips, veths }: OldCt, before: Texts | undefined): Texts {
  if (before?.ubc === ubc && before.ips === ips && before.veths === veths) return before;
  return { id, file: `bc/${id}/resources`, ubc, ips, veths, lines: before?.ubc === ubc ? before.lines : linesOf(ubc, before) };
}

/** Files of which no figure is another one at every look. */
interface Sums {
  readonly info: string;
  readonly ip: string;
  readonly veth: string;
  readonly numproc: number;
}

function sumsOf(all: readonly Texts[]): Sums {
  const infos = all.map(({ id, ubc, ips }): VeInfo => ({ id, numproc: numprocOf(ubc), ips }));
  return {
    info: veinfoText(infos),
    ip: veipText(infos),
    veth: vethText(all.flatMap(({ id, veths }) => veths.map((veth) => ({ id, ...veth })))),
    numproc: infos.reduce((sum, { numproc }) => sum + numproc, 0),
  };
}

interface Sheet {
  readonly bytes: Buffer;
  /** Another text than before. */
  readonly changed: boolean;
}

/** A file that has accounts one behind the other. All lines have one length, so that only those are put in that have changed. */
function openSheet(rows: readonly number[]): (all: readonly Texts[]) => Sheet {
  let bytes = Buffer.from(HEAD, 'latin1');
  let shown: readonly Texts[] = [];
  return (all) => {
    const others = all.length !== shown.length || all.some(({ id }, place) => id !== shown[place]?.id);
    if (others) bytes = Buffer.concat([bytes.subarray(0, HEAD.length)], HEAD.length + all.length * rows.length * LINE_BYTES);
    let changed = others;
    all.forEach((texts, place) => {
      const before = others ? undefined : shown[place];
      if (before?.lines === texts.lines) return;
      for (const [i, row] of rows.entries()) {
        const line = lineIn(texts, row);
        if (before && lineIn(before, row) === line) continue;
        const at = HEAD.length + (place * rows.length + i) * LINE_BYTES;
        bytes.write(line, at, 'latin1');
        if (i === 0) bytes.write(idText(texts.id), at, 'latin1');
        changed = true;
      }
    });
    shown = all;
    return { bytes, changed };
  };
}

/** Of the container in this place among the others, as its own file has it, which does not say whose the lines are. */
function ownLines({ bytes }: Sheet, place: number): Uint8Array {
  const length = BC_ROWS.length * LINE_BYTES;
  const own = Buffer.from(bytes.subarray(HEAD.length + place * length, HEAD.length + (place + 1) * length));
  return own.fill(' ', 0, idText(0).length);
}

export function openOldFiles({ files }: Pick<Host, 'files'>, node: NodeConfig): OldFiles {
  const dir = oldFilesDir(node);
  /** Files that say what they should, and what that is where nobody else knows it. */
  const written = new Map<string, string>();
  /** As we left the file that every writer writes or touches at each look: by that one sees that nobody else has replaced them since. */
  let left = '';
  const [userSheet, bcSheet] = [openSheet(USER_ROWS), openSheet(BC_ROWS)];
  const vestat = openVestat();
  /** By what `known` was made of, in the order of containers. */
  let known: { readonly all: readonly Texts[]; readonly by: ReadonlyMap<number, Texts>; readonly sums: Sums } | null = null;

  const stamp = (): string => {
    const file = files.stat(`${dir}/user_beancounters`);
    return file === null ? '' : `${file.ino} ${file.mtimeMs}`;
  };
  const put = (name: string, text: () => string | Uint8Array, changed: boolean, says = ''): void => {
    const path = `${dir}/${name}`;
    if (!changed && written.get(name) === says) files.touch(path);
    else if (ifRoom(() => files.write(path, text(), 0o400, 'boot'))) written.set(name, says);
    else written.delete(name);
  };
  const putText = (name: string, text: string): void => put(name, () => text, false, text);

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
      if (stamp() !== left) written.clear();
      const before = known;
      const all = containers.map((ct) => textsOf(ct, before?.by.get(ct.id)));
      const same = all.length === before?.all.length && all.every((texts, place) => texts === before.all[place]);
      if (known === null || !same) known = { all, by: new Map(all.map((texts) => [texts.id, texts])), sums: sumsOf(all) };
      const { by, sums } = known;
      ifRoom(() => {
        for (const sub of ['bc', 'vz', ...all.flatMap(({ id }) => (before?.by.has(id) ? [] : `bc/${id}`))])
          files.mkdir(`${dir}/${sub}`, 0o755);
      });
      const [user, bc] = [userSheet(all), bcSheet(all)];
      all.forEach(({ id, file, lines }, place) => {
        put(file, () => ownLines(bc, place), before?.by.get(id)?.lines !== lines);
      });
      // at first of whoever wrote before
      if (before === null || before.all.some(({ id }) => !by.has(id))) removeOthers(new Set([...by.keys()].map(String)));
      put('user_beancounters', () => user.bytes, user.changed);
      left = stamp();
      put('bc/resources', () => bc.bytes, bc.changed);
      // the node is the last of them, without those of its containers
      putText('vz/veinfo', sums.info + veinfoText([{ id: 0, numproc: Math.max(0, threads - sums.numproc), ips: [] }]));
      putText('vz/veip', sums.ip);
      putText('vz/veth', sums.veth);
      put('vz/vestat', () => vestat(containers), true);
      // tools ask whether it is there, to know that RAM and swap are bounded
      putText('vz/vswap', '');
    },
  };
}
