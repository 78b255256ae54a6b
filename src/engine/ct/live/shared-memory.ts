// Shared memory of a running container, as far as the kernel bounds it on its own: System V segments, by its IPC namespace. Other shared memory
// counts as RAM.
import type { Host } from '../../host/port.ts';
import type { ProcessId } from '../../launcher/launcher.ts';
import { SHMALL, SHMALL_NONE } from '../../rootfs/wall/wall.ts';
import { type Beside, beside } from '../inside/beside.ts';
import { shmallOf } from '../limits-of.ts';
import type { LivePart } from './part.ts';

const WHAT = 'Shared memory of the container';

/** Only the root of the namespace may write it: the node's is somebody else there. */
const WRITE: Beside = { what: WHAT, namespaces: ['user', 'ipc'], script: `printf %s "$value" >${SHMALL}` };

/** By a program that reads it at once: after the first byte, which is what `read` of a shell asks for, the kernel says that it ends. */
const present = (host: Host, init: ProcessId): Promise<string> =>
  beside(host, init, { what: WHAT, namespaces: ['ipc'], script: `cat ${SHMALL}` });

export const SHARED_MEMORY: LivePart = {
  keys: ['SHMPAGES'],
  plan({ context: { host }, init, changed, after }) {
    const value = shmallOf(after) ?? SHMALL_NONE;
    let before = '';
    return [
      {
        keys: ['SHMPAGES'],
        what: `shmpages ${changed.get('SHMPAGES')}`,
        async apply() {
          before = await present(host, init);
          if (before !== value) await beside(host, init, { ...WRITE, value });
        },
        undo: async () => void (await beside(host, init, { ...WRITE, value: before })),
      },
    ];
  },
  async read({ context: { host }, config, init }) {
    const pages = await present(host, init);
    const own = config.values.get('SHMPAGES');
    if (own !== undefined && (shmallOf(config.values) ?? SHMALL_NONE) === pages) return new Map([['SHMPAGES', own]]);
    return new Map(pages === SHMALL_NONE ? [] : [['SHMPAGES', pages]]);
  },
};
