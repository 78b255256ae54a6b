// What kernels differ in, and which tests are made of it: those that every change runs on both kernels (`npm run test:vm -- --differ`), since all of
// them take most of an hour there. A folder ends in a slash. Chosen by what they tell per second; together they take ten minutes of two processors.

export const DIFFERS: Readonly<Record<string, readonly string[]>> = {
  'control groups are one tree: delegated to a service of systemd, with processes at its leaves only, ended and frozen by its files': [
    'cgroup/',
    'freeze',
    'life',
    'iter/place',
    'launcher/birth',
    'launcher/enter',
    'launcher/keeper',
    'launcher/process',
    'leave',
    'systemd-inside',
  ],
  'limits and counts are other files with other rules': [
    'cli/ubc',
    'ledger/lives',
    'parameters',
    'set/below-use',
    'set/disk',
    'set/injected',
    'set/node',
    'set/shares',
    'set/values',
    'ubc/guarantees',
    'ubc/rows',
    'ubc/told',
    'why/counters',
    'why/memory',
  ],
  'devices are allowed by a program, not by a controller': ['set/devices'],
  'programs can take the place of functions, and refuse and count what is counted nowhere': [
    'iter/figures',
    'iter/held',
    'iter/hostile',
    'iter/prefixes',
    'iter/refusals',
    'not-everywhere',
    'set/locked-memory',
    'set/terminals',
    'sockets/',
    'ubc/denials',
    'ubc/rules',
  ],
  'system calls, and errors of each': [
    'launcher/sabotage',
    'launcher/tree',
    'launcher/visit',
    'wall/inside',
    'wall/patience',
    'wall/propagation',
    'wall/seccomp',
    'wall/userland',
  ],
  'only one has it: a shutdown, a power cut, systemd, AppArmor, VLANs, ipvlan, project quota, a server of NFS, a disk to fill': [
    'boot/',
    'net/dhcp',
    'net/vlan',
    'no-room',
    'probe',
    'read-only',
    'set/nfs',
    'wall/apparmor',
  ],
};

/** Whether a file of test/kernel, by its path in the project, is one of them. */
export function differs(file: string): boolean {
  const name = file.replace(/^test\/kernel\/|\.test\.ts$/g, '');
  return Object.values(DIFFERS)
    .flat()
    .some((one) => (one.endsWith('/') ? name.startsWith(one) : name === one));
}
