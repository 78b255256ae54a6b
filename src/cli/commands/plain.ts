// Verbs without options: destroy, mount, umount, status.
import { statusLine } from '../../engine/index.ts';
import { done, plainCommand } from '../command.ts';

export const destroy = plainCommand(
  'delete a container that is stopped and unmounted',
  ({ engine, id, run }) => done(engine.destroy(id, run)),
  // What a killed create has left has none: the engine knows.
  { withoutConfig: true, changes: true },
);
const CHANGES = { changes: true };
export const mount = plainCommand(
  'mount the files of a container on the node',
  ({ engine, id, run }) => done(engine.mount(id, run)),
  CHANGES,
);
export const umount = plainCommand('unmount them', ({ engine, id, run }) => done(engine.umount(id, run)), CHANGES);

export const status = plainCommand(
  'tell whether a container exists, is mounted, runs',
  async ({ engine, id, run }) => {
    const told = engine.status(id);
    if (told.missingRoot !== null) run.report?.({ level: -1, text: `stat(${told.missingRoot}): No such file or directory` });
    process.stdout.write(`${statusLine(told)}\n`);
    return 0;
  },
  { withoutConfig: true, quietProgress: true },
);
