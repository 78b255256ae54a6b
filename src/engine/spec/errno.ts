// What the system's error names mean, in the words of strerror(3), which scripts match.

const TEXTS: Readonly<Record<string, string>> = {
  EACCES: 'Permission denied',
  EBUSY: 'Device or resource busy',
  EDQUOT: 'Disk quota exceeded',
  EEXIST: 'File exists',
  EINVAL: 'Invalid argument',
  EIO: 'Input/output error',
  EISDIR: 'Is a directory',
  ELOOP: 'Too many levels of symbolic links',
  ENAMETOOLONG: 'File name too long',
  ENOENT: 'No such file or directory',
  ENOSPC: 'No space left on device',
  ENOTDIR: 'Not a directory',
  ENOTEMPTY: 'Directory not empty',
  // The one that is ours: a device, fifo or socket where a file is expected.
  ENOTREG: 'Not a regular file',
  EPERM: 'Operation not permitted',
  EROFS: 'Read-only file system',
  EXDEV: 'Invalid cross-device link',
};

/** Text for an errno name, or for an error that carries one in `code`; an unknown one stays as it is. */
export function strerror(error: unknown): string {
  const code = typeof error === 'string' ? error : (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string') return TEXTS[code] ?? code;
  return error instanceof Error ? error.message : String(error);
}

const REMEDIES: Readonly<Record<string, string>> = {
  EDQUOT: 'raise the quota, or make room',
  ENOSPC: 'make room on its file system',
  EROFS: 'mount its file system for writing',
};

/** A refusal of the system that nobody turned into one of ours: what was tried, on what, and why not. null: not one of the system. */
export function systemRefusal(error: unknown): string | null {
  const { code, syscall, path } = (error ?? {}) as { code?: unknown; syscall?: unknown; path?: unknown };
  if (typeof code !== 'string' || typeof syscall !== 'string') return null;
  const remedy = REMEDIES[code] === undefined ? '' : ` (${REMEDIES[code]})`;
  return `Unable to ${syscall} ${typeof path === 'string' ? path : ''}: ${strerror(code)}${remedy}`.replace(' :', ':');
}
