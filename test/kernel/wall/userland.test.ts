// 32-bit user land: told of at create, and the one entry of the filter that is lifted where the administrator says so.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';
import type { Try } from './prober.ts';
import { openRoom, type Room } from './room.ts';

const elf = (bits: 1 | 2): Uint8Array => Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, bits, 1, 1, 0);

requires('root', 'launcher')('create', () => {
  let lab: Lab;
  beforeAll(() => {
    lab = openLab();
    lab.engine.bootstrap();
  });
  afterAll(() => lab.down());

  /** A template of nothing but a shell, reached by a link as in merged /usr. */
  function template(name: string, shell: Uint8Array): void {
    const tree = mkdtempSync(join(lab.root, 'tree-'));
    mkdirSync(join(tree, 'usr/bin'), { recursive: true });
    writeFileSync(join(tree, 'usr/bin/dash'), shell, { mode: 0o755 });
    execFileSync('ln', ['-s', 'dash', join(tree, 'usr/bin/sh')]);
    execFileSync('ln', ['-s', '/usr/bin', join(tree, 'bin')]);
    execFileSync('tar', ['-czf', lab.engine.node.place(`/vz/template/cache/${name}.tar.gz`), '-C', tree, '.']);
    rmSync(tree, { recursive: true });
  }

  test.each(['simfs', 'overlay'] as const)(
    'tells of a template with 32-bit programs, and opens nothing on its word (%s)',
    async (layout) => {
      const first = layout === 'simfs' ? 101 : 111;
      for (const [i, [name, shell]] of Object.entries({ old: elf(1), new: elf(2) }).entries()) {
        template(name, shell);
        await lab.engine.create(first + i, { ostemplate: name, layout, values: {} }, lab.run);
      }
      expect(
        lab
          .said()
          .filter((line) => /^! .*VZDECK_USERLAND/.test(line))
          .map((line) => line.split(' ')[2]),
      ).toEqual(['old']);
      for (const i of [0, 1]) expect(lab.engine.config(first + i).own.get('VZDECK_USERLAND')).toBeUndefined();
    },
  );
});

requires(
  'root',
  'launcher',
  'busybox',
  'cc',
  'x64',
)('a container with 32-bit programs', () => {
  let room: Room;
  beforeAll(async () => {
    room = await openRoom({ VZDECK_USERLAND: '32' });
  });
  afterAll(() => room.close());

  test('makes sockets by socketcall, and still gets no other family by the direct call', async () => {
    const EFAULT = -14;
    const EAFNOSUPPORT = -97;
    const tries: readonly Try[] = [
      { way: '32', nr: 102, args: [1, 0] },
      { way: '32', nr: 359, args: [38, 5, 0] },
      { way: '64', nr: 41, args: [40, 1, 0] },
    ];
    expect(await room.calls(tries)).toEqual([EFAULT, EAFNOSUPPORT, EAFNOSUPPORT]);
  });
});
