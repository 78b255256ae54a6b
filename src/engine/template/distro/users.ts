// A user's password in the files of a tree (passwd(5), shadow(5), group(5)). A user that is not there is made as useradd -m would: the lowest free
// ids, a group of its own, a home with the files of /etc/skel. Knows hashes, never passwords.
import { VzError } from '../../errors.ts';
import type { TreeOp } from '../../spec/op.ts';
import { withPassword } from '../../spec/shadow.ts';
import { mkdir, type Seen, type TreeAsk, type Wants, write } from '../seen.ts';

const PASSWD = '/etc/passwd';
const SHADOW = '/etc/shadow';
const GROUP = '/etc/group';
const GSHADOW = '/etc/gshadow';
const LOGIN = '/etc/login.defs';
const SKEL = '/etc/skel';
const BASH = '/bin/bash';

export const USER_FILES: Wants = { reads: [PASSWD, SHADOW, GROUP, GSHADOW, LOGIN], lists: [SKEL], looks: [SHADOW, BASH] };

/** useradd(8) of Debian without --badname, and upper case, which others have. */
export const isUserName = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/.test(name);

/** Whether this tree's own programs would make yescrypt: then its libcrypt reads it. */
export const knowsYescrypt = (seen: Seen): boolean => /^\s*ENCRYPT_METHOD\s+YESCRYPT\b/im.test(seen.text(LOGIN) ?? '');

const FIRST = 1000;
const LAST = 60_000;

const idsIn = (text: string): ReadonlySet<number> => new Set(text.split('\n').map((line) => Number(line.split(':')[2])));
function lowestFree(text: string): number {
  const used = idsIn(text);
  for (let id = FIRST; id < LAST; id++) if (!used.has(id)) return id;
  throw new VzError('password-refused', { cause: 'all ids of users are taken' });
}

const withLine = (text: string, line: string): string => `${text === '' || text.endsWith('\n') ? text : `${text}\n`}${line}\n`;
const hasName = (text: string, name: string): boolean => text.split('\n').some((line) => line.startsWith(`${name}:`));

interface Made {
  readonly passwd: string;
  readonly ops: readonly TreeOp[];
}

/** The files but for passwd and shadow, and the home. */
async function newUser(seen: Seen, ask: TreeAsk, user: string): Promise<Made> {
  const passwd = seen.text(PASSWD) ?? '';
  const group = seen.text(GROUP) ?? '';
  const gshadow = seen.text(GSHADOW);
  const uid = lowestFree(passwd);
  const own = group.split('\n').find((line) => line.startsWith(`${user}:`));
  const gid = own === undefined ? (idsIn(group).has(uid) ? lowestFree(group) : uid) : Number(own.split(':')[2]);
  const home = `/home/${user}`;
  const names = seen.names(SKEL).filter((name) => !name.includes('/'));
  const skeleton = await ask(names.map((name) => ({ op: 'read', path: `${SKEL}/${name}`, max: 1 << 20 })));
  return {
    passwd: withLine(passwd, `${user}:x:${uid}:${gid}::${home}:${seen.there(BASH) ? BASH : '/bin/sh'}`),
    ops: [
      ...(own === undefined ? [write(GROUP, withLine(group, `${user}:x:${gid}:`))] : []),
      ...(gshadow === null || hasName(gshadow, user) ? [] : [write(GSHADOW, withLine(gshadow, `${user}:!::`), 0o600)]),
      mkdir('/home'),
      mkdir(home, 0o700),
      { op: 'chown', path: home, uid, gid },
      ...skeleton.flatMap((found, i): TreeOp[] =>
        found.ok && found.data ? [{ op: 'write', path: `${home}/${names[i]}`, data: found.data, mode: 0o644, uid, gid }] : [],
      ),
    ],
  };
}

/**
 * @param hash crypt(3) of the password @param at milliseconds since 1970
 * Throws VzError 'password-refused' where there is no passwd file, or its shadow is no plain file.
 */
export async function passwordChanges(seen: Seen, ask: TreeAsk, user: string, hash: string, at: number): Promise<readonly TreeOp[]> {
  const before = seen.text(PASSWD);
  const shadow = seen.text(SHADOW);
  if (before === null) throw new VzError('password-refused', { cause: `${PASSWD} is no file` });
  if (shadow === null && seen.there(SHADOW)) throw new VzError('password-refused', { cause: `${SHADOW} is no file` });
  const made = hasName(before, user) ? null : await newUser(seen, ask, user);
  const after = withPassword({ passwd: made?.passwd ?? before, shadow }, user, hash, at);
  if (after === null) throw new VzError('password-refused', { cause: `${PASSWD} takes no user ${user}` });
  return [
    ...(made?.ops ?? []),
    ...(after.passwd === before ? [] : [write(PASSWD, after.passwd)]),
    ...(after.shadow === shadow ? [] : [write(SHADOW, after.shadow, 0o600)]),
  ];
}
