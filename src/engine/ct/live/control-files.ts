// Steps that are writes into control files: what stood there is read before each write, so that it can be written back.
import { VzError } from '../../errors.ts';
import type { Host } from '../../host/port.ts';
import type { Op } from '../../spec/op.ts';
import { patience } from '../../watch/timer.ts';
import type { LiveStep } from './part.ts';

export interface ControlWrite {
  readonly path: string;
  readonly text: string;
  /** A line among others: the present line of the same thing. The whole file, when left out. */
  readonly present?: (text: string) => string;
}

const encoder = new TextEncoder();
/** The kernel takes an empty line for "none"; an empty text would be no write at all. */
const writeOp = ({ path, text }: ControlWrite): Op => ({ op: 'write', path, data: encoder.encode(text === '' ? '\n' : text) });

const MEMORY_MAX = '/memory.max';
const RECLAIM = '/memory.reclaim';

/** `writes` is asked when the step's turn has come: an order may depend on what stands there then. A value that stands there already is not written. */
export function controlStep(
  host: Host,
  parts: Pick<LiveStep, 'keys' | 'what' | 'lines'> & {
    readonly writes: () => readonly ControlWrite[];
    /** How long the kernel may take for one of them: getting memory back takes time. */
    readonly milliseconds: number;
    /** Before the writes, and after them. */
    readonly first?: () => Promise<void>;
    readonly last?: () => Promise<void>;
    /** A refusal in better words. */
    readonly explain: (error: unknown) => unknown;
  },
): LiveStep {
  const { writes, milliseconds, first, last, explain, ...step } = parts;
  const back: ControlWrite[] = [];

  const put = async (write: ControlWrite): Promise<void> => {
    const signal = patience(milliseconds);
    try {
      await host.launcher.ops({ ops: [writeOp(write)] }, signal);
    } catch (error) {
      // whoever was interrupted had not got back enough
      throw signal.aborted ? new VzError('launch-failed', { path: write.path, errno: 'EBUSY' }, error) : error;
    }
  };

  /** A bare write to memory.max kills whoever holds more by now. */
  const putBack = async (write: ControlWrite): Promise<void> => {
    if (write.path.endsWith(MEMORY_MAX)) {
      const group = write.path.slice(0, -MEMORY_MAX.length);
      const excess = Number(host.files.read(`${group}/memory.current`) ?? 0) - Number(write.text);
      if (excess > 0) await put({ path: `${group}${RECLAIM}`, text: String(excess) });
    }
    await put(write);
  };

  const undo = async (): Promise<void> => {
    for (const write of back.splice(0).reverse()) await putBack(write);
  };

  return {
    ...step,
    async apply() {
      try {
        await first?.();
        for (const write of writes()) {
          const { present = (text: string) => text, path } = write;
          const old = path.endsWith(RECLAIM) ? null : host.files.read(path);
          const was = old === null ? null : present(old.trim());
          if (was === write.text) continue;
          await put(write);
          if (was !== null) back.push({ path, text: was });
        }
        await last?.();
      } catch (error) {
        await undo();
        throw explain(error);
      }
    },
    undo,
  };
}
