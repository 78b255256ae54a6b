import { expect, it } from 'vitest';
import { counted } from '../../../src/engine/ct/counted.ts';
import type { VerbEvent } from '../../../src/engine/ct/verb.ts';
import { VzError } from '../../../src/engine/errors.ts';

const told = async (work: () => number): Promise<readonly unknown[]> => {
  const events: VerbEvent[] = [];
  return [await counted({ report: (event) => void events.push(event) }, 'Sockets are not counted', 7, work), ...events];
};

it('goes on without what fails, and tells it: to who asks for more where the kernel is unable, to everybody else', async () => {
  expect(await told(() => 1)).toEqual([1]);
  const fails = (error: Error) =>
    told(() => {
      throw error;
    });
  expect(await fails(new VzError('no-support', { what: 'It', cause: 'no types' }))).toEqual([
    7,
    { level: 1, text: 'Sockets are not counted: It is not supported by this kernel: no types' },
  ]);
  expect(await fails(new VzError('lock-stuck', { path: '/run/lock', seconds: 20 }))).toEqual([
    7,
    { level: -1, text: 'Warning: Sockets are not counted: /run/lock has been held by somebody else for 20 s' },
  ]);
  expect(await fails(new TypeError('x is not a function'))).toEqual([
    7,
    { level: -1, text: 'Warning: Sockets are not counted: x is not a function' },
  ]);
});
