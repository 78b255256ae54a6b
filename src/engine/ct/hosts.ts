// Names of containers for the node's own resolver: a hosts file of those that run, which nobody has to read and nothing else is touched for.
//
//   run/vzdeck-hosts/containers   hosts(5), as dnsmasq's hostsdir and addn-hosts take it
import { addressesOf } from '../net/venet.ts';
import { withHost } from '../spec/hosts.ts';
import { netifsOf } from '../spec/params/netif.ts';
import type { Values } from '../spec/params/read.ts';
import type { NodeConfig } from '../store/node-config.ts';
import { readCt } from '../store/registry.ts';
import type { VerbContext } from './verb.ts';

/** Readable for all: resolvers are no root. */
export const hostsDir = ({ prefix }: Pick<NodeConfig, 'prefix'>): string => `${prefix}/run/vzdeck-hosts`;

function addresses(node: NodeConfig, id: number, values: Values): readonly string[] {
  if (values.get('VZDECK_NETWORK') === 'empty') return [];
  const bridged = netifsOf(values.get('NETIF'), id, node.around).flatMap((device) => device.addresses);
  return [...addressesOf(values.get('IP_ADDRESS')), ...addressesOf(bridged.join(' '))].map(({ text }) => text);
}

/** Its lines are these from now on. `values`: of its network, and its names where its config has others; null: it has ended. The caller holds the network's lock. */
export function noteHost({ host, node }: Pick<VerbContext, 'host' | 'node'>, id: number, values: Values | null): void {
  const file = `${hostsDir(node)}/containers`;
  const before = host.files.read(file) ?? '';
  const named = new Map([...(values === null ? [] : readCt(host, node, id).values), ...(values ?? [])]);
  const names = ['HOSTNAME', 'NAME'].flatMap((key) => named.get(key) || []);
  const entry = { id, addresses: values === null ? [] : addresses(node, id, values), names };
  const after = withHost(before, entry, host.files.read(`${host.proc}/sys/kernel/hostname`)?.trim() ?? '');
  if (after === before) return;
  if (after === '') host.files.unlink(file);
  else {
    host.files.mkdir(hostsDir(node), 0o755);
    host.files.write(file, after, 0o644, 'boot');
  }
}
