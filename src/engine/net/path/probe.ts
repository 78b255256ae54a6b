// One connection for real, from where the packet begins: what comes back is told beside what was expected.
import type { Protocol } from '../verdict/packet.ts';
import type { Probe } from './step.ts';

/** Milliseconds for an answer. */
const PATIENCE = 3_000;
/** A closed port answers as well as an open one that somebody is there. */
const ANY_PORT = 7;

/** One line: it is handed on as one word. */
const SCRIPT = `const s = require('node:net').connect({ host: process.argv[1], port: Number(process.argv[2]) }); \
const say = (word) => { process.stdout.write(word); process.exit(0); }; \
s.on('connect', () => say('connected')).on('error', (e) => say(String(e.code))).setTimeout(${PATIENCE}, () => say('silence'));`;

const MEANING: Readonly<Record<string, string>> = {
  connected: 'the connection came about',
  ECONNREFUSED: 'it was refused: somebody has answered, and nobody listens there, or a rule rejects it',
  silence: `no answer in ${PATIENCE / 1000} s: it is dropped on the way, or the answer is`,
  EHOSTUNREACH: 'no such host, as somebody on the way says',
  ENETUNREACH: 'there is no route, as the sender itself says',
};

/** `run`: programs where the packet begins. */
export async function probed(
  from: { readonly address: unknown; readonly id: number | null },
  run: (words: readonly string[]) => Promise<string>,
  where: string,
  to: { readonly address: string; readonly port: number | null; readonly protocol: Protocol },
): Promise<Probe> {
  if (from.address !== null && from.id === null) return { reached: null, says: 'nothing can be sent from outside: try it there' };
  if (to.protocol === 'udp') return { reached: null, says: 'nothing was sent: by UDP nobody has to answer' };
  const port = to.port ?? ANY_PORT;
  const words = [process.execPath, '-e', SCRIPT, to.address, String(port)];
  const came = await run(words).catch(() => 'it could not be run');
  const reached = came === 'connected' || (came === 'ECONNREFUSED' && to.port === null);
  return { reached, says: `TCP from ${where} to ${to.address} port ${port}: ${MEANING[came] ?? came}` };
}
