// vzdeck config: what stands in a container's config, as a file; and what is wrong in it, or in any other config.
import { type ConfigFinding, drawable, type Engine, paramOf, type RunOptions } from '../../engine/index.ts';
import { CliExit } from '../command.ts';

export const CONFIG_VERBS: readonly (readonly [words: string, help: string])[] = [
  ['get CONTAINER [KEY…]', 'values in base units; of one key the value alone'],
  ['set CONTAINER KEY=VALUE…', 'into the file only; vzdeck set changes what runs as well'],
  ['unset CONTAINER KEY…', 'out of the file: what the node says for all holds then'],
  ['validate [CONTAINER|FILE…]', 'what is wrong, with line and column; without a word of all containers, samples and vz.conf'],
];

interface ConfigCall {
  readonly engine: Engine;
  readonly json: boolean;
  readonly dryRun: boolean;
  readonly run: RunOptions;
}

const usage = (verb: string): CliExit =>
  new CliExit(21, `Usage: vzdeck config ${CONFIG_VERBS.find(([words]) => words.startsWith(verb))?.[0] ?? 'get|set|unset|validate'}`);

function idOf(engine: Engine, word: string): number {
  const id = engine.idOf(word);
  if (id === null || !engine.config(id).exists) throw new CliExit(21, drawable(`There is no container ${word}`));
  return id;
}

function get({ engine, json }: ConfigCall, id: number, keys: readonly string[]): number {
  const all = new Map([...engine.config(id).own, ...engine.otherValues(id)]);
  const wanted = keys.length === 0 ? [...all.keys()] : keys.map((key) => paramOf(key)?.key ?? key);
  const found = wanted.flatMap((key) => (all.has(key) ? [[key, all.get(key) ?? ''] as const] : []));
  if (json) process.stdout.write(`${JSON.stringify(Object.fromEntries(found))}\n`);
  else if (keys.length === 1) process.stdout.write(found.map(([, value]) => `${drawable(value)}\n`).join(''));
  else process.stdout.write(found.map(([key, value]) => `${drawable(key)}="${drawable(value)}"\n`).join(''));
  return found.length === wanted.length ? 0 : 1;
}

/** Words KEY=VALUE. */
function pairs(words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      if (at < 1) throw usage('set');
      return [word.slice(0, at), word.slice(at + 1)] as const;
    }),
  );
}

async function edit(
  { engine, json, dryRun, run }: ConfigCall,
  id: number,
  verb: 'set' | 'unset',
  words: readonly string[],
): Promise<number> {
  if (words.length === 0) throw usage(verb);
  const change = verb === 'set' ? { set: pairs(words) } : { unset: words };
  if (!dryRun) {
    await engine.editConfig(id, change, run);
    return 0;
  }
  const lines = await engine.plan((planned) => planned.editConfig(id, change, {}));
  if (json) process.stdout.write(`${JSON.stringify({ id, plan: lines })}\n`);
  else for (const { what, detail } of lines) process.stdout.write(`${id}  ${what.padEnd(8)} ${detail}\n`);
  return 0;
}

const place = ({ line, column }: ConfigFinding): string => (line === 0 ? '' : `:${line}:${column}`);

function validate({ engine, json }: ConfigCall, words: readonly string[]): number {
  const files =
    words.length === 0 ? engine.configFiles() : words.map((word) => (word.includes('/') ? word : engine.config(idOf(engine, word)).file));
  const results = files.map((file) => ({ file, findings: engine.checkConfig(file) }));
  if (json) process.stdout.write(`${JSON.stringify(results)}\n`);
  for (const { file, findings } of json ? [] : results) {
    for (const found of findings) process.stdout.write(`${drawable(file)}${place(found)}: ${found.severity}: ${found.text}\n`);
    if (findings.length === 0) process.stdout.write(`${drawable(file)}: nothing is wrong\n`);
  }
  return results.some(({ findings }) => findings.some(({ severity }) => severity === 'error')) ? 2 : 0;
}

export async function config(words: readonly string[], call: ConfigCall): Promise<number> {
  const [verb = '', container, ...rest] = words;
  if (verb === 'validate') return validate(call, words.slice(1));
  if (!['get', 'set', 'unset'].includes(verb) || container === undefined) throw usage(verb);
  const id = idOf(call.engine, container);
  if (verb === 'get') return get(call, id, rest);
  return edit(call, id, verb === 'set' ? 'set' : 'unset', rest);
}
