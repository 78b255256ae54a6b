// vzctl restart: stop if it runs, then start.
import { liveInit } from '../store/record.ts';
import { readCt } from '../store/registry.ts';
import { checkPlaces } from './places.ts';
import type { CtSettings } from './settings.ts';
import { type StartRequest, start } from './start.ts';
import { type StopRequest, stop } from './stop.ts';
import type { VerbContext } from './verb.ts';

export async function restart(context: VerbContext, settings: CtSettings, request: StartRequest & StopRequest = {}): Promise<void> {
  context.report({ level: 0, text: 'Restarting container' });
  if (liveInit(context.host, context.node, settings.id)) {
    checkPlaces(context, readCt(context.host, context.node, settings.id));
    await context.ready();
    await stop(context, settings, request);
  }
  await start(context, settings, request);
}
