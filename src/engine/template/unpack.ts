// Unpacks a template into a directory: the archive flows through our reader and the check, and only what passed is written anew and
// handed to tar. What tar gets is therefore exactly what was judged. Leaves nothing when it fails or is cancelled.
import { VzError } from '../errors.ts';
import type { Host, Pipe } from '../host/port.ts';
import { removeTree } from '../host/remove-tree.ts';
import { ARCHIVE_LIMITS, ArchiveCheck, type ArchiveLimits } from './archive-check.ts';
import type { FoundTemplate } from './cache.ts';
import { expandedSize, type Format, formatOf } from './formats.ts';
import { END_MARK, encodeHeader, padding } from './tar-header.ts';
import { BadArchive, readTar, Truncated } from './tar-reader.ts';

export interface UnpackOptions {
  readonly signal?: AbortSignal;
  /** Bytes unpacked so far and in all, as far as it is known beforehand. */
  readonly progress?: (done: number, total: number) => void;
  /** Tests: a bound below which anything is refused. */
  readonly limits?: ArchiveLimits;
}

export interface Unpacked {
  readonly entries: number;
  readonly bytes: number;
  /** Device nodes and fifos of the archive that were left out. */
  readonly leftOut: number;
}

const TAR = [
  '--extract',
  '--file=-',
  '--numeric-owner',
  '--same-owner',
  '--preserve-permissions',
  '--xattrs',
  '--xattrs-include=*',
  '--acls',
];
const PROGRESS_STEP = 1 << 20;
/** Bytes. */
const GATHERED = 128 * 1024;

const kib = (bytes: number): number => Math.ceil(bytes / 1024);
const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

async function headOf(host: Host, file: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of host.pipe('head', ['-c', '8', '--', file]).out) parts.push(part);
  return Buffer.concat(parts);
}

/** What goes to tar, in few large pieces: an archive has three small ones for each file, and each would be a call of the kernel. */
class Gathered {
  readonly #pipe: Pipe;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(pipe: Pipe) {
    this.#pipe = pipe;
  }

  /** False when nobody reads any more. */
  add(part: Uint8Array): true | Promise<boolean> {
    this.#parts.push(part);
    this.#bytes += part.length;
    return this.#bytes < GATHERED || this.flush();
  }

  flush(): Promise<boolean> {
    const piece = Buffer.concat(this.#parts);
    [this.#parts, this.#bytes] = [[], 0];
    return this.#pipe.write(piece);
  }
}

/** Archive → check → tar. Returns when tar has been given everything. */
async function flow(archive: Pipe, tar: Pipe, check: ArchiveCheck, progress: (done: number) => void): Promise<void> {
  const gathered = new Gathered(tar);
  let reported = 0;
  for await (const entry of readTar(archive.out)) {
    const kept = check.take(entry);
    if (kept === null) continue;
    let open = gathered.add(encodeHeader(kept));
    for await (const part of entry.body) if (await open) open = gathered.add(part);
    const pad = padding(kept.size);
    if (pad > 0 && (await open)) open = gathered.add(END_MARK.subarray(0, pad));
    if (!(await open)) return;
    if (check.bytes - reported >= PROGRESS_STEP) {
      reported = check.bytes;
      progress(reported);
    }
  }
  gathered.add(END_MARK);
  await gathered.flush();
}

interface Job {
  readonly host: Host;
  readonly template: FoundTemplate;
  readonly target: string;
  readonly check: ArchiveCheck;
  readonly options: UnpackOptions;
}

async function extract({ host, template, target, check, options }: Job, format: Format, total: number): Promise<void> {
  const { signal, progress = () => {} } = options;
  const stop = new AbortController();
  const [program, ...args] = format.expand;
  const archive = host.pipe(program, [...args, template.file], signal ? { signal } : {});
  const tar = host.pipe('tar', [...TAR, `--directory=${target}`], {
    signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
  });
  try {
    await flow(archive, tar, check, (done) => progress(done, Math.max(total, done)));
    tar.end();
    const [expanded, written] = await Promise.all([archive.done, tar.done]);
    const cause = written.stderr.split('\n')[0] || `tar ended with ${written.status}`;
    if (/No space left|Disk quota/.test(written.stderr)) throw noSpace(host, target, total);
    if (written.status !== 0) throw new VzError('unpack-failed', { template: template.name, path: target, cause });
    if (expanded.status !== 0) throw new BadArchive(lastLine(expanded.stderr) || `${program} ended with ${expanded.status}`);
    progress(check.bytes, check.bytes);
  } catch (error) {
    stop.abort();
    const [expanded] = await Promise.allSettled([archive.done, tar.done]);
    if (signal?.aborted) throw new VzError('cancelled', { what: `Unpacking of ${template.name}` });
    if (!(error instanceof BadArchive)) throw error;
    // what its own program cannot read ends early; the program knows better why
    const reason = error instanceof Truncated && expanded.status === 'fulfilled' ? lastLine(expanded.value.stderr) : '';
    throw new VzError('bad-template', { template: template.name, cause: reason || error.message }, error);
  }
}

export function noSpace(host: Host, target: string, bytes: number): VzError {
  return new VzError('no-space', { path: target, available: kib(host.files.statfs(target).free), needed: kib(bytes) });
}

/** Its format, and the bytes that it takes when it is unpacked as far as they can be known beforehand. */
export async function unpackedSize(host: Host, template: FoundTemplate): Promise<{ readonly format: Format; readonly total: number }> {
  const format = formatOf(await headOf(host, template.file));
  return { format, total: Math.ceil(await expandedSize(host, format, template.file, template.size)) };
}

/**
 * Unpacks an archive into a directory that is there and empty. It is open to root only meanwhile, and 0755 afterwards.
 * Throws VzError 'bad-template' (47), 'no-space' (46), 'unpack-failed' (48) or 'cancelled'; then the directory is gone with all that was in it.
 */
export async function unpackTemplate(host: Host, template: FoundTemplate, target: string, options: UnpackOptions = {}): Promise<Unpacked> {
  if (host.planning) {
    await host.run('tar', ['-x', '-C', target, '-f', template.file]);
    return { entries: 0, bytes: 0, leftOut: 0 };
  }
  const { format, total } = await unpackedSize(host, template);
  const free = host.files.statfs(target).free;
  const check = new ArchiveCheck(options.limits ?? ARCHIVE_LIMITS, () => noSpace(host, target, Math.max(total, check.bytes)), free);
  try {
    if (total > free) throw noSpace(host, target, total);
    host.files.chmod(target, 0o700);
    await extract({ host, template, target, check, options }, format, total);
    host.files.chmod(target, 0o755);
  } catch (error) {
    // What went wrong first is what is told; whoever wanted the directory takes it away as well, and hears when that fails.
    await removeTree(host, target).catch(() => {});
    throw error;
  }
  return { entries: check.entries, bytes: check.bytes, leftOut: check.leftOut };
}
