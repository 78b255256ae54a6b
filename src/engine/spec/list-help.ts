// What each field of vzlist shows, in a few words: from the tables of beancounters and parameters, and here for what is neither.
import { LIST_FIELDS, type ListField } from './list-fields.ts';
import { PARAMS } from './params/table.ts';
import { BEANCOUNTERS } from './ubc.ts';

const SUFFIXES: Readonly<Record<string, string>> = {
  '': 'held now',
  m: 'most ever held',
  b: 'barrier',
  l: 'limit',
  f: 'refusals',
  s: 'soft limit',
  h: 'hard limit',
};

const HELP: Readonly<Record<string, string>> = {
  ctid: 'number of the container',
  veid: 'number of the container, by its old name',
  vpsid: 'number of the container, by its oldest name',
  smart_name: 'name, or number where it has none',
  status: 'running, stopped, mounted or suspended',
  laverage: 'load average; no kernel counts one per container',
  uptime: 'time since it was started',
  vswap: 'whether its limits are RAM and swap',
  ifname: 'bridged devices, by their names inside',
  mac: 'hardware addresses (MAC) of bridged devices',
  host_ifname: 'bridged devices, by their names on the node',
  host_mac: 'hardware addresses (MAC) of the ends of bridged devices on the node',
  bridge: 'bridges of bridged devices',
  mac_filter: 'off for bridged devices that may send as anybody',
};

export function listHelp({ name }: Pick<ListField, 'name'>): string {
  const [base = '', suffix = ''] = name.split('.');
  const counted = BEANCOUNTERS.find((one) => one.name === base)?.help;
  const param = PARAMS.find((one) => one.field === base)?.help;
  const about = HELP[name] ?? counted ?? param ?? name;
  return counted !== undefined || suffix !== '' ? `${SUFFIXES[suffix]}: ${about}` : about;
}

/** Fields whose name, head or help has all of the words in it, whatever their case. */
export function findListFields(words: readonly string[]): readonly ListField[] {
  const wanted = words.map((word) => word.toLowerCase());
  return LIST_FIELDS.filter((field) => {
    const text = `${field.name} ${field.head} ${listHelp(field)}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
