import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CtSummary } from '../../../src/engine/account/sample.ts';
import { openSampler } from '../../../src/engine/account/sampler.ts';
import { sightOf } from '../../engine/account/sight.ts';
import { requires } from '../requires.ts';
import { until } from '../until.ts';
import { Lab, MIB, VIEWS } from './lab.ts';

const suite = requires('root', 'launcher');

const descriptors = (): number => readdirSync('/proc/self/fd').length;

describe.each(VIEWS)('the sampler on %s', (_view, files) => {
  suite('sees real containers', () => {
    const lab = new Lab(files);
    const ids = [1, 2, 3];
    let list: CtSummary[] = [];

    beforeAll(async () => {
      await lab.open();
      for (const id of ids) {
        const ct = await lab.cell(id, { numproc: 10 * id, memory: id * 32 * MIB });
        const shell = await ct.run(id === 1 ? 'echo on; while :; do :; done' : 'echo on; exec sleep 1000');
        await shell.line();
        list.push({
          id,
          name: '',
          hostname: '',
          description: '',
          ostemplate: '',
          layout: 'simfs',
          ips: [],
          state: 'running',
          unattended: false,
          init: { pid: shell.child.pid ?? 0, startTime: 1n },
          uptime: 100,
          trouble: '',
          restartAt: null,
        });
      }
    });
    afterAll(() => lab.close(ids));

    it('what they hold, what they may, what they use; idle rows stay the same objects; descriptors are given back', async () => {
      const before = descriptors();
      const sampler = openSampler(
        lab.host,
        sightOf(lab.host, lab.topology, () => list),
      );
      const first = sampler.tick();
      expect(first.containers.map((c) => [c.id, c.numproc.held, c.numproc.limit, c.memory.limit, c.cpu])).toEqual(
        ids.map((id) => [id, 1, 10 * id, id * 32 * MIB, null]),
      );
      for (const { memory } of first.containers) expect(memory.held).toBeGreaterThan(0);

      let rows = first.containers;
      await until(() => {
        rows = sampler.tick().containers;
        return (rows[0]?.cpu ?? 0) > 0;
      });
      // the kernel still takes back pages of the start for a moment
      await until(() => {
        const before = rows;
        rows = sampler.tick().containers;
        return rows[1] === before[1];
      });

      const open = descriptors();
      list = list.slice(0, 1);
      sampler.tick();
      expect(descriptors()).toBeLessThan(open);
      sampler.close();
      expect(descriptors()).toBe(before);
    });
  });
});
