// Takes the picture of README: fills a throw-away prefix as the demo does, opens the manager in it, and draws what stands on its screen.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestTerm } from '../../test/tui/test-term.ts';
import { HOME } from '../throw-away.ts';
import { BACKGROUND, screenCells } from './cells.ts';
import { screenSvg } from './svg.ts';

const SIZE = { columns: 108, rows: 20 } as const;
/** The machine that the picture is taken on shall not be named in it. */
const AS_NODE = ['--uts', 'sh', '-c', 'hostname node1 && exec "$0"'];
/** Until the loads have begun to show: rates, failed forks, a few ticks of history. */
const EXPOSURE_MS = 20_000;
const FILE = 'docs/manager.svg';

const demo = (what: 'up' | 'down', prefix: string): void => {
  execFileSync(process.execPath, [join(HOME, 'scripts/demo-prefix.ts'), what, prefix], { stdio: ['ignore', 'ignore', 'inherit'] });
};

const prefix = mkdtempSync('/tmp/vzdeck-picture-');
try {
  demo('up', prefix);
  const term = new TestTerm('unshare', [...AS_NODE, join(HOME, 'bin/vzdeck')], {
    ...SIZE,
    env: { VZDECK_ROOT: prefix, COLORTERM: 'truecolor' },
  });
  try {
    await term.waitFor('CTID');
    await new Promise((resolve) => setTimeout(resolve, EXPOSURE_MS));
    const svg = screenSvg(screenCells(term.term), BACKGROUND, 'The manager: a table of containers with what they hold and may hold');
    writeFileSync(join(HOME, `${FILE}.new`), svg);
    renameSync(join(HOME, `${FILE}.new`), join(HOME, FILE));
  } finally {
    term.type('q');
    await term.close();
  }
} finally {
  demo('down', prefix);
}
