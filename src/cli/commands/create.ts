// vzctl create, which takes a few parameters, and vzdeck create, which takes them all.
import { PARAMS } from '../../engine/index.ts';
import { scanOptions } from '../args.ts';
import { type Asked, type Command, done, type OptionRow } from '../command.ts';
import { ParamChanges, paramOption } from '../param-options.ts';

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
const ALL: readonly OptionRow[] = [
  CONFIG,
  ...PARAMS.flatMap((param) => param.flags.filter((flag) => flag.op !== 'del').map((flag) => row(flag.name))),
];

function command(options: readonly OptionRow[], synopsis?: string): Command {
  return {
    help: 'make a container from a template',
    ...(synopsis === undefined ? {} : { synopsis }),
    options,
    withoutConfig: true,
    usageExit: 21,
    parse(args, engine, remark, sense = false) {
      const params = new ParamChanges(engine, remark, sense);
      let config: string | undefined;
      const operands = scanOptions(args, options, (option) => {
        if (option.spec === CONFIG) config ??= option.value;
        else params.take(option);
      });
      const act: Asked['act'] = ({ engine: e, id, run }) => {
        const values = Object.fromEntries(params.changes);
        return done(e.create(id, config === undefined ? { values } : { values, config }, run));
      };
      return { operands, act };
    },
  };
}

export const create = command(FEW);
export const createWithAll = command(ALL, '[--ostemplate NAME] [--config SAMPLE] [--PARAMETER VALUE]…');
