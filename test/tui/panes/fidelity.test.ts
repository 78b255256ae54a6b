// Full-screen programs look and behave in a pane as they do on the terminal itself: cell by cell, with colours, attributes and cursor.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, test } from 'vitest';
import { bundleFixture, type Fixture } from '../bundle-fixture.ts';
import { TestTerm } from '../test-term.ts';

const SIZE = { columns: 80, rows: 24 } as const;

let fixture: Fixture;
let folder: string;
let env: Record<string, string>;

beforeAll(async () => {
  fixture = await bundleFixture(join(import.meta.dirname, '../screen/fixtures/panes.tsx'));
  folder = mkdtempSync(join(tmpdir(), 'vzdeck-fidelity-'));
  mkdirSync(join(folder, 'home/.config/mc'), { recursive: true });
  // mc shows another hint each time.
  writeFileSync(join(folder, 'home/.config/mc/ini'), '[Layout]\nmessage_visible=false\nfree_space=false\n');
  mkdirSync(join(folder, 'files/deeper'), { recursive: true });
  writeFileSync(
    join(folder, 'files/code.c'),
    '#include <stdio.h>\n/* 中文, é, e\u0301, ✔, 😀 */\nint main(void) {\n\treturn 0; // done\n}\n'.repeat(20),
  );
  writeFileSync(
    join(folder, 'files/colors.txt'),
    Array.from(
      { length: 120 },
      (_, i) => `\x1b[${31 + (i % 6)};${1 + (i % 4)}mline ${i}\x1b[0m \x1b[48;5;${i}m  \x1b[38;2;${i};9;9mrgb\x1b[0m 中文`,
    ).join('\n'),
  );
  for (const name of ['code.c', 'colors.txt', 'deeper']) execFileSync('touch', ['-d', '2020-01-01', join(folder, 'files', name)]);
  env = { HOME: join(folder, 'home'), LESS: '', LESSHISTFILE: '-', EDITOR: '', VZDECK_FILES: join(folder, 'files') };
});
afterAll(() => {
  fixture.remove();
  rmSync(folder, { recursive: true });
});

/** Keys to press, and what the screen shows then. */
type Step = readonly [keys: readonly string[], shows: string | RegExp];

const PROGRAMS: Readonly<
  Record<string, { readonly args: readonly string[]; readonly first: string | RegExp; readonly steps: readonly Step[] }>
> = {
  vim: {
    args: ['-u', 'NONE', '-i', 'NONE', '-N', '-n', '+syntax on', '+set ruler nottimeout mouse=a', 'code.c'],
    first: /1,1 +Top/,
    steps: [
      [[':', 's', 'e', 't', ' ', 'n', 'u', 'enter'], '  1 #include'],
      [['down', 'down', 'right', 'i', '中', 'x', 'escape'], /int|i中xnt/],
      [['d', 'd', 'G'], /99,.*Bot/],
      [[':', 's', 'p', 'enter', 'ctrl-w', 'j', 'g', 'g'], /code\.c \[\+\]/],
    ],
  },
  less: {
    args: ['-R', 'colors.txt'],
    first: 'line 22',
    steps: [
      [['space'], 'line 45'],
      [['up', 'up', 'down'], 'line 44'],
      [['/', 'e', ' ', '9', '9', 'enter'], 'line 110'],
      [['h'], 'SUMMARY OF LESS COMMANDS'],
    ],
  },
  nano: {
    args: ['-I', '-R', 'code.c'],
    first: 'code.c',
    steps: [
      [['down', 'down', 'end'], 'int main'],
      [['ctrl-w', 'd', 'o', 'n', 'e', 'enter'], 'done'],
      [['pagedown', 'pagedown'], 'return'],
    ],
  },
  mc: {
    args: ['--nosubshell', '.', '.'],
    first: 'colors.txt',
    steps: [
      [['down', 'down'], /colors\.txt|code\.c/],
      [['f9'], 'Command'],
      [['enter', 'down', 'down'], 'Panelize'],
      [['right', 'down'], 'Chmod'],
      [['f10', 'tab', 'down'], 'deeper'],
    ],
  },
  htop: {
    args: ['-d', '600'],
    first: 'F10',
    steps: [[['h'], 'scroll process list']],
  },
};

const present = (name: string) => {
  try {
    execFileSync('sh', ['-c', `command -v ${name}`]);
    return true;
  } catch {
    return false;
  }
};

for (const [name, { args, first, steps }] of Object.entries(PROGRAMS)) {
  test.skipIf(!present(name))(`${name}${present(name) ? '' : ` (skipped: ${name} is not installed)`}`, async () => {
    const options = { ...SIZE, cwd: env['VZDECK_FILES']!, env };
    const direct = new TestTerm(name, args, options);
    const pane = new TestTerm(fixture.file, [fixture.script, name, ...args], { ...options, env: { ...env, FIXTURE_BARE: '1' } });
    try {
      await Promise.all([direct.waitFor(first), pane.waitFor(first)]);
      // What htop shows first changes from moment to moment.
      if (name !== 'htop') await expectSame(direct, pane);
      for (const [keys, shows] of steps) {
        for (const term of [direct, pane]) term.press(...keys);
        await Promise.all([direct.waitFor(shows), pane.waitFor(shows)]);
        await expectSame(direct, pane);
      }
    } finally {
      await Promise.all([direct.close(), pane.close()]);
    }
  });
}

async function expectSame(direct: TestTerm, pane: TestTerm): Promise<void> {
  const difference = () => firstDifference(direct, pane);
  await pane
    .waitFor(() => difference() === '', 'the same screen as without a pane')
    .catch((error: Error) => {
      throw new Error(`${difference()}\n${error.message}\n--- direct ---\n${direct.text()}`);
    });
}

function firstDifference(direct: TestTerm, pane: TestTerm): string {
  for (let y = 0; y < SIZE.rows; y++)
    for (let x = 0; x < SIZE.columns; x++) {
      const [want, is] = [direct.cell(x, y), pane.cell(x, y)].map((cell) => {
        const blank = cell.text.trim() === '';
        // What a blank would be written with is not to be seen, unless it is underlined or reversed.
        return JSON.stringify(blank && !cell.inverse && !cell.underline ? { bg: cell.bg } : { ...cell, text: cell.text.trim() });
      });
      if (want !== is) return `cell ${x},${y}: direct ${want}, in the pane ${is}`;
    }
  const [want, is] = [direct, pane].map((term) => JSON.stringify(term.cursor()));
  return want === is ? '' : `cursor: direct ${want}, in the pane ${is}`;
}

test.skipIf(!present('htop'))(
  `a click in htop hits what was clicked${present('htop') ? '' : ' (skipped: htop is not installed)'}`,
  async () => {
    const pane = new TestTerm(fixture.file, [fixture.script, 'htop'], { ...SIZE, env });
    try {
      await pane.waitFor('F10');
      await pane.waitFor(() => pane.modes().mouse !== 'none');
      const y = pane.screen().findIndex((line) => line.includes('F10'));
      pane.click(pane.line(y).indexOf('Help'), y);
      await pane.waitFor('scroll process list');
    } finally {
      await pane.close();
    }
  },
);
