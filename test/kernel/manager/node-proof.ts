// What a node and its containers are, seen from the node's own side and asked of nobody: files, processes, limits, mounts. Two of these
// that are equal prove that nothing was changed between them.
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../lab.ts';

const textOf = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

/** What managers write down of themselves: which engine runs, tasks (to look through a template is one), settings of the person at the keyboard; what is
 * counted; and a file system of the kernel, which has no content to be compared. */
const OWN_RECORDS =
  /\/(etc\/vzdeck|run\/vzdeck\/(tasks|engine|ledger|proc|bpf|kernel-types)|var\/log\/vzdeck\/tasks\.d|var\/lib\/vzdeck\/(ledger|history))$/;

/** Every path below with kind, mode, owner, size, inode, time of change and content. */
function tree(dir: string, out: Map<string, string>): void {
  for (const name of readdirSync(dir).sort()) {
    const path = join(dir, name);
    if (OWN_RECORDS.test(path)) continue;
    const { mode, uid, gid, size, ino, mtimeNs } = lstatSync(path, { bigint: true });
    const kind = Number(mode) & 0o170000;
    const content =
      kind === 0o100000 ? createHash('sha1').update(readFileSync(path)).digest('hex') : kind === 0o120000 ? readlinkSync(path) : '';
    if (kind === 0o040000) {
      out.set(path, [mode.toString(8), uid, gid, ino].join(' '));
      tree(path, out);
    } else out.set(path, [mode.toString(8), uid, gid, ino, size, mtimeNs, content].join(' '));
  }
}

/** Start time in ticks and nice value tell a process from another one with its pid, and a reniced one. */
function processes(pid: number, out: Map<string, string>): void {
  const stat = textOf(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  out.set(`process ${pid}`, `${stat.slice(stat.indexOf('('), stat.lastIndexOf(')') + 1)} started ${fields[19]}, nice ${fields[16]}`);
  for (const child of textOf(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean)) processes(Number(child), out);
}

/** Files of a cgroup that somebody sets and nobody counts in. */
const SET =
  /^(?!.*(usage|events|stat|peak|failcnt|current)).*(limit|\.max$|\.high$|\.low$|\.min$|shares|quota|period|weight|swappiness|cpus|mems|\.state$|\.freeze$|\.list$)/;

function limits(pid: number, out: Map<string, string>): void {
  const mounts = textOf('/proc/self/mountinfo')
    .split('\n')
    .filter((line) => / - cgroup2? /.test(line))
    .map((line) => ({ at: line.split(' ')[4] ?? '', controllers: (line.split(' - ')[1] ?? '').split(' ')[2] ?? '' }));
  for (const line of textOf(`/proc/${pid}/cgroup`).trim().split('\n')) {
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const dirs = mounts.filter((mount) =>
      controllers === '' ? !/^rw,./.test(mount.controllers) : mount.controllers.includes(controllers),
    );
    for (const dir of dirs.map(({ at }) => join(at, path)))
      for (const name of names(dir).filter((one) => SET.test(one))) out.set(join(dir, name), textOf(join(dir, name)));
  }
}

const names = (dir: string): readonly string[] => {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
};

/** What the node is now, as texts by what they are about. Containers must be at rest: what they write themselves is in it as well. */
export function proofOf(lab: Lab): Map<string, string> {
  const out = new Map<string, string>();
  tree(lab.root, out);
  for (const { id, state, init } of lab.engine.list().flatMap(({ id }) => lab.engine.find(String(id)) ?? [])) {
    out.set(`container ${id}`, `${state} ${init?.pid ?? ''}`);
    if (init == null) continue;
    processes(init.pid, out);
    limits(init.pid, out);
  }
  for (const line of textOf('/proc/self/mountinfo').split('\n')) if (line.includes(lab.root)) out.set(`mount ${line.split(' ')[4]}`, line);
  return out;
}

/** What was there before and is not as it was; with `all`, also what is new. */
export function changes(before: Map<string, string>, now: Map<string, string>, all = true): readonly string[] {
  const gone = [...before].flatMap(([what, was]) => (now.get(what) === was ? [] : [`${what}: ${was} → ${now.get(what) ?? 'gone'}`]));
  const fresh = all ? [...now].flatMap(([what, is]) => (before.has(what) ? [] : [`${what}: new, ${is}`])) : [];
  return [...gone, ...fresh];
}
