// The node's mount table as text of /proc/self/mountinfo (proc(5)). Knows nothing of containers.

export interface Mount {
  readonly id: number;
  readonly path: string;
  readonly type: string;
}

/** mountinfo writes blank, tab, newline and backslash in octal. */
function plain(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

export function parseMountinfo(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const f = line.split(' ');
    const dash = f.indexOf('-');
    if (dash < 0) return [];
    return [{ id: Number(f[0]), path: plain(f[4] ?? ''), type: f[dash + 1] ?? '' }];
  });
}

/** Mount points at or below a directory, deepest first: the order in which they can be unmounted. */
export function below(mounts: readonly Mount[], directory: string): readonly Mount[] {
  return mounts.filter((m) => m.path === directory || m.path.startsWith(`${directory}/`)).sort((a, b) => b.id - a.id);
}
