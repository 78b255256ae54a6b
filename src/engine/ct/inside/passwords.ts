// Passwords of users inside, of containers that run and of those that do not: hashed on the node, written into their files. A user that is not
// there is made. The password goes to one program on its standard input and stands nowhere else.
import { VzError } from '../../errors.ts';
import { isUserName, knowsYescrypt, passwordChanges, USER_FILES } from '../../template/distro/users.ts';
import { lookAt } from '../../template/seen.ts';
import type { LiveStep } from '../live/part.ts';
import { hashPassword } from '../password.ts';
import type { UserPassword } from '../set-request.ts';
import type { CtSettings } from '../settings.ts';
import type { VerbContext } from '../verb.ts';
import { changeTree, withTree } from './tree.ts';

/** USER:PASSWORD; the password may have colons. Throws VzError 'password-refused' (74) as the original's script does for an empty part. */
export function readUserPassword(text: string): UserPassword {
  const at = text.indexOf(':');
  const [user, password] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
  if (!isUserName(user)) throw new VzError('password-refused', { cause: 'that is no name of a user' });
  if (password === '') throw new VzError('password-refused', { cause: `${user} is given no password` });
  return { user, password };
}

/** One step among those of a set. Throws VzError 'bad-password', and from apply 'password-refused', 'inside-refused'. */
export function passwordStep(
  context: VerbContext,
  settings: Pick<CtSettings, 'id' | 'rootMount'>,
  { user, password }: UserPassword,
): LiveStep {
  const { host } = context;
  let back = async (): Promise<void> => {};
  return {
    keys: [],
    what: `password of ${user}`,
    apply: () =>
      withTree(context, settings, async (ask) => {
        const seen = await lookAt(ask, [USER_FILES]);
        const hash = await hashPassword(host, password, knowsYescrypt(seen) ? 'yescrypt' : 'sha-512');
        back = await changeTree(ask, settings.id, await passwordChanges(seen, ask, user, hash, host.now()), seen);
      }),
    // of what does not run it is the only step, and nothing comes after it that could be refused
    undo: () => back(),
  };
}
