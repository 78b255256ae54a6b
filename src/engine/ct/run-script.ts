// vzctl runscript: a script of the node, fed to a shell inside. What does not run is brought up for it without its init and goes down afterwards;
// no script of the administrator around mount, start and stop has a part in that.
import { VzError } from '../errors.ts';
import type { EnterOutcome } from '../launcher/launcher.ts';
import { liveInit } from '../store/record.ts';
import { joinContainer, SHELLS } from './enter.ts';
import { entered } from './journaled.ts';
import type { CtSettings } from './settings.ts';
import { start } from './start.ts';
import { stop } from './stop.ts';
import type { VerbContext } from './verb.ts';

/** Holds the container while the script runs; nobody asks it to end. */
const PLACEHOLDER = { files: SHELLS.toReversed(), argv: ['sh', '-c', 'while :; do sleep 3600; done'] };

/** How the shell ended. Throws VzError 'script-missing' (11), and the refusals of a start and of joining. */
export async function runScript(context: VerbContext, settings: CtSettings, file: string): Promise<EnterOutcome> {
  const { host, node } = context;
  const { id } = settings;
  if (host.files.stat(file)?.type !== 'file') throw new VzError('script-missing', { file });
  const input = host.files.openInput(file);
  if (input === null) throw new VzError('script-missing', { file });
  const running = liveInit(host, node, id);
  try {
    if (running === null) await start(context, settings, { init: PLACEHOLDER });
    try {
      const init = liveInit(host, node, id);
      if (init === null) throw new VzError('not-running');
      entered(context, { verb: 'runscript', id });
      return await joinContainer(context, id, init, { argv: [''], files: SHELLS, stdio: [input.fd, 1, 2], signal: context.signal });
    } finally {
      // also after a cancel, which would not let it
      if (running === null) await stop({ ...context, signal: new AbortController().signal }, settings, { fast: true, scripts: false });
    }
  } finally {
    input.close();
  }
}
