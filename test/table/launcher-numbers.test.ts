// Numbers that stand in both halves, TypeScript and C, compared as written.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MAX_JOBS, MAX_SLOTS, MAX_TTYS, NEWBORN, NO_SLOT } from '../../src/engine/spec/op.ts';
import { paramOf } from '../../src/engine/spec/params/table.ts';
import { CARE } from '../../src/engine/template/care-steps.ts';
import { AROUND } from '../engine/spec/around.ts';

const HEADER = readFileSync(new URL('../../src/engine/launcher/protocol.h', import.meta.url), 'utf8');

test.each(Object.entries({ MAX_JOBS, MAX_SLOTS, MAX_TTYS, NEWBORN, NO_SLOT }))('%s is the launcher’s', (name, value) => {
  expect(Number(new RegExp(`^#define ${name} (\\S+)`, 'm').exec(HEADER)?.[1])).toBe(value);
});

test('no more terminals can be asked for than the launcher takes, and a template is ready for as many', () => {
  const ttys = paramOf('VZDECK_TTYS');
  expect(ttys?.grammar.read(String(MAX_TTYS), AROUND)).toMatchObject({ ok: true });
  expect(ttys?.grammar.read(String(MAX_TTYS + 1), AROUND)).toMatchObject({ ok: false });
  const systemd = { text: () => null, names: () => [], there: () => true, link: () => null, answers: () => null };
  const paths = CARE.flatMap((step) => step.change(systemd)).flatMap((op) => (op.op === 'symlink' ? [op.path] : []));
  const logins = paths.flatMap((path) => /vzdeck-tty@tty(\d+)/.exec(path)?.[1] ?? []);
  expect(logins.map(Number)).toEqual(Array.from({ length: MAX_TTYS - 1 }, (_, n) => n + 2));
});
