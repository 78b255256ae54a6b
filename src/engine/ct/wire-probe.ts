// Whether somebody on the wire has an address that a container is about to take (the original's arpsend -D, there for up to a second each): neighbours
// are asked at once about all of them, and listened to while the verb goes on, so that hardly anybody waits for it.
import { VzError } from '../errors.ts';
import { neighbourDevices } from '../net/node-links.ts';
import { addressesOf } from '../net/venet.ts';
import { words } from '../spec/params/grammar.ts';
import { netifsOf } from '../spec/params/netif.ts';
import type { Values } from '../spec/params/read.ts';
import { networkValues } from './network.ts';
import { linksOf } from './node-network.ts';
import type { VerbContext } from './verb.ts';

type Context = Pick<VerbContext, 'host' | 'node' | 'report'>;

/** Milliseconds that answers may take. On a wire they come within one; at a start init is watched for as long anyway. */
const LISTEN = { start: 50, live: 20 } as const;

export interface WireProbe {
  /** What has been heard up to now. Throws VzError 'address-conflict'. */
  soFar(): void;
  /** Resolves when enough has been waited. Throws VzError 'address-conflict'. */
  over(): Promise<void>;
}

/** Addresses that these values bring, by the link of the node behind which their neighbours are. */
function questions(context: Context, id: number, values: Values): ReadonlyMap<string, readonly string[]> {
  const { host, node } = context;
  const has = networkValues(context, id);
  const asked = new Map<string, string[]>();
  const ask = (device: string, address: string): void => void asked.set(device, [...(asked.get(device) ?? []), address]);
  if (values.get('VZDECK_NETWORK') === 'empty') return asked;
  const own = new Set(addressesOf(has.get('IP_ADDRESS')).map(({ text }) => text));
  const come = addressesOf(values.get('IP_ADDRESS')).filter(({ text }) => !own.has(text));
  const gone = new Set(words(values.get('NETDEV') ?? ''));
  const neighbours =
    come.length === 0
      ? { 4: [], 6: [] }
      : neighbourDevices(
          host.addresses().filter(({ device }) => !gone.has(device)),
          node.values.get('NEIGHBOUR_DEVS') ?? '',
        );
  for (const { family, text } of come) for (const device of neighbours[family]) ask(device, text);
  const bridged = new Set(netifsOf(has.get('NETIF'), id, node.around).flatMap(({ addresses }) => addresses));
  const devices = netifsOf(values.get('NETIF'), id, node.around);
  const links = devices.some(({ addresses }) => addresses.length > 0) ? linksOf(context) : new Set<string>();
  for (const { bridge, addresses } of devices) {
    if (!links.has(bridge)) continue;
    for (const { text } of addressesOf(addresses.filter((address) => !bridged.has(address)).join(' '))) ask(bridge, text);
  }
  return asked;
}

/** Who has answered within so many milliseconds, as the launcher says it: "ADDRESS MAC"; null for nobody. What cannot be asked is nobody's fault. */
export async function heard(
  { host }: Pick<Context, 'host'>,
  device: string,
  addresses: readonly string[],
  wait: number,
): Promise<string | null> {
  try {
    const own = host.addresses().find((address) => address.device === device && address.family === 4)?.address ?? '';
    await host.launcher.ops({ ops: [{ op: 'probe', device, own, addresses, wait }] });
    return null;
  } catch (error) {
    if (!(error instanceof VzError) || error.fields['errno'] !== 'EADDRINUSE') return null;
    return String(error.fields['path']);
  }
}

/**
 * Begins to ask. SKIP_ARPDETECT=yes of vz.conf switches it off; ERROR_ON_ARPFAIL=no makes a warning of it, and so does `lenient`, where nobody is there
 * who could choose another address.
 */
export function probeWire(
  context: Context,
  id: number,
  values: Values,
  moment: keyof typeof LISTEN,
  { skip = false, lenient = false } = {},
): WireProbe {
  const { node, report } = context;
  if (skip || node.values.get('SKIP_ARPDETECT') === 'yes') return { soFar: () => {}, over: async () => {} };
  let first: VzError | null = null;
  const asked = [...questions(context, id, values)].map(async ([device, addresses]) => {
    const answer = await heard(context, device, addresses, LISTEN[moment]);
    const [address, mac] = answer?.split(' ') ?? [];
    if (address === undefined) return;
    first ??= new VzError('address-conflict', {
      address,
      why: `is answered for by ${mac} on ${device}`,
      remedy: 'Choose another address, or leave the question out with SKIP_ARPDETECT="yes" in vz.conf, or --skip_arpdetect of vzctl set',
    });
  });
  const soFar = (): void => {
    const conflict = first;
    if (conflict === null) return;
    first = null;
    if (!lenient && node.values.get('ERROR_ON_ARPFAIL') !== 'no') throw conflict;
    report({ level: -1, text: `Warning: IP ${conflict.fields['address']} ${conflict.fields['why']}, and is used all the same` });
  };
  return {
    soFar,
    async over() {
      await Promise.all(asked);
      soFar();
    },
  };
}
