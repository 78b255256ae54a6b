// Passwords of users inside: made, hashed on the node, and written into a tree that nothing can lead out of. The password itself is given to
// one program on its standard input and stands nowhere else: no argument, no file, no log, no plan.
import { randomInt } from 'node:crypto';
import { VzError } from '../errors.ts';
import type { Host } from '../host/port.ts';
import type { TreeOp, TreeResult, TreeStat } from '../spec/op.ts';
import { withPassword } from '../spec/shadow.ts';

/** Small letters and digits that no font confuses; 59 bits in all. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
const GROUPS = 3;
const GROUP = 4;

const letters = (count: number): string => Array.from({ length: count }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

/** "k7mp-x2qd-9ahw": typed by hand on a console without looking twice. */
export const newPassword = (): string => Array.from({ length: GROUPS }, () => letters(GROUP)).join('-');

type Hasher = readonly [program: string, ...args: string[]];

// perl-base is on every Debian; a salt is no secret
const perl = (salt: string): Hasher => ['perl', '-e', 'chomp(my $line = <STDIN>); print crypt($line, $ARGV[0])', salt];

/** crypt(5) methods: SHA-512 is read by every libc of the last fifteen years and by busybox, yescrypt by those whose own programs make it. */
const METHODS = {
  'sha-512': [() => ['openssl', 'passwd', '-6', '-stdin'], () => perl(`$6$${letters(16)}$`)],
  yescrypt: [() => perl(`$y$j9T$${letters(24)}$`)],
} as const satisfies Record<string, readonly (() => Hasher)[]>;
const HASH = /^\$(6|y)\$[^:\s]+$/;

export type HashMethod = keyof typeof METHODS;

/** With SHA-512 where the node's programs do not make the method that was wished. Throws VzError 'bad-password', and 'no-program' where none is installed. */
export async function hashPassword(host: Host, password: string, method: HashMethod = 'sha-512'): Promise<string> {
  if (password === '' || password.length > 255 || /[\0\r\n]/.test(password)) throw new VzError('bad-password');
  const wished = method === 'sha-512' ? [] : METHODS[method];
  let missing: unknown;
  for (const hasher of [...wished, ...METHODS['sha-512']]) {
    const [program, ...args] = hasher();
    try {
      const { status, stdout, stderr } = await host.run(program, args, { input: `${password}\n` });
      if (host.planning) return '';
      const hash = stdout.trim();
      if (status === 0 && HASH.test(hash)) return hash;
      missing ??= new VzError('system', { what: program, cause: stderr.trim() || `ended with ${status}` });
    } catch (error) {
      if (!(error instanceof VzError && error.code === 'no-program')) throw error;
      missing ??= error;
    }
  }
  throw missing;
}

/** Longer is none: a text that was cut off would be written back without its rest. */
const MAX_TEXT = 4 << 20;

type Done = Extract<TreeResult, { ok: true }>;

/** Where a user's password goes: the tree that is written, and the one that it lies over, where there is one. */
export interface PasswordPlace {
  readonly tree: string;
  readonly lower: string | null;
  /** For the texts of refusals. */
  readonly template: string;
}

const PASSWD = '/etc/passwd';
const SHADOW = '/etc/shadow';

/**
 * Sets the hash of a user's password in a tree that no container runs on. Over a lower layer whole files are put into the upper one, which is
 * right for plain files only: a link there is refused. Throws VzError 'bad-template' when the tree has no such user or cannot be changed.
 */
export async function writePassword(host: Host, { tree, lower, template }: PasswordPlace, user: string, hash: string): Promise<void> {
  const refuse = (cause: string): VzError =>
    new VzError('bad-template', { template, cause: `no password can be set for ${user}: ${cause}` });
  const ask = async (ops: readonly TreeOp[]): Promise<readonly TreeResult[]> => host.launcher.tree(lower ?? tree, ops);
  const paths = ['/etc', PASSWD, SHADOW];
  const stats = await ask(paths.map((path) => ({ op: 'stat', path, follow: lower === null })));
  const [etc, passwdStat, shadowStat] = stats.map((result) => (result.ok ? (result as Done).stat : undefined));
  if (etc?.type !== 'dir') throw refuse('/etc is no directory');
  if (passwdStat?.type !== 'file') throw refuse(`${PASSWD} is no file`);
  if (shadowStat !== undefined && shadowStat.type !== 'file') throw refuse(`${SHADOW} is no file`);
  if (Math.max(passwdStat.size, shadowStat?.size ?? 0) > MAX_TEXT) throw refuse(`${PASSWD} or ${SHADOW} is too long`);
  const texts = await ask([PASSWD, SHADOW].map((path) => ({ op: 'read', path, max: MAX_TEXT })));
  const [passwd, shadow] = texts.map((result) => (result.ok ? Buffer.from((result as Done).data ?? []).toString('latin1') : null));
  const after = withPassword({ passwd: passwd ?? '', shadow: shadow ?? null }, user, hash, host.now());
  if (after === null) throw refuse(`${PASSWD} has no such user`);
  const write = (path: string, text: string, old: TreeStat | undefined): TreeOp => ({
    op: 'write',
    path,
    data: Buffer.from(text, 'latin1'),
    mode: old?.mode ?? 0o600,
    uid: old?.uid ?? 0,
    gid: old?.gid ?? 0,
  });
  const ops: readonly TreeOp[] = [
    ...(lower === null ? [] : [{ op: 'mkdir', path: '/etc', mode: etc.mode } as const]),
    ...(after.passwd === passwd ? [] : [write(PASSWD, after.passwd, passwdStat)]),
    write(SHADOW, after.shadow, shadowStat),
  ];
  for (const [i, result] of (await host.launcher.tree(tree, ops)).entries())
    if (!result.ok) throw refuse(`${ops[i]?.op} ${SHADOW}: ${result.errno}`);
}
