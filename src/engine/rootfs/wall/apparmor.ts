// AppArmor attaches profiles by the path of a program as its process sees it, so what the node has for /usr/sbin/ntpd would hit every program of
// that name inside. Containers live in a policy namespace of their own, in which there is no profile. Refuses to know any profile.
import { effectiveRights, type Obstacle } from '../../host/obstacles.ts';
import type { Files, Host } from '../../host/port.ts';
import type { Op } from '../../spec/op.ts';

type Machine = Pick<Host, 'files' | 'proc'>;

const PARAMETERS = '/sys/module/apparmor/parameters';
/** Namespaces below the node's own; made and removed as directories. */
const NAMESPACES = '/sys/kernel/security/apparmor/policy/namespaces';
const MAC_ADMIN = 33n;

const nameOf = (tag: string): string => (tag === '' ? 'vzdeck' : `vzdeck-${tag}`);
const directoryOf = (tag: string): string => `${NAMESPACES}/${nameOf(tag)}`;
const label = (proc: string): string => `${proc}/self/attr/apparmor/current`;

const isOn = (files: Pick<Files, 'read'>): boolean => files.read(`${PARAMETERS}/enabled`)?.trim() === 'Y';

/** The profile that this process is held by, null for none; one in mode "unconfined" only gives a name. */
function ownProfile({ files, proc }: Machine): string | null {
  const text = files.read(label(proc))?.trim() ?? '';
  return /^unconfined$|\(unconfined\)$/.test(text) ? null : text;
}

function mayMake({ files, proc }: Machine): boolean {
  const held = effectiveRights(files, proc);
  return held === null || ((held >> MAC_ADMIN) & 1n) === 1n;
}

/** Why profiles of the node hit programs inside, null when they do not. `tag` is that of the prefix. */
export function policyObstacle(machine: Machine, tag: string): Obstacle | null {
  const { files } = machine;
  const because = (why: string, remedy: string): Obstacle => ({
    what: `AppArmor's profiles of the node act inside containers, too: ${why}`,
    remedy,
    fatal: false,
  });
  if (!isOn(files)) return null;
  const profile = ownProfile(machine);
  // It may not even let us look.
  if (profile !== null)
    return because(`vzdeck itself runs under one, ${profile}`, 'Let no profile hold vzdeck: look into /etc/apparmor.d for who names it');
  if (files.stat(NAMESPACES) === null)
    return because('securityfs is not mounted', 'Type mount -t securityfs securityfs /sys/kernel/security');
  if (files.stat(directoryOf(tag)) !== null) return null;
  if (!mayMake(machine))
    return because('root is here without CAP_MAC_ADMIN', 'Look for what took it away: CapabilityBoundingSet= of a service');
  if (files.read(`${PARAMETERS}/lock_policy`)?.trim() !== 'Y') return null;
  return because('its policy is locked', `Boot with apparmor.lock_policy=N, or make ${directoryOf(tag)} before it is locked`);
}

/** Is the namespace there, and can we get at it? */
function isThere(machine: Machine, tag: string): boolean {
  return isOn(machine.files) && ownProfile(machine) === null && machine.files.stat(directoryOf(tag)) !== null;
}

/** Makes the namespace where the node has AppArmor. The obstacle when that cannot be. */
export function makePolicy(machine: Machine, tag: string): Obstacle | null {
  const obstacle = policyObstacle(machine, tag);
  if (obstacle === null && isOn(machine.files)) machine.files.mkdir(directoryOf(tag));
  return obstacle;
}

/** Nobody may live there any more: who does would be hit from then on. */
export function removePolicy(machine: Machine, tag: string): void {
  if (isThere(machine, tag)) machine.files.rmdir(directoryOf(tag));
}

/** Puts the process that does it there, for all that it gives birth to; with the node's rights, since a node may forbid it to others
 * (kernel.apparmor_restrict_unprivileged_unconfined). */
function enter({ proc }: Machine, tag: string): Op {
  return { op: 'write', path: label(proc), data: new TextEncoder().encode(`changeprofile :${nameOf(tag)}:unconfined`) };
}

/** For a birth after makePolicy: fails when somebody has removed the namespace meanwhile. */
export function bornInPolicy(machine: Machine, tag: string): readonly Op[] {
  return isOn(machine.files) && policyObstacle(machine, tag) === null ? [enter(machine, tag)] : [];
}

/** For whoever joins a container that may be older than the namespace. */
export function joinPolicy(machine: Machine, tag: string): readonly Op[] {
  return isThere(machine, tag) ? [enter(machine, tag)] : [];
}
