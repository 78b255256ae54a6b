// What this kernel has refused since it was booted and will refuse again: nobody asks twice. Noted where no prefix moves it, since the kernel is the
// same for all.
import { VzError } from '../errors.ts';
import type { Host } from '../host/port.ts';
import { ifRoom } from '../host/room.ts';
import { isNever } from '../spec/bpf/call.ts';
import { bootOf } from './mechanisms.ts';

export interface RefusedForGood {
  known(): boolean;
  note(): void;
}

export function refusedForGood(host: Host, what: 'refusals' | 'sockets'): RefusedForGood {
  const file = `/run/vzdeck-no-${what}`;
  return {
    known: () => host.files.read(file) === bootOf(host),
    note: () => void ifRoom(() => host.files.write(file, bootOf(host), 0o644, 'boot')),
  };
}

/** Will this kernel say so again? */
export const isForGood = (error: unknown): boolean => isNever(error) || (error instanceof VzError && error.code === 'no-support');
