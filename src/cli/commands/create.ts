// vzctl create.
import { scanOptions } from '../args.ts';
import { type Asked, type Command, done, type OptionRow } from '../command.ts';
import { ParamChanges, paramOption } from '../param-options.ts';

const CONFIG: OptionRow = { name: 'config', value: true, hint: 'SAMPLE', help: 'sample config to start from' };

const CREATE_OPTIONS: readonly OptionRow[] = [
  paramOption('ostemplate'),
  CONFIG,
  ...'layout ve_layout velayout private root ipadd hostname name description diskspace diskinodes local_uid local_gid'
    .split(' ')
    .map((name) => ({ ...paramOption(name), hidden: /velayout|ve_layout|local_/.test(name) })),
];

export const create: Command = {
  help: 'make a container from a template',
  synopsis: '[--ostemplate NAME] [--config SAMPLE] [--PARAMETER VALUE]…',
  options: CREATE_OPTIONS,
  withoutConfig: true,
  usageExit: 21,
  parse(args, engine, remark) {
    const params = new ParamChanges(engine, remark);
    let config: string | undefined;
    const operands = scanOptions(args, CREATE_OPTIONS, (option) => {
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
