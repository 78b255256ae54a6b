// The leak guard around every file of test/kernel: counts what containers are made of before and after, and fails the file with the
// difference. It looks at the whole machine, since a leak may be anywhere; on a machine where others run containers meanwhile,
// VZDECK_SHARED_MACHINE=1 makes it report without failing.
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, expect } from 'vitest';

/** Nothing for a file that is not there, or goes while it is read as those of a process do. */
const lines = (file: string): readonly string[] => {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
};

const names = (dir: string): readonly string[] => {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
};

const pids = (): readonly string[] => names('/proc').filter((name) => /^\d+$/.test(name));

const target = (path: string): string => {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
};

const own = target('/proc/self/ns/net');

/** Kind → what there is of it now, as texts that name the thing. */
const KINDS: Readonly<Record<string, () => readonly string[]>> = {
  mount: () =>
    lines('/proc/self/mountinfo').map((line) => {
      const fields = line.split(' ');
      return `${fields[4]} (${line.split(' - ')[1]})`;
    }),
  cgroup: () =>
    lines('/proc/self/mountinfo')
      .filter((line) => / - cgroup2? /.test(line))
      .map((line) => line.split(' ')[4] ?? '')
      .flatMap((mount) =>
        names(mount)
          .filter((name) => name.startsWith('vz'))
          .flatMap((name) => [
            `${mount}/${name}`,
            ...names(`${mount}/${name}`)
              .filter((inner) => /^\d+$/.test(inner))
              .map((inner) => `${mount}/${name}/${inner}`),
          ]),
      ),
  process: () =>
    pids().flatMap((pid) => {
      const comm = lines(`/proc/${pid}/comm`)[0] ?? '';
      return comm.startsWith('vzdeck') ? [`${comm} (pid ${pid})`] : [];
    }),
  'network namespace': () => [
    ...new Set(
      pids()
        .map((pid) => target(`/proc/${pid}/ns/net`))
        .filter((ns) => ns !== '' && ns !== own),
    ),
    ...names('/run/netns'),
  ],
  'network link': () => names('/sys/class/net'),
  'loop device': () => names('/sys/block').filter((name) => name.startsWith('loop') && existsSync(`/sys/block/${name}/loop`)),
  file: () => [
    ...names('/run/vzdeck').map((name) => `/run/vzdeck/${name}`),
    ...names('/run/vzdeck-ids').map((name) => `/run/vzdeck-ids/${name}`),
    ...names('/tmp')
      .filter((name) => name.startsWith('vzdeck'))
      .map((name) => `/tmp/${name}`),
  ],
  'policy namespace': () => names('/sys/kernel/security/apparmor/policy/namespaces'),
  // ours are on whole files; databases of the node lock single bytes
  lock: () => lines('/proc/locks').flatMap((line) => (/OFDLCK .* WRITE .* 0 EOF$/.test(line) ? [line.replace(/^\d+: (-> )?/, '')] : [])),
};

type Snapshot = ReadonlyMap<string, readonly string[]>;

const take = (): Snapshot => new Map(Object.entries(KINDS).map(([kind, look]) => [kind, look()]));

/** What is there more often than before. */
function added(before: Snapshot, after: Snapshot): readonly string[] {
  return [...after].flatMap(([kind, now]) => {
    const left = [...(before.get(kind) ?? [])];
    return now.flatMap((thing) => {
      const at = left.indexOf(thing);
      if (at < 0) return [`${kind}: ${thing}`];
      left.splice(at, 1);
      return [];
    });
  });
}

/** Network namespaces, and the links in them, die after their last process, and nothing tells when: so what is left is looked at again for a while. */
const PATIENCE_MS = 10_000;
const LOOK_AGAIN_MS = 50;

let before: Snapshot;

beforeAll(() => {
  before = take();
});

afterAll(async () => {
  const end = performance.now() + PATIENCE_MS;
  let left = added(before, take());
  while (left.length > 0 && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    left = added(before, take());
  }
  if (left.length > 0 && process.env['VZDECK_SHARED_MACHINE'] === '1')
    console.warn(`Left behind (perhaps by somebody else):\n${left.join('\n')}`);
  else expect(left, 'left behind by the tests of this file').toEqual([]);
});
