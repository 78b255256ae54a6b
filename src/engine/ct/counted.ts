// Counting serves containers: whatever fails of it is told, and keeps none from starting or ending.
import { VzError } from '../errors.ts';
import { dropBpfPlace } from '../store/bpf-place.ts';
import { patience } from '../watch/timer.ts';
import type { VerbContext } from './verb.ts';

/** What a kernel will not do: nobody can change it, so it is told with --verbose. */
const UNABLE: ReadonlySet<string> = new Set(['no-support', 'launch-failed']);

/** What `work` gives, or `otherwise` where it fails. */
export async function counted<T>(
  { report }: Pick<VerbContext, 'report'>,
  what: string,
  otherwise: T,
  work: () => Promise<T> | T,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const unable = error instanceof VzError && UNABLE.has(error.code);
    const text = `${what}: ${error instanceof Error ? error.message : error}`;
    report(unable ? { level: 1, text } : { level: -1, text: `Warning: ${text}` });
    return otherwise;
  }
}

/** What is said where a container's ledger cannot be written. */
export const LEDGER = 'What it was refused and held is not kept';
/** What is said where its links' counters cannot be written down. */
export const TRAFFIC = 'What went over its links is not kept';
/** What is said where a container cannot be put under the programs that refuse, or taken from under them. */
export const REFUSING = 'No program refuses in place of the kernel';

/** What is said where the counts of what the kernel has refused it cannot be taken out of their map. */
export const DENYING = 'Counts of a container that has ended stay in the kernel';

/** After the end of a container, when its record is closed: with the last one all goes that has a name in the kernel. */
export const dropCounting = (context: Pick<VerbContext, 'host' | 'report'>): Promise<void> =>
  counted(context, 'Programs that count and refuse stay in the kernel', undefined, () => dropBpfPlace(context.host, patience));
