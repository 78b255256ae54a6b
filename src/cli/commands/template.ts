// vzdeck template: list, check, build and remove templates; which recipes there are.
import { type Engine, humanBytes, type PlanLine, RECIPES, type RunOptions, type TemplateDetail } from '../../engine/index.ts';
import { scanOptions } from '../args.ts';
import { CliExit, type OptionRow } from '../command.ts';
import { columns } from '../format/columns.ts';

export const TEMPLATE_OPTIONS: readonly OptionRow[] = [
  { name: 'mirror', value: true, hint: 'URL', help: 'archive to fetch packages from' },
  { name: 'include', value: true, hint: 'PACKAGE,…', help: 'packages beside those of the recipe' },
  { name: 'as', value: true, hint: 'NAME', help: 'what the template is called, if not as its recipe' },
];

export interface TemplateCall {
  readonly engine: Engine;
  readonly run: RunOptions;
  readonly json: boolean;
  readonly dryRun: boolean;
}

type Given = Readonly<Partial<Record<string, string>>>;

const print = (text: string): void => void process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);

/** In the words of the manager's list. */
function originText({ origin }: TemplateDetail): string {
  if (origin.kind === 'embedded') return 'came with vzdeck';
  if (origin.kind === 'archive') return 'an archive that was put there';
  return `built by ${[origin.recipe, ...origin.include].join(' + ')}`;
}

async function list({ engine, json }: TemplateCall): Promise<void> {
  const templates = await engine.inspectTemplates();
  if (json) return print(JSON.stringify(templates));
  if (templates.length === 0) return print('No template yet: vzdeck template build debian-12 makes one');
  const rows = templates.map((one) => [
    one.name,
    humanBytes(one.size),
    new Date(one.made).toISOString().slice(0, 10),
    String(one.users.length),
    String(one.overlays.length),
    one.fault === '' ? originText(one) : `! ${one.fault}`,
  ]);
  print(columns(['NAME', 'SIZE', 'MADE', 'USED', 'SHARED', 'FROM'], rows));
}

/** What each word does, and what it says when it is done. */
const VERBS: Readonly<Record<string, (engine: Engine, name: string, given: Given, run: RunOptions) => Promise<string>>> = {
  async build(engine, name, { include, ...options }, run) {
    const packages = include === undefined ? {} : { include: include.split(',').filter(Boolean) };
    await engine.buildTemplate(name, { ...options, ...packages }, run);
    return `Template ${options['as'] ?? name} built`;
  },
  async check(engine, name, _given, run) {
    await engine.checkTemplate(name, run);
    return `Template ${name} is whole`;
  },
  async remove(engine, name) {
    await engine.removeTemplate(name);
    return `Template ${name} removed`;
  },
};

const USAGE =
  'Usage: vzdeck template list | recipes | check NAME | build RECIPE [--as NAME] [--include PACKAGE,…] [--mirror URL] | remove NAME';

/** For help: the words after `template`, each with what it does. */
export const TEMPLATE_VERBS: readonly (readonly [words: string, help: string])[] = [
  ['list', 'each with size, age, use and origin, and what is wrong with broken ones'],
  ['recipes', 'what can be built'],
  ['check NAME', 'read the whole archive, as a create would, and write nothing'],
  ['build RECIPE', 'make one by a recipe, from the mirror that the node itself uses'],
  ['remove NAME', 'refused while containers stand on it as their lower layer'],
];

function printPlan(lines: readonly PlanLine[], json: boolean): void {
  if (json) print(JSON.stringify({ plan: lines }));
  else for (const { what, detail } of lines) print(`${what.padEnd(8)} ${detail}`);
}

export async function template(words: readonly string[], call: TemplateCall): Promise<number> {
  const { engine, run, json, dryRun } = call;
  const options: Partial<Record<string, string>> = {};
  const [verb = '', name, ...more] = scanOptions(words, TEMPLATE_OPTIONS, ({ spec, value }) => {
    options[spec.name] = value;
  });
  if (more.length > 0) throw new CliExit(20, `One word too many: ${more.join(' ')}`);
  if (verb === 'list' && name === undefined) await list(call);
  else if ((verb === 'recipes' || verb === 'build') && name === undefined) {
    if (json) print(JSON.stringify(RECIPES));
    else
      print(
        columns(
          ['RECIPE', 'WHAT'],
          RECIPES.map((recipe) => [recipe.name, recipe.about]),
        ),
      );
  } else {
    const act = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
    if (act === undefined || name === undefined) throw new CliExit(20, USAGE);
    if (dryRun && verb !== 'check')
      printPlan(await engine.plan(async (planned) => void (await act(planned, name, options, { ...run, report: () => {} }))), json);
    else {
      const done = await act(engine, name, options, run);
      if (!json) print(done);
    }
  }
  return 0;
}
