// What a step that changes the tree of a distribution has seen of it, and how changes are said. Everything is asked in one call, below a root
// that nothing leads out of; steps see texts only and know neither disk nor launcher.
import { VzError } from '../errors.ts';
import type { TreeOp, TreeResult } from '../spec/op.ts';
import { latin1 } from './tar-header.ts';

/** A path that is missing, or is not of that kind, has no entry. */
export interface Seen {
  /** Text of a regular file, links followed below the root. Throws VzError 'system' for one that is too long to be changed whole. */
  text(path: string): string | null;
  /** Names in a directory. */
  names(path: string): readonly string[];
  /** Whether anything stands there (links are not followed). */
  there(path: string): boolean;
  /** Target of a symbolic link. */
  link(path: string): string | null;
  /** All that was answered about a path that was both read and looked at: `stat`, `readlink`, `read`. */
  answers(path: string): readonly TreeResult[] | null;
}

/** What is to be seen. */
export interface Wants {
  readonly reads?: readonly string[];
  readonly lists?: readonly string[];
  /** Looked at as they are, links not followed. */
  readonly looks?: readonly string[];
  /** Directories whose names are listed, and read where they match: short texts, the first of many. */
  readonly within?: readonly { readonly dir: string; readonly names: RegExp }[];
}

/** Tree operations below one root. */
export type TreeAsk = (ops: readonly TreeOp[]) => Promise<readonly TreeResult[]>;

/** Lists of blocked names in /etc/hosts have megabytes. */
const MAX_TEXT = 4 << 20;
const MAX_NAMES = 10_000;
const SHORT = { text: 64 << 10, files: 200 };

const unique = (paths: readonly (readonly string[] | undefined)[]): readonly string[] => [...new Set(paths.flatMap((list) => list ?? []))];

const look = (path: string): readonly TreeOp[] => [
  { op: 'stat', path, follow: false },
  { op: 'readlink', path },
];
/** For `answers` of a Seen. */
export const lookWhole = (path: string): readonly TreeOp[] => [...look(path), { op: 'read', path, max: MAX_TEXT }];

/** Everything that is wanted, asked in one call; in two where something lies in a directory of `within`. */
export async function lookAt(ask: TreeAsk, wants: readonly Wants[]): Promise<Seen> {
  const within = wants.flatMap((want) => want.within ?? []);
  const asked: TreeOp[] = [
    ...unique(wants.map(({ reads }) => reads)).map((path): TreeOp => ({ op: 'read', path, max: MAX_TEXT })),
    ...unique([...wants.map(({ lists }) => lists), within.map(({ dir }) => dir)]).map(
      (path): TreeOp => ({ op: 'list', path, max: MAX_NAMES }),
    ),
    ...unique(wants.map(({ looks }) => looks)).flatMap(look),
  ];
  const answers = new Map<string, TreeResult>();
  const answered = async (ops: readonly TreeOp[]): Promise<void> => {
    const results = await ask(ops);
    for (const [i, op] of ops.entries()) answers.set(`${op.op} ${'path' in op ? op.path : ''}`, results[i]!);
  };
  await answered(asked);
  const answer = (kind: string, path: string): Partial<Extract<TreeResult, { ok: true }>> | null => {
    const result = answers.get(`${kind} ${path}`);
    return result?.ok ? result : null;
  };
  const found = within.flatMap(({ dir, names }) =>
    (answer('list', dir)?.names ?? []).flatMap((name) => (names.test(name) ? [`${dir}/${name}`] : [])),
  );
  const more = found.slice(0, SHORT.files).flatMap((path): readonly TreeOp[] => [{ op: 'read', path, max: SHORT.text }, ...look(path)]);
  if (more.length > 0) await answered(more);
  return {
    text: (path) => {
      const data = answer('read', path)?.data;
      if (data !== undefined && data.length >= MAX_TEXT) throw new VzError('system', { what: path, cause: 'it has 4 MiB or more' });
      return data === undefined ? null : latin1(data);
    },
    names: (path) => answer('list', path)?.names ?? [],
    there: (path) => answer('stat', path) !== null,
    link: (path) => answer('readlink', path)?.target ?? null,
    answers: (path) => {
      const all = ['stat', 'readlink', 'read'].flatMap((kind) => answers.get(`${kind} ${path}`) ?? []);
      // what may have been cut short is not known
      return all.length === 3 && (answer('read', path)?.data?.length ?? 0) < SHORT.text ? all : null;
    },
  };
}

/** Texts are byte strings, so that a config in any encoding survives a rewrite. */
const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
export const write = (path: string, text: string, mode = 0o644): TreeOp => ({ op: 'write', path, data: bytes(text), mode, uid: 0, gid: 0 });
export const remove = (path: string): TreeOp => ({ op: 'remove', path });
export const symlink = (path: string, target: string): readonly TreeOp[] => [remove(path), { op: 'symlink', path, target }];
export const mkdir = (path: string, mode = 0o755): TreeOp => ({ op: 'mkdir', path, mode });
/** The directories that a file lies in, from the top on. */
export const mkdirsAbove = (path: string): readonly TreeOp[] =>
  path.split('/').flatMap((_, i, names) => (i > 1 ? [mkdir(names.slice(0, i).join('/'))] : []));

/** Either place of systemd's own program. */
export const SYSTEMD = ['/lib/systemd/systemd', '/usr/lib/systemd/systemd'] as const;
export const hasSystemd = (seen: Seen): boolean => SYSTEMD.some((path) => seen.there(path));
