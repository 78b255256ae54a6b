// Lines of /proc/self/mountinfo (proc(5)). Knows their format; refuses to know which of them anybody needs.

export interface Mount {
  readonly id: number;
  /** "major:minor" of the file system. */
  readonly device: string;
  /** Directory of the file system that is seen at `path`; "/" but for bind mounts. */
  readonly root: string;
  readonly path: string;
  /** Of the mount, separated by commas. */
  readonly options: string;
  readonly type: string;
  /** What was mounted: a device, or any word. */
  readonly source: string;
  /** Of the file system, separated by commas. */
  readonly superOptions: string;
}

/** Blank, tab, newline and backslash stand as octal escapes. */
const plain = (text: string): string =>
  text.includes('\\') ? text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))) : text;

/** In the order of mounting. A line that is none is passed over. */
export function parseMountinfo(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.split(' ');
    const dash = fields.indexOf('-');
    if (dash < 0) return [];
    const [id, , device = '', root = '', path = '', options = ''] = fields;
    const [type = '', source = '', superOptions = ''] = fields.slice(dash + 1);
    return [{ id: Number(id), device, root: plain(root), path: plain(path), options, type, source: plain(source), superOptions }];
  });
}
