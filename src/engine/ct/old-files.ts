// The files of old kernels (account/old-files.ts) for whoever reads them: kept fresh by a sampler that writes, made once, or shown to an unmodified
// program in their old places.
import { type OldCt, oldFilesDir, openOldFiles } from '../account/old-files.ts';
import type { CtSummary } from '../account/sample.ts';
import type { SampledLedger } from '../account/sampled-ledger.ts';
import { type OpenCpuTimes, openCpuTimes } from '../cgroup/cpu-times.ts';
import type { CgroupTopology } from '../cgroup/face.ts';
import { VzError } from '../errors.ts';
import type { Host } from '../host/port.ts';
import type { CtUbc } from '../spec/ubc-rows.ts';
import type { NodeConfig } from '../store/node-config.ts';
import { after } from '../watch/timer.ts';

export interface FreshFiles {
  write(accounts: ReadonlyMap<number, CtUbc>, list: readonly CtSummary[]): void;
  close(): void;
}

/** Threads of the whole node: behind the slash of /proc/loadavg. */
const threadsOf = ({ files, proc }: Host): number => Number(/\/(\d+) /.exec(files.read(`${proc}/loadavg`) ?? '')?.[1] ?? 0);

export function openFreshFiles(host: Host, node: NodeConfig, topology: CgroupTopology): FreshFiles {
  const old = openOldFiles(host, node);
  let times = new Map<number, { readonly start: string; readonly cpu: OpenCpuTimes }>();
  return {
    write(accounts, list) {
      const next: typeof times = new Map();
      const running = list.flatMap(({ id, init, ips, uptime }): OldCt[] => {
        const ubc = accounts.get(id);
        if (init === null || !ubc?.running) return [];
        const start = `${init.pid} ${init.startTime}`;
        const before = times.get(id);
        const of = before?.start === start ? before : { start, cpu: openCpuTimes(host.files, topology, id) };
        next.set(id, of);
        return [{ ubc, ips, uptime, cpu: of.cpu.read() }];
      });
      for (const [id, of] of times) if (next.get(id) !== of) of.cpu.close();
      times = next;
      old.write(running, threadsOf(host));
    },
    close() {
      for (const { cpu } of times.values()) cpu.close();
    },
  };
}

/** A sampler's ledger that keeps the files fresh as long as it is this process that writes. `list`: of the same look. */
export function withFreshFiles(
  ledger: SampledLedger,
  fresh: FreshFiles,
  list: () => readonly CtSummary[],
): Pick<SampledLedger, 'look' | 'close'> {
  return {
    look(raw) {
      const accounts = ledger.look(raw);
      if (ledger.writes) fresh.write(accounts, list());
      return accounts;
    },
    close() {
      ledger.close();
      fresh.close();
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
  const keepFresh = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await after(FRESH, over.signal);
      const age = host.now() - (host.files.stat(`${dir}/user_beancounters`)?.mtimeMs ?? 0);
      // somebody else's sampler may do it
      if (!over.signal.aborted && (age >= FRESH || age < 0)) refresh();
    }
  };
  const [status] = await Promise.all([
    host.run('unshare', words, { env, cwd, foreground: true }).then(
      ({ status: code }) => {
        over.abort();
        return code;
      },
      (error: unknown) => {
        over.abort();
        throw error;
      },
    ),
    keepFresh(),
  ]);
  return status;
}
