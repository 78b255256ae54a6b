// vzdeck template: build, list and remove templates.
import { type Engine, humanBytes, type RunOptions } from '../../engine/index.ts';
import { scanOptions } from '../args.ts';
import { CliExit, type OptionRow } from '../command.ts';

export const TEMPLATE_OPTIONS: readonly OptionRow[] = [
  { name: 'mirror', value: true, hint: 'URL', help: 'archive to fetch packages from' },
  { name: 'include', value: true, hint: 'PACKAGE,…', help: 'packages beside those of the recipe' },
  { name: 'as', value: true, hint: 'NAME', help: 'what the template is called, if not as its recipe' },
];

export interface TemplateCall {
  readonly engine: Engine;
  readonly run: RunOptions;
  readonly json: boolean;
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);

function list({ engine, json }: TemplateCall): void {
  const templates = engine.templates();
  if (json) print(JSON.stringify(templates));
  else if (templates.length === 0) print('No template yet: vzdeck template build debian-12 makes one');
  for (const { name, size, made } of json ? [] : templates) {
    print(`${name.padEnd(24)} ${humanBytes(size).padStart(9)}  ${new Date(made).toISOString().slice(0, 10)}`);
  }
}

export async function template(words: readonly string[], call: TemplateCall): Promise<number> {
  const { engine, run } = call;
  const given: Partial<Record<string, string>> = {};
  const [verb, name, ...more] = scanOptions(words, TEMPLATE_OPTIONS, ({ spec, value }) => {
    given[spec.name] = value;
  });
  if (more.length > 0) throw new CliExit(20, `One word too many: ${more.join(' ')}`);
  if (verb === 'list' && name === undefined) {
    list(call);
    return 0;
  }
  if (name === undefined || (verb !== 'build' && verb !== 'remove')) {
    throw new CliExit(20, 'Usage: vzdeck template list | build RECIPE [--as NAME] [--include PACKAGE,…] [--mirror URL] | remove NAME');
  }
  if (verb === 'remove') await engine.removeTemplate(name);
  else {
    const { include, ...options } = given;
    await engine.buildTemplate(
      name,
      { ...options, ...(include === undefined ? {} : { include: include.split(',').filter(Boolean) }) },
      run,
    );
  }
  if (!call.json) print(`Template ${given['as'] ?? name} ${verb === 'remove' ? 'removed' : 'built'}`);
  return 0;
}
