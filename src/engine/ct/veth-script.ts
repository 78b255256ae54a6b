// The administrator's own script for bridged devices, as vznetcfg(8) calls it: EXTERNAL_SCRIPT of vznet.conf, with "init veth NAME" and VEID in its
// environment, once the device is there. What else vznetcfg did, bringing it up, is done.
import { VzError } from '../errors.ts';
import { above } from '../host/paths.ts';
import { parseConf } from '../spec/conf.ts';
import type { Netif } from '../spec/params/netif.ts';
import { runHostScript } from './action-scripts.ts';
import type { VerbContext } from './verb.ts';

/** Throws VzError 'veth-script' (130), 'script-refused'. */
export async function runVethScript(context: VerbContext, id: number, devices: readonly Netif[]): Promise<void> {
  const { host, node } = context;
  const text = devices.length === 0 ? null : host.files.read(`${above(node.vzConf)}/vznet.conf`);
  const file = text === null ? undefined : parseConf(text).lines.find(({ key }) => key === 'EXTERNAL_SCRIPT')?.value;
  if (!file) return;
  for (const { hostName } of devices) {
    const status = await runHostScript(context, id, file, ['init', 'veth', hostName]);
    if (status !== 0) throw new VzError('veth-script', { file, status, device: hostName });
  }
}
