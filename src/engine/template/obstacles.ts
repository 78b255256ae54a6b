// Programs that templates are unpacked and built with: which of them this node lacks, and how to get them. No start needs one.
import type { Obstacle } from '../host/obstacles.ts';
import { type Files, PROGRAM_PATH } from '../host/port.ts';
import { FORMATS } from './formats.ts';

/** Program → what it is for. Plain tar needs nothing but tar. */
const USES: Readonly<Record<string, string>> = {
  tar: 'unpacks templates',
  ...Object.fromEntries(
    FORMATS.filter(({ suffix }) => suffix !== '').map(({ suffix, expand }) => [expand[0], `unpacks templates .tar${suffix}`]),
  ),
  mmdebstrap: 'builds templates',
};

/** Debian's packages that are not called as their program. */
const PACKAGES: Readonly<Record<string, string>> = { xz: 'xz-utils' };

export function programObstacles(files: Pick<Files, 'stat'>): readonly Obstacle[] {
  const there = (program: string): boolean => PROGRAM_PATH.split(':').some((dir) => files.stat(`${dir}/${program}`) !== null);
  const missing = Object.entries(USES).filter(([program]) => !there(program));
  if (missing.length === 0) return [];
  const what = missing.map(([program, use]) => `${program}, which ${use}`).join('; ');
  const packages = missing.map(([program]) => PACKAGES[program] ?? program).join(' ');
  const remedy = there('apt-get')
    ? `Type apt-get install ${packages}`
    : `Install ${packages}; packages of other distributions may be called otherwise`;
  return [{ what: `Not installed: ${what}`, remedy, fatal: false }];
}
