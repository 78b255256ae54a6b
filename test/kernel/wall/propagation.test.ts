// A node whose mounts are shared, as under systemd: what root of a container mounts stays inside.
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { requires } from '../requires.ts';

const SCRIPT = new URL('shared-node.ts', import.meta.url).pathname;

requires(
  'root',
  'launcher',
  'busybox',
)('on a node with shared mounts', () => {
  test('no mount made inside comes out, wherever it is made', () => {
    const inside = `mount --make-rshared / && exec "${process.execPath}" "${SCRIPT}"`;
    const said = execFileSync('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', inside], { encoding: 'utf8' });
    const { peers, covered, appeared } = JSON.parse(said) as { peers: string[]; covered: number; appeared: string[] };
    expect(covered).toBeGreaterThan(8);
    expect({ peers, appeared }).toEqual({ peers: [], appeared: [] });
  });
});
