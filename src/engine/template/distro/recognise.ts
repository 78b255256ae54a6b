// What the tree of a container is: first by what the administrator has said of its template in the way of OpenVZ (/etc/vz/dists), then by what
// stands in the tree itself, and last by the name of its template.
import { parseConf } from '../../spec/conf.ts';
import type { Seen, Wants } from '../seen.ts';
import { FAMILIES, type Family } from './families.ts';

const OS_RELEASE = ['/etc/os-release', '/usr/lib/os-release'];

export const FINGERPRINTS: Wants = { reads: OS_RELEASE, looks: FAMILIES.flatMap(({ marks }) => marks) };

const OTHER: Family = FAMILIES[FAMILIES.length - 1]!;

/** "opensuse-leap" is one of opensuse. */
const byId = (id: string): Family | undefined =>
  FAMILIES.find(({ ids }) => ids.includes(id)) ?? FAMILIES.find(({ ids }) => ids.some((known) => id.startsWith(`${known}-`)));

/** os-release(5): what it is, then what it is like, the nearest first. */
function released(seen: Seen): Family | undefined {
  const text = OS_RELEASE.map((path) => seen.text(path)).find((t) => t !== null);
  const values = new Map(parseConf(text ?? '').lines.map(({ key, value }) => [key, value.replace(/^'|'$/g, '')]));
  const ids = [values.get('ID') ?? '', ...(values.get('ID_LIKE') ?? '').split(/\s+/)].map((id) => id.toLowerCase());
  return ids.map(byId).find((family) => family !== undefined);
}

/** Family whose action script a config of OpenVZ names, as in SET_HOSTNAME=redhat-set_hostname.sh; undefined for scripts that are none of its own. */
export function familyOfScript(name: string): Family | undefined {
  const word = /^([a-z]+)-(?:set_hostname|add_ip|del_ip)\.sh$/.exec(name)?.[1];
  return word === undefined ? undefined : FAMILIES.find(({ scripts }) => scripts.includes(word));
}

/** "centos-6-x86_64" → centos-6-x86_64, centos-6, centos: names of configs in /etc/vz/dists, in the order in which OpenVZ looks for them. */
export function distNames(ostemplate: string): readonly string[] {
  const words = ostemplate.slice(ostemplate.lastIndexOf('/') + 1).split('-');
  return words.map((_, i) => words.slice(0, words.length - i).join('-')).filter((name) => /^[\w.+-]+$/.test(name));
}

/** @param script name of the administrator's SET_HOSTNAME script, "" for none @param ostemplate "" where nobody knows it */
export function recognise(seen: Seen, script: string, ostemplate: string): Family {
  const marked = FAMILIES.find(({ marks }) => marks.some((mark) => seen.there(mark)));
  const named = distNames(ostemplate.toLowerCase()).map(byId);
  return familyOfScript(script) ?? released(seen) ?? marked ?? named.find((family) => family !== undefined) ?? OTHER;
}
