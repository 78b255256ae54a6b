// vzdeck freeze and thaw: all processes of a container stand still in memory, and go on. Not vzctl suspend, which writes them to disk.
import { done, plainCommand } from '../command.ts';

export const freeze = plainCommand('let all processes of a container stand still, in memory', ({ engine, id, run }) =>
  done(engine.freeze(id, run)),
);
export const thaw = plainCommand('let them go on', ({ engine, id, run }) => done(engine.thaw(id, run)));
