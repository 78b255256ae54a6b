// The node's settings and where everything lies: vz.conf with our defaults below it, all below the prefix.
//
//   etc/vz/vz.conf                 global settings, shell-sourceable      var/lib/vz/private/<id>   private area
//   etc/vz/conf/<id>.conf          one container                          var/lib/vz/root/<id>      mount point
//   etc/vz/conf/ve-*.conf-sample   samples                                var/lib/vz/template/cache NAME.tar.{gz,xz,zst}, NAME/ (unpacked for overlay)
//   etc/vz/names/<name>            link to the config                     var/lib/vz/{lock,dump,trash}
//   run/vzdeck/<id>/               record of the start, keeper's socket   var/log/vzdeck/<id>.console[.N]  what the container printed
//   run/vzdeck-hosts/containers    names and addresses, for a resolver
//   run/vzdeck/tasks/              what managers do just now              var/log/vzdeck/{journal,tasks}.d  who did what; tasks that have ended
//   run/vzdeck/ledger/             counters as seen last, seconds         var/lib/vzdeck/{ledger,history}/  counters over all lives; minutes, hours

import { around } from '../host/around.ts';
import { freeAddress, poolsOf } from '../host/pools.ts';
import type { Files } from '../host/port.ts';
import { realPlaces } from '../host/real-path.ts';
import { parseConf } from '../spec/conf.ts';
import { strerror } from '../spec/errno.ts';
import { fnv1a } from '../spec/fnv.ts';
import { readConf, type Values } from '../spec/params/read.ts';
import type { Around, Remark } from '../spec/params/types.ts';

/** Every path is absolute and includes the prefix; functions take a CTID. Paths inside configs do not include it. */
export interface NodeConfig {
  /** "" for the real root, otherwise VZDECK_ROOT without trailing slash. */
  readonly prefix: string;
  /** "" for the real root, otherwise eight hex digits of a hash of the prefix: part of cgroup, interface and nft names. */
  readonly tag: string;
  readonly vzConf: string;
  readonly confDir: string;
  readonly namesDir: string;
  readonly lockDir: string;
  readonly dumpDir: string;
  readonly trashDir: string;
  readonly templateDir: string;
  readonly logDir: string;
  readonly runDir: string;
  /** What is kept of containers' counters over their lives, and how they were. */
  readonly ledgerDir: string;
  readonly historyDir: string;
  /** What went over their links. */
  readonly trafficDir: string;
  readonly conf: (id: number) => string;
  /** Path of a sample config by its name. */
  readonly sample: (name: string) => string;
  /** A path of a config with the prefix, for texts. */
  readonly shown: (path: string) => string;
  /** Where it really lies, without links among its directories. */
  readonly place: (path: string) => string;
  /** Values of vz.conf as written; keys upper case. */
  readonly values: ReadonlyMap<string, string>;
  /** Parameters of containers that vz.conf sets for all of them. */
  readonly defaults: Values;
  /** vz.conf is not there at all. */
  readonly fresh: boolean;
  /** Why vz.conf could not be read ("No such file or directory"), null when it was. Without it our own defaults hold. */
  readonly unread: string | null;
  /** What reading vz.conf gave to say. */
  readonly remarks: readonly Remark[];
  /** What values are checked against on this node. */
  readonly around: Around;
}

/** What holds where vz.conf says nothing. Only a node without vz.conf gets VE_ROOT and the rest from the second half. */
const ALWAYS: Readonly<Record<string, string>> = { LOCKDIR: '/vz/lock', DUMPDIR: '/vz/dump', TRASHDIR: '/var/lib/vz/trash' };
const OUR_DEFAULTS: Readonly<Record<string, string>> = {
  TEMPLATE: '/vz/template',
  VE_ROOT: '/vz/root/$VEID',
  VE_PRIVATE: '/vz/private/$VEID',
  CONFIGFILE: 'vswap-256m',
  DEF_OSTEMPLATE: 'busybox',
  VE_LAYOUT: 'simfs',
};

/** Keys that vz.conf may not set for all containers. */
const REFUSED = 'NETFILTER';

/** Short, stable, and only there to tell two prefixes of one node apart. */
const tagOf = (prefix: string): string => fnv1a(prefix).toString(16).padStart(8, '0');

interface VzConf {
  readonly values: Map<string, string>;
  readonly defaults: Map<string, string>;
  readonly remarks: readonly Remark[];
  readonly unread: string | null;
}

function readVzConf(files: Files, path: string, values: Around): VzConf {
  let text: string | null;
  let unread = strerror('ENOENT');
  try {
    text = files.read(path);
  } catch (error) {
    unread = strerror(error);
    text = null;
  }
  if (text === null) return { values: new Map(), defaults: new Map(), remarks: [], unread };
  const raw = new Map<string, string>();
  for (const { key, value } of parseConf(text).lines) if (!raw.has(key)) raw.set(key, value);
  const read = readConf(text, path, values);
  read.values.delete(REFUSED);
  const refusal: Remark[] = raw.has(REFUSED)
    ? [
        { level: 0, text: `Warning: ${REFUSED} should not be set in ${path}, ignoring` },
        // The missing blank is the original's, and scripts match it.
        { level: 0, text: `Please remove ${REFUSED} from ${path}to get rid of this warning` },
      ]
    : [];
  return { values: raw, defaults: read.values, remarks: [...read.remarks, ...refusal], unread: null };
}

/** Reads vz.conf below `root` ("/" or VZDECK_ROOT). Changes nothing and never throws: what is missing is told in `unread`. */
export function loadNodeConfig(files: Files, root: string): NodeConfig {
  const prefix = root.replace(/\/+$/, '');
  const plain = (path: string): string => `${prefix}${path}`;
  const real = realPlaces(files);
  const vzConf = plain('/etc/vz/vz.conf');
  const confDir = plain('/etc/vz/conf');
  const surroundings = around(files, (family, id, not) => freeAddress(files, confDir, poolsOf(files, values), family, id, not));
  const { values, defaults, remarks, unread } = readVzConf(files, vzConf, surroundings);
  const builtIn = unread === null ? ALWAYS : { ...ALWAYS, ...OUR_DEFAULTS };
  for (const [key, value] of Object.entries(builtIn)) if (!values.has(key)) values.set(key, value);
  if (unread !== null) for (const key of ['VE_ROOT', 'VE_PRIVATE', 'VE_LAYOUT']) defaults.set(key, OUR_DEFAULTS[key] ?? '');
  const dir = (key: string, otherwise = ''): string => plain(values.get(key) ?? otherwise);
  return {
    prefix,
    tag: prefix === '' ? '' : tagOf(prefix),
    vzConf,
    confDir,
    namesDir: plain('/etc/vz/names'),
    lockDir: dir('LOCKDIR'),
    dumpDir: dir('DUMPDIR'),
    trashDir: dir('TRASHDIR'),
    templateDir: dir('TEMPLATE', '/vz/template'),
    logDir: plain('/var/log/vzdeck'),
    runDir: plain('/run/vzdeck'),
    ledgerDir: plain('/var/lib/vzdeck/ledger'),
    historyDir: plain('/var/lib/vzdeck/history'),
    trafficDir: plain('/var/lib/vzdeck/traffic'),
    conf: (id) => `${confDir}/${id}.conf`,
    sample: (name) => `${confDir}/ve-${name}.conf-sample`,
    shown: plain,
    place: (path) => real(plain(path)),
    values,
    defaults,
    fresh: unread === strerror('ENOENT'),
    unread,
    remarks,
    around: surroundings,
  };
}
