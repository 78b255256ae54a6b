// The host name of a running container: set from inside, by its own programs.
import { VzError } from '../../errors.ts';
import { joinWithin } from '../enter.ts';
import type { LivePart, LiveTarget } from './part.ts';

/** /etc/hostname follows, so that a reboot inside keeps the name; a read-only root does not matter. */
const RENAME =
  'hostname "$1" || echo "$1" >/proc/sys/kernel/hostname || exit 1; { [ ! -f /etc/hostname ] || echo "$1" >/etc/hostname; } 2>/dev/null; exit 0';

const RENAME_MS = 10_000;

async function rename({ context, config, init }: LiveTarget, name: string): Promise<void> {
  const argv = ['sh', '-c', RENAME, 'sh', name];
  const outcome = await joinWithin(RENAME_MS, context, config.id, init, { argv, stdio: ['ignore', 'ignore', 'ignore'] });
  if (outcome?.code !== 0) {
    const cause = outcome ? 'sh inside failed' : `sh inside did not end within ${RENAME_MS / 1000} seconds`;
    throw new VzError('system', { what: `Unable to set the host name of container ${config.id}`, cause });
  }
}

export const HOSTNAME: LivePart = {
  keys: ['HOSTNAME'],
  plan(change) {
    const [name, old] = [change.changed.get('HOSTNAME'), change.config.values.get('HOSTNAME')];
    if (!name) return [];
    return [
      {
        keys: ['HOSTNAME'],
        what: `hostname ${name}`,
        apply: () => rename(change, name),
        undo: async () => (old ? rename(change, old) : undefined),
      },
    ];
  },
  read: () => new Map(),
};
