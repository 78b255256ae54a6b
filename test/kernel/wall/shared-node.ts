// Run in a mount namespace of its own whose mounts are all shared, as systemd makes them on every node: starts a container, lets its root mount
// over everything in /dev, and prints as JSON what the container's mounts belong to and what of it appeared outside.
import { readFileSync } from 'node:fs';
import { openLab } from '../lab.ts';

const mounts = (pid: number | 'self'): readonly string[] => readFileSync(`/proc/${pid}/mountinfo`, 'utf8').split('\n').filter(Boolean);

const lab = openLab();
try {
  await lab.born(101);
  const before = mounts('self');
  const init = lab.engine.find('101')?.init?.pid ?? 0;
  // Inside they are shared among the container's own namespaces: what counts is that none is of a group of the node's.
  const groups = new Set(before.map((line) => / (shared:\d+) /.exec(line)?.[1]));
  const peers = mounts(init).filter((line) => groups.has(/ (shared:\d+) /.exec(line)?.[1] ?? 'none'));
  const NOWHERE = ['ignore', 'ignore', 'ignore'] as const;
  const line =
    'for f in /dev/*; do mount --bind /dev/full $f; done; mount -t tmpfs evil /dev/pts; mount -t tmpfs evil /proc; mount -t tmpfs evil /sys';
  await lab.engine.exec(101, ['/bin/sh', '-c', line], { stdio: NOWHERE });
  const covered = mounts(init).filter((mount) => / \/full | evil /.test(mount)).length;
  const appeared = mounts('self').filter((mount) => !before.includes(mount));
  console.log(JSON.stringify({ peers, covered, appeared }));
} finally {
  await lab.down();
}
