// Whether profiles of the node act inside containers, told from the files in which it shows.
import { describe, expect, test } from 'vitest';
import type { Files } from '../../../src/engine/host/port.ts';
import { bornInPolicy, joinPolicy, makePolicy, policyObstacle, removePolicy } from '../../../src/engine/rootfs/wall/apparmor.ts';

const POLICY = '/sys/kernel/security/apparmor/policy/namespaces';
const LABEL = '/proc/self/attr/apparmor/current';

/** A node with AppArmor, but for what is said otherwise: path → content, null = not there; with the directories that were made and removed. */
function node(otherwise: Readonly<Record<string, string | null>> = {}) {
  const content = new Map<string, string | null>(
    Object.entries({
      '/sys/module/apparmor/parameters/enabled': 'Y\n',
      '/sys/module/apparmor/parameters/lock_policy': 'N\n',
      '/proc/self/status': 'CapEff:\t000001ffffffffff\n',
      [POLICY]: '',
      [LABEL]: 'unconfined\n',
      ...otherwise,
    }),
  );
  const done: string[] = [];
  const files = {
    read: (path: string) => content.get(path) ?? null,
    stat: (path: string) => (content.get(path) == null ? null : { type: 'dir' }),
    mkdir(path: string) {
      done.push(`make ${path}`);
      content.set(path, '');
    },
    rmdir(path: string) {
      done.push(`remove ${path}`);
      content.delete(path);
    },
  } as unknown as Files;
  return { machine: { files, proc: '/proc' }, done };
}

const OFF = { '/sys/module/apparmor/parameters/enabled': 'N\n', [POLICY]: null, [LABEL]: null };

describe('a node with AppArmor', () => {
  test('gives the containers of each prefix a namespace of their own, and takes it back', () => {
    const { machine, done } = node();
    expect(joinPolicy(machine, '')).toEqual([]);
    expect(makePolicy(machine, '')).toBeNull();
    expect(makePolicy(machine, 'cafe0123')).toBeNull();
    expect(bornInPolicy(machine, 'cafe0123')).toEqual(joinPolicy(machine, 'cafe0123'));
    expect(joinPolicy(machine, 'cafe0123')).toEqual([
      { op: 'write', path: LABEL, data: new TextEncoder().encode('changeprofile :vzdeck-cafe0123:unconfined') },
    ]);
    removePolicy(machine, 'cafe0123');
    removePolicy(machine, 'cafe0123');
    expect(done).toEqual([`make ${POLICY}/vzdeck`, `make ${POLICY}/vzdeck-cafe0123`, `remove ${POLICY}/vzdeck-cafe0123`]);
    expect(joinPolicy(machine, '')).toHaveLength(1);
    // whoever is born is not let through in silence
    expect(joinPolicy(machine, 'cafe0123')).toEqual([]);
    expect(bornInPolicy(machine, 'cafe0123')).toHaveLength(1);
  });

  test('says why it cannot, and makes nothing then', () => {
    const cases: Readonly<Record<string, Readonly<Record<string, string | null>>>> = {
      'securityfs is not mounted': { [POLICY]: null },
      'vzdeck itself runs under one, /usr/bin/node (enforce)': { [LABEL]: '/usr/bin/node (enforce)\n' },
      'root is here without CAP_MAC_ADMIN': { '/proc/self/status': 'CapEff:\t000001fdffffffff\n' },
      'its policy is locked': { '/sys/module/apparmor/parameters/lock_policy': 'Y\n' },
    };
    for (const [why, otherwise] of Object.entries(cases)) {
      const { machine, done } = node(otherwise);
      expect(makePolicy(machine, '')).toMatchObject({
        what: `AppArmor's profiles of the node act inside containers, too: ${why}`,
        remedy: expect.stringMatching(/^[A-Z].*[^.]$/),
        fatal: false,
      });
      expect([...bornInPolicy(machine, ''), ...joinPolicy(machine, '')], why).toEqual([]);
      expect(done).toEqual([]);
    }
  });

  test('a profile that only gives a name is none, and what is there needs no right to be made', () => {
    expect(policyObstacle(node({ [LABEL]: 'vzdeck (unconfined)\n' }).machine, '')).toBeNull();
    const bounded = node({ [`${POLICY}/vzdeck`]: '', '/proc/self/status': 'CapEff:\t000001fdffffffff\n' });
    expect(makePolicy(bounded.machine, '')).toBeNull();
    expect(joinPolicy(bounded.machine, '')).toHaveLength(1);
  });
});

test.each([OFF, { ...OFF, '/sys/module/apparmor/parameters/enabled': null }])('a node without it has nothing to do', (off) => {
  const { machine, done } = node(off);
  expect(makePolicy(machine, '')).toBeNull();
  expect([...bornInPolicy(machine, ''), ...joinPolicy(machine, '')]).toEqual([]);
  removePolicy(machine, '');
  expect(done).toEqual([]);
});
