// The host name of a container as its tree keeps it: the files of its family, and its line in /etc/hosts.
import { editConf, formatLine } from '../../spec/conf.ts';
import type { TreeOp } from '../../spec/op.ts';
import { hasSystemd, mkdirsAbove, type Seen, SYSTEMD, type Wants, write } from '../seen.ts';
import { FAMILIES, type Family, type Kept } from './families.ts';

const HOSTS = '/etc/hosts';

export const NAME_FILES: Wants = {
  reads: [...FAMILIES.flatMap(({ hostname }) => hostname.map(({ path }) => path)), HOSTS],
  looks: SYSTEMD,
};

/** A value in a file that keeps it. Nothing happens where it stands there already. */
export function keep({ path, key, when }: Kept, seen: Seen, value: string): readonly TreeOp[] {
  const text = seen.text(path);
  const has = text !== null && (key === undefined || new RegExp(`^${key}=`, 'm').test(text));
  const wanted = { always: true, there: text !== null, key: has, systemd: hasSystemd(seen), 'no systemd': !hasSystemd(seen) }[when];
  if (!wanted) return [];
  // comments and further lines are the container's own
  const plain = (): string => [value, ...(text ?? '\n').split('\n').slice(1)].join('\n');
  const after = key === undefined ? plain() : editConf(text ?? '', [{ key, line: formatLine(key, value) }]);
  return after === text ? [] : [...(text === null ? mkdirsAbove(path) : []), write(path, after)];
}

/** As OpenVZ marks its own line, which is the next one: templates and scripts of people know it. */
const OURS = '# Auto-generated hostname. Please do not remove this comment.';
/** Where a container has no address yet; 127.0.0.1 stays localhost. */
const LOCAL = '127.0.1.1';

function withName(text: string, name: string, address: string): string {
  const short = name.split('.')[0] ?? name;
  const ours = [OURS, `${address || LOCAL}\t${[...new Set([name, short])].join(' ')}`];
  const lines = text.split('\n');
  const at = lines.indexOf(OURS);
  if (at >= 0) return lines.toSpliced(at, 2, ...ours).join('\n');
  const last = lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  return [...last, ...ours, ''].join('\n');
}

/** @param name the host name, in full or short @param address the container's first one without its mask, "" for none */
export function nameChanges(seen: Seen, family: Family, name: string, address: string): readonly TreeOp[] {
  if (name === '') return [];
  const hosts = seen.text(HOSTS) ?? '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n';
  const after = withName(hosts, name, address);
  return [...family.hostname.flatMap((kept) => keep(kept, seen, name)), ...(after === seen.text(HOSTS) ? [] : [write(HOSTS, after)])];
}
