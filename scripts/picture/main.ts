// Takes the pictures of README and docs: fills a throw-away prefix as the demo does, opens the manager in it, and draws what stands on its screen.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestTerm } from '../../test/tui/test-term.ts';
import { HOME } from '../throw-away.ts';
import { BACKGROUND, screenCells } from './cells.ts';
import { SHOTS, type Shot } from './shots.ts';
import { screenSvg } from './svg.ts';

/** The machine that the picture is taken on shall not be named in it. */
const AS_NODE = ['--uts', 'sh', '-c', 'hostname node1 && exec "$0"'];
/** Until the loads have begun to show: rates, failed forks, a few ticks of history. */
const EXPOSURE_MS = 20_000;
const SETTLED_MS = 1500;

const demo = (what: 'up' | 'down', prefix: string): void => {
  execFileSync(process.execPath, [join(HOME, 'scripts/demo-prefix.ts'), what, prefix], { stdio: ['ignore', 'ignore', 'inherit'] });
};

async function take(term: TestTerm, { file, title, columns, rows, go, back }: Shot): Promise<void> {
  term.resize(columns, rows);
  await go(term);
  // what is drawn last: a tick of the sampler after the last key
  await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
  writeFileSync(join(HOME, `${file}.new`), screenSvg(screenCells(term.term), BACKGROUND, title));
  renameSync(join(HOME, `${file}.new`), join(HOME, file));
  await back(term);
}

const prefix = mkdtempSync('/tmp/vzdeck-picture-');
try {
  demo('up', prefix);
  const [{ columns, rows }] = SHOTS as readonly [Shot, ...Shot[]];
  const term = new TestTerm('unshare', [...AS_NODE, join(HOME, 'bin/vzdeck')], {
    columns,
    rows,
    env: { VZDECK_ROOT: prefix, COLORTERM: 'truecolor', TZ: 'UTC' },
  });
  try {
    await term.waitFor('CTID');
    await new Promise((resolve) => setTimeout(resolve, EXPOSURE_MS));
    for (const shot of SHOTS) await take(term, shot);
  } finally {
    term.type('q');
    await term.close();
  }
} finally {
  demo('down', prefix);
}
