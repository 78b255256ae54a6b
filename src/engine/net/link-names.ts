// Names of the links of the network namespace that we are in.
import type { Files } from '../host/port.ts';

/** /sys may be another namespace's: what is looked up there by these names may be missing. */
export const linkNames = ({ read }: Pick<Files, 'read'>): readonly string[] =>
  [...(read('/proc/net/dev') ?? '').matchAll(/^\s*([^\s:]+):/gm)].map(([, name]) => name ?? '');
