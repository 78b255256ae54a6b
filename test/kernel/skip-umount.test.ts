// A stop that leaves the root file system mounted, and what comes after it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, openLab } from './lab.ts';
import { requires } from './requires.ts';

requires(
  'root',
  'launcher',
  'busybox',
)('stop --skip-umount', () => {
  let lab: Lab;
  const state = (): string | undefined => lab.engine.find('104')?.state;
  beforeAll(() => {
    lab = openLab();
    lab.engine.bootstrap();
  });
  afterAll(() => lab.down());

  test.each(['simfs', 'overlay'] as const)('%s stays mounted; an umount or a start goes on from there', async (layout) => {
    await lab.engine.create(104, { ostemplate: 'busybox', layout, values: {} });
    for (const next of ['umount', 'start'] as const) {
      await lab.engine.start(104);
      await lab.engine.stop(104, { fast: true, skipUmount: true });
      expect(state()).toBe('mounted');
      await lab.engine[next](104);
      expect(state()).toBe(next === 'umount' ? 'stopped' : 'running');
    }
    await lab.engine.stop(104, { fast: true });
    expect(state()).toBe('stopped');
    await lab.engine.destroy(104);
  });
});
