// vzctl restart: stop if it runs, then start.
import { VzError } from '../errors.ts';
import { liveInit } from '../store/record.ts';
import { readCt } from '../store/registry.ts';
import { checkAddresses } from './address-checks.ts';
import { checkPlaces } from './places.ts';
import type { CtSettings } from './settings.ts';
import { type StartRequest, start } from './start.ts';
import { type StopRequest, stop } from './stop.ts';
import type { VerbContext } from './verb.ts';

/** What its config alone says against a start is no reason to be down: it is asked before anything stops. */
async function checkStart(context: VerbContext, { id, disabled }: CtSettings, { force = false }: StartRequest): Promise<void> {
  if (disabled && !force) throw new VzError('start-disabled');
  const config = readCt(context.host, context.node, id);
  checkPlaces(context, config);
  await checkAddresses(context, config, config.values);
}

export async function restart(context: VerbContext, settings: CtSettings, request: StartRequest & StopRequest = {}): Promise<void> {
  context.report({ level: 0, text: 'Restarting container' });
  if (liveInit(context.host, context.node, settings.id)) {
    await checkStart(context, settings, request);
    await context.ready();
    await stop(context, settings, request);
  }
  await start(context, settings, request);
}
