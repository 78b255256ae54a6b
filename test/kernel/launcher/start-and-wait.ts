// An engine that can be killed: starts the plan given as its argument (JSON; {"big": "…"} for big integers), says the ids, and waits for ever.
import { openLauncher } from '../../../src/engine/launcher/client.ts';
import type { StartPlan } from '../../../src/engine/spec/op.ts';

const LAUNCHER = process.env['VZDECK_LAUNCHER'] ?? new URL('../../../build/launcher', import.meta.url).pathname;

const plan = JSON.parse(process.argv[2] ?? '', (_, value) => (typeof value?.big === 'string' ? BigInt(value.big) : value)) as StartPlan;
const launcher = openLauncher(LAUNCHER);
const started = await launcher.start(plan);
console.log(JSON.stringify(started, (_, value) => (typeof value === 'bigint' ? String(value) : value)));
await launcher.ended(started.init);
