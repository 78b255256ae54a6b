// TCP buffers of a running container where no control group bounds them: the largest ones of each socket, by its network namespace. A socket
// that has grown larger keeps what it has.
import { TCP } from '../../rootfs/wall/wall.ts';
import { type Beside, beside } from '../inside/beside.ts';
import { limitsOf, type TcpLargest, tcpLargest } from '../limits-of.ts';
import type { LivePart } from './part.ts';

const KEYS = ['TCPSNDBUF', 'TCPRCVBUF', 'NUMTCPSOCK'];
const WHAT = 'TCP buffers of the container';

/** Only the root of the namespace may write them: the node's is somebody else there. */
const WRITE: Beside = {
  what: WHAT,
  namespaces: ['user', 'net'],
  script: `printf %s "\${value%%,*}" >${TCP.wmem} && printf %s "\${value#*,}" >${TCP.rmem}`,
};

const READ: Beside = { what: WHAT, namespaces: ['net'], script: `echo $(cat ${TCP.wmem}),$(cat ${TCP.rmem})` };

const joined = ({ wmem, rmem }: TcpLargest): string => `${wmem},${rmem}`;

export const TCP_BUFFERS: LivePart = {
  keys: KEYS,
  plan({ context, config, init, changed, after }) {
    const { host } = context;
    if (context.cgroups(config.id).held(limitsOf(host, after, null)).tcpBuffers !== undefined) return [];
    const keys = KEYS.filter((key) => changed.has(key));
    const what = keys.map((key) => `${key.toLowerCase()} ${changed.get(key)}`).join(', ');
    const value = joined(tcpLargest(host, after));
    let before = '';
    return [
      {
        keys,
        what,
        async apply() {
          before = await beside(host, init, READ);
          if (before !== value) await beside(host, init, { ...WRITE, value });
        },
        undo: async () => void (await beside(host, init, { ...WRITE, value: before })),
      },
    ];
  },
  // a share of the limit tells nothing of the limit
  read: () => new Map(),
};
