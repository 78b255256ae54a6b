// What kernels of OpenVZ have in /proc of their containers, as files below run/vzdeck/proc, for programs that read nothing else: in the layouts of
// old, for root alone, replaced whole and never by halves. Their times of change are those of the look that they tell of.
import type { Host } from '../host/port.ts';
import { ifRoom } from '../host/room.ts';
import { ACCOUNT_ROWS, type CtUbc, ROW_ORDER } from '../spec/ubc-rows.ts';
import { emptyLine, idText, LINE_BYTES, printUbcText, putFigures, UBC_VERSION } from '../spec/ubc-text.ts';
import { openVestat, type VeInfo, type VeVeth, veinfoText, veipText, vethText } from '../spec/ve-text.ts';
import type { NodeConfig } from '../store/node-config.ts';
import type { CpuTimes } from './account.ts';
import { openOldShelves } from './old-shelves.ts';

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

/** What texts of a container are made of, known by identity. */
interface Texts extends Pick<OldCt, 'id' | 'ubc' | 'ips' | 'veths'> {
  /** Its own file, the same bytes at each look: figures that have changed are put in. */
  readonly bytes: Buffer;
}

export interface OldFiles {
  /** `threads`: of the whole node, all containers included. */
  write(containers: readonly OldCt[], threads: number): void;
  /** The files stay, and grow old. */
  close(): void;
}

export const oldFilesDir = (node: NodeConfig): string => `${node.runDir}/proc`;

const HEAD = printUbcText({ version: UBC_VERSION, width: 20, accounts: [] });
/** Rows of a file by their places in an account; a dummy has none. */
const USER_NAMES = ROW_ORDER.filter((name) => name !== 'swappages');
const BC_NAMES = ROW_ORDER.filter((name) => name !== 'dummy');
const BC_ROWS = BC_NAMES.map((name) => ACCOUNT_ROWS.indexOf(name));

const linesOf = (names: readonly string[]): Buffer => Buffer.from(names.map(emptyLine).join(''), 'latin1');
const BC_LINES = linesOf(BC_NAMES);

const NUMPROC = ACCOUNT_ROWS.indexOf('numproc');
const numprocOf = ({ rows }: CtUbc): number => rows[NUMPROC]?.held ?? 0;

/** The same object as before when nothing of it is another one. */
function textsOf({ id, ubc, ips, veths }: OldCt, before: Texts | undefined): Texts {
  if (before?.ubc === ubc && before.ips === ips && before.veths === veths) return before;
  const bytes = before?.bytes ?? Buffer.from(BC_LINES);
  for (let i = 0; i < BC_ROWS.length; i++) {
    const place = BC_ROWS[i] as number;
    const row = ubc.rows[place];
    const was = before?.ubc.rows[place];
    if (row && row !== was) putFigures(bytes, i * LINE_BYTES, row, was);
  }
  return { id, ubc, ips, veths, bytes };
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

/** Lines that stand in a container's own file and in another one in the same order: bytes from and to there, and where they begin here. */
interface Run {
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

function runsOf(names: readonly string[]): readonly Run[] {
  const runs: Run[] = [];
  names.forEach((name, i) => {
    const from = BC_NAMES.indexOf(name) * LINE_BYTES;
    const last = runs.at(-1);
    if (from < 0) return;
    if (last?.to === from && last.at + from - last.from === i * LINE_BYTES) runs[runs.length - 1] = { ...last, to: from + LINE_BYTES };
    else runs.push({ at: i * LINE_BYTES, from, to: from + LINE_BYTES });
  });
  return runs;
}

/** A file that has accounts one behind the other, of the same bytes as long as they are of the same containers. */
function openSheet(names: readonly string[]): (all: readonly Texts[]) => Buffer {
  const [lines, runs] = [linesOf(names), runsOf(names)];
  let bytes = Buffer.from(HEAD, 'latin1');
  let shown: readonly Texts[] = [];
  return (all) => {
    const others = all.length !== shown.length || all.some(({ id }, place) => id !== shown[place]?.id);
    if (others) bytes = Buffer.concat([bytes.subarray(0, HEAD.length), ...all.map(() => lines)]);
    all.forEach((texts, place) => {
      if (!others && shown[place] === texts) return;
      const begin = HEAD.length + place * lines.length;
      for (const { at, from, to } of runs) texts.bytes.copy(bytes, begin + at, from, to);
      bytes.write(idText(texts.id), begin, 'latin1');
    });
    shown = all;
    return bytes;
  };
}

export function openOldFiles({ files, proc }: Pick<Host, 'files' | 'proc'>, node: NodeConfig): OldFiles {
  const dir = oldFilesDir(node);
  /** Files that say what they should, and what that is where nobody else knows it. */
  const written = new Map<string, string>();
  /** As we left the file that every writer writes or touches at each look: by that one sees that nobody else has replaced them since. */
  let left = '';
  const [userSheet, bcSheet] = [openSheet(USER_NAMES), openSheet(BC_NAMES)];
  const vestat = openVestat();
  const shelves = openOldShelves({ files, proc }, dir);
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

  return {
    write(containers, threads) {
      if (stamp() !== left) written.clear();
      const before = known;
      const all = containers.map((ct) => textsOf(ct, before?.by.get(ct.id)));
      const same = all.length === before?.all.length && all.every((texts, place) => texts === before.all[place]);
      if (known === null || !same) known = { all, by: new Map(all.map((texts) => [texts.id, texts])), sums: sumsOf(all) };
      const { sums } = known;
      ifRoom(() => {
        files.mkdir(`${dir}/vz`, 0o755);
        shelves.show(all, bcSheet(all));
      });
      const user = userSheet(all);
      put('user_beancounters', () => user, !same);
      left = stamp();
      // the node is the last of them, without those of its containers
      putText('vz/veinfo', sums.info + veinfoText([{ id: 0, numproc: Math.max(0, threads - sums.numproc), ips: [] }]));
      putText('vz/veip', sums.ip);
      putText('vz/veth', sums.veth);
      put('vz/vestat', () => vestat(containers), true);
      // tools ask whether it is there, to know that RAM and swap are bounded
      putText('vz/vswap', '');
    },
    close: () => shelves.close(),
  };
}
