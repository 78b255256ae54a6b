// Reads a template from its first to its last byte as an unpacking would, and writes nothing: what a create would be refused for is told now.
import { VzError } from '../errors.ts';
import type { Host } from '../host/port.ts';
import { ARCHIVE_LIMITS, ArchiveCheck } from './archive-check.ts';
import type { FoundTemplate } from './cache.ts';
import { BadArchive, readTar, Truncated } from './tar-reader.ts';
import { unpackedSize } from './unpack.ts';

export interface CheckOptions {
  /** Of these one must be in it, as paths without a leading slash. */
  readonly programs: ReadonlySet<string>;
  readonly signal: AbortSignal;
  /** Bytes looked at so far and in all, as far as it is known beforehand. */
  readonly progress: (done: number, total: number) => void;
}

const PROGRESS_STEP = 4 << 20;
const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

/** Throws VzError 'bad-template', 'cancelled', 'no-program'. */
export async function checkTemplate(host: Host, template: FoundTemplate, { programs, signal, progress }: CheckOptions): Promise<void> {
  const bad = (cause: string, error?: unknown): VzError => new VzError('bad-template', { template: template.name, cause }, error);
  const { format, total } = await unpackedSize(host, template);
  const [program, ...args] = format.expand;
  const archive = host.pipe(program, [...args, template.file], { signal });
  const check = new ArchiveCheck(ARCHIVE_LIMITS);
  let rootFs = false;
  let told = 0;
  try {
    for await (const entry of readTar(archive.out)) {
      rootFs ||= check.take(entry) !== null && programs.has(entry.name);
      if (check.bytes - told < PROGRESS_STEP) continue;
      told = check.bytes;
      progress(told, Math.max(total, told));
    }
    const { status, stderr } = await archive.done;
    if (status !== 0) throw new BadArchive(lastLine(stderr) || `${program} ended with ${status}`);
  } catch (error) {
    const [ended] = await Promise.allSettled([archive.done]);
    if (signal.aborted) throw new VzError('cancelled', { what: `Check of ${template.name}` }, error);
    if (!(error instanceof BadArchive)) throw error;
    const reason = error instanceof Truncated && ended.status === 'fulfilled' ? lastLine(ended.value.stderr) : '';
    throw bad(reason || error.message, error);
  }
  if (!rootFs) throw bad('it holds no root file system: there is neither /sbin/init nor /bin/sh in it');
}
