// Verbs of the original that this version does not have: their options are read and their refusals are the original's; where it would
// have begun to work, it says so.
import { scanOptions } from '../args.ts';
import { type Asked, type Call, CliExit, type Command, type OptionRow, plainCommand } from '../command.ts';

const flag = (name: string): OptionRow => ({ name, value: false, help: '' });
const word = (name: string): OptionRow => ({ name, value: true, help: '' });

/** The same text for all: what is not there, and that no kernel is to blame. */
const absent = (what: string, exit: number): CliExit => new CliExit(exit, `${what} is not possible with this version`);

const runs = ({ engine, id }: Call): boolean => engine.find(String(id))?.init != null;

const COMMON = ['flags', 'context'].map(word);
const CHECKPOINT = [...['suspend', 'dump', 'resume', 'kill', 'skip_arpdetect'].map(flag), word('dumpfile'), ...COMMON];
const RESTORE = [...['undump', 'resume', 'kill', 'skip_arpdetect', 'skip-remount', 'skip-fsck'].map(flag), word('dumpfile'), ...COMMON];
const STAGES = new Set(['suspend', 'dump', 'undump', 'resume', 'kill']);

/** checkpoint and restore: at most one stage may be named. */
function staged(options: readonly OptionRow[], act: (call: Call, stage: string) => number): Command['parse'] {
  return (args) => {
    let stage = '';
    const operands = scanOptions(args, options, ({ spec }) => {
      if (!STAGES.has(spec.name)) return;
      if (stage !== '') throw new CliExit(20, 'Invalid syntax: only one sub command may be used');
      stage = spec.name;
    });
    return { operands, act: async (call) => act(call, stage) };
  };
}

export const checkpoint: Command = {
  help: 'save the state of a running container',
  options: CHECKPOINT,
  parse: staged(CHECKPOINT, (call, stage) => {
    const plain = stage === 'kill' || stage === 'resume';
    if (!runs(call)) throw new CliExit(31, plain ? 'Container is not running' : 'Unable to setup checkpointing: container is not running');
    throw absent('Checkpointing', 16);
  }),
};

export const restore: Command = {
  help: 'restore a saved container',
  options: RESTORE,
  parse: staged(RESTORE, (call, stage) => {
    if ((stage === 'resume' || stage === 'kill') && !runs(call)) throw new CliExit(31, 'Container is not running');
    if (runs(call)) throw new CliExit(32, 'Unable to perform restore: container already running');
    throw absent('Restoring', 17);
  }),
};

const UUID = /^\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$/i;

interface SnapshotVerb {
  readonly help: string;
  readonly exit: number;
  readonly options: readonly OptionRow[];
  /** The verb works on one snapshot, which must be named; mount needs a target as well. */
  readonly needs: readonly ('id' | 'target')[];
}

const ID = [
  { ...word('id'), target: 'id' },
  { ...word('uuid'), target: 'id' },
];
const MISSING = { id: 'Invalid syntax: snapshot id is missing', target: 'Invalid syntax: mount target is missing' };

function snapshotVerb({ help, exit, options, needs }: SnapshotVerb): Command {
  return {
    help,
    options,
    usageExit: 21,
    parse(args) {
      const given = new Set<string>();
      const operands = scanOptions(args, options, ({ spec, value }) => {
        const name = spec.target ?? spec.name;
        if (name === 'id' && !UUID.test(value)) throw new CliExit(21, `Bad parameter for --${spec.name}: ${value}`);
        given.add(name);
      });
      if (operands.length === 0) for (const need of needs) if (!given.has(need)) throw new CliExit(20, MISSING[need]);
      return { operands, act: onlyPloop(exit) };
    },
  };
}

const onlyPloop =
  (exit: number): Asked['act'] =>
  async () => {
    throw new CliExit(exit, 'Snapshot feature is only available for ploop-based CTs');
  };

const SKIPS = ['skip-suspend', 'skip-config', 'skip-resume', 'must-resume', 'skip_arpdetect'].map(flag);
export const snapshots: Readonly<Record<string, Command>> = {
  snapshot: snapshotVerb({ help: 'take a snapshot', exit: 156, options: [...ID, word('name'), word('description'), ...SKIPS], needs: [] }),
  'snapshot-switch': snapshotVerb({ help: 'go back to a snapshot', exit: 159, options: [...ID, ...SKIPS], needs: ['id'] }),
  'snapshot-delete': snapshotVerb({ help: 'delete a snapshot', exit: 158, options: ID, needs: ['id'] }),
  'snapshot-mount': snapshotVerb({ help: 'mount a snapshot', exit: 160, options: [...ID, word('target')], needs: ['id', 'target'] }),
  'snapshot-umount': snapshotVerb({ help: 'unmount a snapshot', exit: 161, options: ID, needs: ['id'] }),
};

const LIST_FIELDS = [
  ['uuid', 'UUID'],
  ['id', 'UUID'],
  ['parent_uuid', 'PARENT_UUID'],
  ['parent_id', 'PARENT_UUID'],
  ['current', 'C'],
  ['date', 'DATE'],
  ['name', 'NAME'],
  ['desc', 'DESC'],
  ['device', 'DEVICE'],
  ['target', 'TARGET'],
] as const;
const LIST_OPTIONS: readonly OptionRow[] = [
  { ...flag('no-header'), short: 'H' },
  { ...word('output'), short: 'o' },
  { ...word('uuid'), short: 'u', target: 'id' },
  { ...word('id'), target: 'id' },
  { ...flag('list'), short: 'L' },
  { ...flag('help'), short: 'h' },
];

export const snapshotList: Command = {
  help: 'list snapshots',
  options: LIST_OPTIONS,
  parse(args) {
    let list = false;
    const operands = scanOptions(args, LIST_OPTIONS, ({ spec, value }) => {
      if (spec.name === 'list') list = true;
      if (spec.target === 'id' && !UUID.test(value)) throw new CliExit(21, `Bad parameter for --${spec.name}: ${value}`);
    });
    if (operands.length > 0) throw new CliExit(20, `non-option ARGV-elements: ${operands.map((o) => `${o} `).join('')}`);
    if (!list) return { operands, act: onlyPloop(167) };
    const lines = LIST_FIELDS.map(([name, head]) => `${name.padEnd(15)} ${head.padEnd(15)}\n`).join('');
    return {
      operands,
      act: async () => {
        process.stdout.write(lines);
        return 0;
      },
    };
  },
};

const LAYOUT_OPTIONS = ['layout', 've_layout', 'velayout'].map((name) => ({ ...word(name), target: 'layout' }));

export const convert: Command = {
  help: 'convert the layout',
  options: LAYOUT_OPTIONS,
  usageExit: 21,
  parse(args) {
    const operands = scanOptions(args, LAYOUT_OPTIONS, ({ spec, value }) => {
      if (!/^(simfs|ploop(:(expanded|plain|raw))?)$/.test(value)) throw new CliExit(21, `Bad parameter for --${spec.name}: ${value}`);
      if (value === 'simfs') throw new CliExit(21, 'Only conversion to ploop is supported');
    });
    return {
      operands,
      act: async () => {
        throw absent('Conversion to ploop', 99);
      },
    };
  },
};

export const compact = plainCommand('give unused blocks of an image back', async ({ run }) => {
  run.report?.({ level: 0, text: 'Compact only makes sense for ploop containers' });
  return 0;
});

const quota = (help: string, exit: number): Command =>
  plainCommand(help, async ({ run }) => {
    run.report?.({ level: 0, text: 'Disk quota is not enabled, skipping operation' });
    return exit;
  });
export const quotas: Readonly<Record<string, Command>> = {
  quotaon: quota('switch disk quota on', 60),
  quotaoff: quota('switch disk quota off', 66),
  quotainit: quota('count disk usage anew', 61),
};
