// What a container calls its users. Its files are its own: read through the launcher below its root, cut, and believed for nothing but names on
// a screen.
import type { Host } from '../host/port.ts';
import type { CtSettings } from './settings.ts';

const MAX_BYTES = 65_536;
/** As useradd(8) lets them be; whatever else stands there is no name. */
const LINE = /^([A-Za-z_][A-Za-z0-9_.-]{0,31}\$?):[^:]*:(\d{1,10}):/;

export function parseUsers(text: string): ReadonlyMap<number, string> {
  const users = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [, name, uid] = LINE.exec(line) ?? [];
    if (name !== undefined && !users.has(Number(uid))) users.set(Number(uid), name);
  }
  return users;
}

export async function userNames({ launcher }: Host, { rootMount }: CtSettings): Promise<ReadonlyMap<number, string>> {
  const [found] = await launcher.tree(rootMount.root, [{ op: 'read', path: 'etc/passwd', max: MAX_BYTES }]);
  return parseUsers(found?.ok && found.data ? Buffer.from(found.data).toString('latin1') : '');
}
