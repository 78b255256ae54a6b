// Options of set and create from the parameter table, and what they ask of it.
import { type Change, collectChange, type Engine, flagOf, senseFault } from '../engine/index.ts';
import type { GivenOption } from './args.ts';
import { CliExit, type OptionRow, type Remark } from './command.ts';

/** A row for an option of the parameter table. */
export function paramOption(name: string): OptionRow {
  const found = flagOf(name);
  if (!found) throw new Error(`--${name} is not in the parameter table`);
  const { param, flag } = found;
  return {
    name,
    ...(flag.short ? { short: flag.short } : {}),
    value: true,
    target: flag.op === 'edit' ? name : `${param.key} ${flag.op} ${flag.grammar ? name : ''}`,
    help: flag.help ?? param.help,
    hint: (flag.grammar ?? param.grammar).hint,
  };
}

const ONCE = new Set(['ifname', 'bridge']);

/** Collects values of options, as changes by config key. */
export class ParamChanges {
  readonly changes = new Map<string, Change>();
  readonly #engine: Engine;
  readonly #remark: Remark;
  readonly #sense: boolean;
  readonly #given = new Set<string>();

  constructor(engine: Engine, remark: Remark, sense: boolean) {
    this.#engine = engine;
    this.#remark = remark;
    this.#sense = sense;
  }

  /** Throws CliExit 21 with vzctl's text when the value is refused, with ours when it makes no sense. */
  take({ spec, value, byLetter }: GivenOption): void {
    const found = flagOf(spec.name);
    if (!found) throw new Error(`--${spec.name} is not in the parameter table`);
    const { param, flag } = found;
    if (ONCE.has(spec.name) && this.#given.has(spec.name)) throw new CliExit(21, `Multiple use of --${spec.name} option not allowed`);
    this.#given.add(spec.name);
    const reading = (flag.grammar ?? param.grammar).read(value, this.#engine.node.around);
    for (const { level, text } of reading.remarks ?? []) this.#remark(level, text);
    if (!reading.ok) throw badParameter(spec.name, byLetter ? spec.short : undefined, reading.shown ?? value);
    const fault = this.#sense ? senseFault(spec.name, value, this.#engine.node.around) : '';
    if (fault !== '') throw new CliExit(21, `--${spec.name} ${value}: ${fault}`);
    this.changes.set(param.key, collectChange(this.changes.get(param.key), param, flag, reading.value));
  }
}

/** The letter form has a blank before its colon, as scripts know it. */
export function badParameter(name: string, letter: string | undefined, value: string): CliExit {
  return new CliExit(21, letter === undefined ? `Bad parameter for --${name}: ${value}` : `Bad parameter for -${letter} : ${value}`);
}
