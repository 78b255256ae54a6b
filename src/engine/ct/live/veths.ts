// Bridged devices of a running container: they come and go, join another bridge, get another MAC or filter while others stay.
import { type Netif, netifsOf, withHostNames } from '../../spec/params/netif.ts';
import { interfacesStep } from '../inside/interfaces.ts';
import { changeNetwork, networkValues } from '../network.ts';
import { runVethScript } from '../veth-script.ts';
import type { LivePart, LiveStep } from './part.ts';

const KEY = 'NETIF';

const names = (devices: readonly Netif[]): string => devices.map(({ hostName }) => `${hostName} `).join('');

/** As vzctl says it. */
const linesOf = (come: readonly Netif[], gone: readonly Netif[]): readonly string[] => [
  ...(gone.length === 0 ? [] : [`Deleting veth devices: ${names(gone)}`]),
  ...(come.length === 0 ? [] : [`Configure veth devices: ${names(come)}`]),
];

export const VETHS: LivePart = {
  keys: [KEY],
  plan(change) {
    const { context, init, before, after } = change;
    const { id } = change.config;
    const { report, node } = context;
    const was = netifsOf(before.get(KEY), id, node.around);
    const had = new Map(was.map((device) => [device.ifname, device]));
    for (const { ifname, hostName } of netifsOf(after.get(KEY), id, node.around)) {
      const old = had.get(ifname)?.hostName ?? hostName;
      if (old !== hostName) report({ level: -1, text: `Warning: ${ifname} is ${old} on the node until the next start` });
    }
    const value = withHostNames(after.get(KEY) ?? '', new Map(was.map(({ ifname, hostName }) => [ifname, hostName])));
    const will = netifsOf(value, id, node.around);
    const changed = will.filter((device) => JSON.stringify(device) !== JSON.stringify(had.get(device.ifname)));
    const gone = was.filter(({ ifname }) => !will.some((device) => device.ifname === ifname));
    if (changed.length + gone.length === 0) return [];
    let back = async (): Promise<void> => {};
    const devices: LiveStep = {
      keys: [KEY],
      what: `network devices ${will.map(({ ifname }) => ifname).join(' ') || '(none)'}`,
      lines: linesOf(changed, gone),
      async apply() {
        back = await changeNetwork(context, id, init, new Map([[KEY, value]]));
      },
      undo: () => back(),
    };
    const script: LiveStep = { keys: [], what: '', apply: () => runVethScript(context, id, changed), undo: async () => {} };
    return [interfacesStep(change, [KEY]), devices, script];
  },
  read({ context, config }) {
    const value = networkValues(context, config.id).get(KEY);
    return value === undefined && !config.values.get(KEY) ? new Map() : new Map([[KEY, value ?? '']]);
  },
};
