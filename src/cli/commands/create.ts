// vzctl create, which takes a few parameters and makes one, and vzdeck create, which takes them all and makes as many as it is told.
import { type CreateOptions, type Engine, fillPattern, isPatterned, PARAMS, PATTERN_HELP } from '../../engine/index.ts';
import { type GivenOption, scanOptions } from '../args.ts';
import { type Asked, CliExit, type Command, done, type OptionRow, type Remark, type TogetherCall } from '../command.ts';
import { ParamChanges, paramOption } from '../param-options.ts';
import { createTogether, type Together } from './create-together.ts';

const CONFIG: OptionRow = { name: 'config', value: true, hint: 'SAMPLE', help: 'sample config to start from' };

const OLD = /velayout|ve_layout|local_/;
const row = (name: string): OptionRow => ({ ...paramOption(name), hidden: OLD.test(name) });

/** The original's. */
const FEW: readonly OptionRow[] = [
  row('ostemplate'),
  CONFIG,
  ...'layout ve_layout velayout private root ipadd hostname name description diskspace diskinodes local_uid local_gid'.split(' ').map(row),
];

/** A container that is made has nothing that could be taken away from it. */
const ALL: readonly OptionRow[] = PARAMS.flatMap((param) => param.flags.filter((flag) => flag.op !== 'del').map((flag) => row(flag.name)));

function optionsFrom(given: readonly GivenOption[], engine: Engine, remark: Remark, sense: boolean): CreateOptions {
  const params = new ParamChanges(engine, remark, sense);
  const config = given.find(({ spec }) => spec === CONFIG)?.value;
  for (const option of given) if (option.spec !== CONFIG) params.take(option);
  const values = Object.fromEntries(params.changes);
  return config === undefined ? { values } : { values, config };
}

export const create: Command = {
  help: 'make a container from a template',
  options: FEW,
  withoutConfig: true,
  changes: true,
  usageExit: 21,
  parse(args, engine, remark, sense = false) {
    const given: GivenOption[] = [];
    const operands = scanOptions(args, FEW, (option) => void given.push(option));
    const options = optionsFrom(given, engine, remark, sense);
    const act: Asked['act'] = ({ engine: e, id, run }) => done(e.create(id, options, run));
    return { operands, act };
  },
};

/** How vzdeck goes about it. */
const HOW: readonly (OptionRow & { readonly set: (how: Together['how'], value: string) => Together['how'] })[] = [
  { name: 'start', value: false, help: 'start each one as soon as it is made', set: (how) => ({ ...how, start: true }) },
  {
    name: 'generate-password',
    value: false,
    help: 'a password for root of each one, shown once in a table at the end',
    set: (how) => ({ ...how, passwords: true }),
  },
  {
    name: 'passwords',
    value: true,
    hint: 'FILE',
    help: 'the same, but into a new file that only its owner can read',
    set: (how, file) => ({ ...how, passwords: true, file }),
  },
  { name: 'stop-on-error', value: false, help: 'begin no further one after a failure', set: (how) => ({ ...how, stopOnError: true }) },
];

/** What two containers cannot have both. */
const UNIQUE: ReadonlySet<string> = new Set(['name', 'ipadd', 'ip', 'private', 'root']);

/** Each gets one of its own. */
const AUTO = /^auto6?$/;

function checkPattern({ spec: { name }, value }: GivenOption, count: number): void {
  const addresses = name === 'ipadd' || name === 'ip';
  if (addresses && /-|\.\./.test(value))
    throw new CliExit(21, `--${name} ${value}: ranges are not possible; write auto, or a pattern such as 10.0.0.{id}`);
  if (addresses && AUTO.test(value)) return;
  const place = name === 'private' || name === 'root' ? /\$(VEID|\{VEID\})/.test(value) : false;
  if (count > 1 && UNIQUE.has(name) && !isPatterned(value) && !place)
    throw new CliExit(21, `--${name} ${value} would be that of ${count} containers: write {n}, {nn} or {id} into it`);
}

/** vzdeck create: in every value the places of a pattern are filled for each container. */
export const createWithAll: Command = {
  help: `make containers from a template; in values ${PATTERN_HELP}`,
  synopsis: '[--ostemplate NAME] [--config SAMPLE] [--name PATTERN] [--PARAMETER VALUE]…',
  options: [...HOW, CONFIG, ...ALL],
  withoutConfig: true,
  changes: true,
  usageExit: 21,
  parse(args, engine, remark, sense = false) {
    const given: GivenOption[] = [];
    let how: Together['how'] = { start: false, passwords: false, stopOnError: false };
    const operands = scanOptions(args, [...HOW, CONFIG, ...ALL], (option) => {
      const own = HOW.find((one) => one === option.spec);
      if (own) how = own.set(how, option.value);
      else given.push(option);
    });
    const together = (call: TogetherCall): Promise<number> => {
      for (const option of given) checkPattern(option, call.ids.length);
      const orders = call.ids.map((id, i) => {
        const filled = given.map((option) => ({ ...option, value: fillPattern(option.value, { id, n: i + 1 }) }));
        return { id, options: optionsFrom(filled, engine, i === 0 ? remark : () => {}, sense) };
      });
      return createTogether({ ...call, how, orders });
    };
    const act: Asked['act'] = ({ engine: e, id, run }) =>
      together({ engine: e, ids: [id], run, json: false, verbose: false, dryRun: false });
    return { operands, act, together };
  },
};
