// The texts of /etc/passwd and /etc/shadow (passwd(5), shadow(5)) with a user's password set. Texts are byte strings: whatever else stands in
// them survives. Knows neither disk nor how a hash is made.

const DAY = 86_400_000;

export interface UserFiles {
  readonly passwd: string;
  /** null where there is none: then one is begun. */
  readonly shadow: string | null;
}

/** Lines with the fields of one user changed; null when the user is not among them. */
function edit(text: string, user: string, change: (fields: readonly string[]) => readonly string[]): string | null {
  let found = false;
  const lines = text.split('\n').map((line) => {
    const fields = line.split(':');
    if (found || fields[0] !== user) return line;
    found = true;
    return change(fields).join(':');
  });
  return found ? lines.join('\n') : null;
}

const ended = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

/** Both texts with the user's password of this hash, as changed on that day (milliseconds since 1970); null when there is no such user. */
export function withPassword(
  { passwd, shadow }: UserFiles,
  user: string,
  hash: string,
  at: number,
): (UserFiles & { shadow: string }) | null {
  const shadowed = edit(passwd, user, ([name = '', , ...rest]) => [name, 'x', ...rest]);
  if (shadowed === null) return null;
  const day = String(Math.floor(at / DAY));
  const known = edit(shadow ?? '', user, ([name = '', , , ...rest]) => [name, hash, day, ...rest]);
  return { passwd: shadowed, shadow: known ?? `${ended(shadow ?? '')}${user}:${hash}:${day}:0:99999:7:::\n` };
}
