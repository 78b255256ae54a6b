// What runs the machine's code: KVM where it has been seen to bring the machine up, otherwise emulation. A KVM can be there and of no use (one
// that runs only kernels made for it, one of a machine that is emulated itself), so it is tried, once per image and kernel of this machine.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { Refusal } from '../setup/run.mjs';

export type Accelerator = 'kvm' | 'tcg';

/** Seconds that a boot with KVM may take: it takes three, and some more beside other work. */
export const TRIAL_LIMIT = 20;

/** What happened, and the last that QEMU said of it. */
function reasonOf(error: unknown): string {
  const [what = '', ...said] = (error instanceof Error ? error.message : String(error)).split('\n');
  const last = said.at(-1)?.replace(/^ *\| */, '');
  return last === undefined ? what : `${what} ${last}`;
}

const isAccelerator = (word: string | undefined): word is Accelerator => word === 'kvm' || word === 'tcg';

/**
 * What is known of this kernel in `dir`, otherwise what `trial` shows, which is noted there: it boots the machine with KVM and throws Error
 * when that does not come up,
 * Refusal when nobody wants to know any more. `device`: the KVM of this machine. */
export async function accelerator(
  dir: string,
  trial: () => Promise<void>,
  say: (text: string) => void,
  device = '/dev/kvm',
): Promise<Accelerator> {
  if (!existsSync(device)) return 'tcg';
  const note = join(dir, 'accelerator');
  const [kernel, known] = existsSync(note) ? readFileSync(note, 'utf8').trim().split(' ') : [];
  if (kernel === release() && isAccelerator(known)) return known;
  say('Test machine: tries KVM … ');
  const found: Accelerator = await trial().then(
    () => 'kvm',
    (error: unknown) => {
      if (error instanceof Refusal) throw error;
      say(`${reasonOf(error)}, `);
      return 'tcg';
    },
  );
  writeFileSync(note, `${release()} ${found}\n`);
  say(found === 'kvm' ? 'it is used\n' : 'so it is emulated\n');
  return found;
}
