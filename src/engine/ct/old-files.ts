// The files of old kernels (account/old-files.ts) for whoever reads them: kept fresh by a sampler that writes, made once, or shown to an unmodified
// program in their old places.
import { type OldCt, oldFilesDir, openOldFiles } from '../account/old-files.ts';
import type { CtSummary } from '../account/sample.ts';
import type { SightLedger } from '../account/sampler.ts';
import { VzError } from '../errors.ts';
import type { Host } from '../host/port.ts';
import { type Netif, netifsOf } from '../spec/params/netif.ts';
import type { NodeConfig } from '../store/node-config.ts';
import { after } from '../watch/timer.ts';

const NONE: readonly Netif[] = [];

/** Threads of the whole node: behind the slash of /proc/loadavg. */
const threadsOf = ({ files, proc }: Host): number => Number(/\/(\d+) /.exec(files.read(`${proc}/loadavg`) ?? '')?.[1] ?? 0);

/** A ledger that keeps the files as fresh as the look, where `mayWrite` says so. `list`: of the same look, and what their configs say of bridged devices. */
export function withFreshFiles(
  host: Host,
  node: NodeConfig,
  ledger: SightLedger,
  list: () => readonly CtSummary[],
  netif: (id: number) => string | undefined,
  mayWrite: () => boolean,
): SightLedger {
  const old = openOldFiles(host, node);
  const parsed = new Map<number, { readonly value: string; readonly veths: readonly Netif[] }>();
  const vethsOf = (id: number): readonly Netif[] => {
    const value = netif(id) ?? '';
    if (value === '') return NONE;
    const known = parsed.get(id);
    const now = known?.value === value ? known : { value, veths: netifsOf(value, id, node.around) };
    parsed.set(id, now);
    return now.veths;
  };
  return {
    look(raw, seen) {
      const accounts = ledger.look(raw, seen);
      if (!mayWrite()) return accounts;
      const running = list().flatMap(({ id, init, ips, uptime }): OldCt[] => {
        const [ubc, of] = [accounts.get(id), seen.get(id)];
        return init === null || of === undefined || !ubc?.running ? [] : [{ id, ubc, ips, veths: vethsOf(id), uptime, cpu: of.cpu }];
      });
      old.write(running, threadsOf(host));
      return accounts;
    },
    close() {
      old.close();
      ledger.close();
    },
  };
}

/** What a program has of them, milliseconds. */
const FRESH = 1000;

/**
 * A file system in memory goes over /proc in a mount namespace of the program's own: links to all that the node's has, which stands behind it, and
 * the files of old beside them. Links of processes are those of its beginning.
 */
const PUT_IN_PLACE = `
set -e
place=$1 files=$2
shift 2
mount -t tmpfs -o mode=0755,size=4m,nosuid,nodev vzdeck "$place"
mkdir "$place/.node" "$place/.vz"
mount --rbind /proc "$place/.node"
mount --bind "$files" "$place/.vz"
(cd "$place" && ln -s .node/* . && ln -sf .vz/user_beancounters . && ln -sfn .vz/bc bc && ln -sfn .vz/vz vz)
mount -o remount,bind,ro "$place"
mount --move "$place" /proc
exec "$@"`;

export interface OldReader {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/**
 * Runs a program on our terminal that finds /proc/user_beancounters, /proc/bc and /proc/vz; its exit status, or 128 and the signal. `refresh`
 * makes the files; while the program runs they are as fresh as a kernel's were, to the second.
 */
export async function withOldFiles(host: Host, node: NodeConfig, refresh: () => void, { argv, env, cwd }: OldReader): Promise<number> {
  const dir = oldFilesDir(node);
  const place = `${node.runDir}/with-proc`;
  refresh();
  if (host.files.stat(`${dir}/user_beancounters`) === null)
    throw new VzError('system', { what: `Writing ${dir}`, cause: 'there is no room for it' });
  host.files.mkdir(place, 0o700);
  const words = ['--mount', '--propagation', 'private', '/bin/sh', '-c', PUT_IN_PLACE, 'with-proc', place, dir, ...argv];
  const over = new AbortController();
  const ended = host.run('unshare', words, { env, cwd, foreground: true }).finally(() => over.abort());
  // a failure is the awaiting one's
  ended.catch(() => {});
  while (!over.signal.aborted) {
    await after(FRESH, over.signal);
    const age = host.now() - (host.files.stat(`${dir}/user_beancounters`)?.mtimeMs ?? 0);
    // somebody else's sampler may do it
    if (over.signal.aborted || (age >= 0 && age < FRESH)) continue;
    try {
      refresh();
    } catch {
      // the program goes on with what it has, whose time of change tells how old it is; the next second tries again
    }
  }
  return (await ended).status;
}
