// vzctl set: every parameter as an option, and how to go about it.
import { readUserPassword, type UserPassword } from '../../engine/index.ts';
import { scanOptions } from '../args.ts';
import { CliExit, type Command, done, type OptionRow } from '../command.ts';
import { badParameter, ParamChanges, paramOption } from '../param-options.ts';
import { secretLine } from '../secrets.ts';

const flag = (name: string, help: string, more: Partial<OptionRow> = {}): OptionRow => ({ name, value: false, help, ...more });
const word = (name: string, hint: string, help: string): OptionRow => ({ name, value: true, hint, help });

/** Options that are no parameters. */
const CONTROL: ReadonlyMap<string, OptionRow> = new Map(
  [
    flag('save', 'write the values into the config'),
    flag('force', 'save even where nothing could be applied'),
    flag('reset_ub', 'write the limits of the config into the running container again'),
    flag('skip_arpdetect', 'do not look for other users of an address'),
    word('userpasswd', 'USER:PASSWORD', 'set a password inside; with - for PASSWORD it is read from standard input'),
    word('setmode', 'restart|ignore', 'what to do about values that need a restart'),
    flag('offline-resize', 'resize the image while it is not mounted', { target: 'offline' }),
    flag('offline', 'the same as --offline-resize', { target: 'offline', hidden: true }),
    word('applyconfig', 'SAMPLE', 'take the values of a sample config'),
    word('applyconfig_map', 'name', 'make the link for the NAME of the config'),
  ].map((row) => [row.name, row]),
);

/** Of vzdeck, which does not do half of what was asked unless it is told to. */
const PARTIAL = flag('partial', 'apply what can act now, and save what waits for a restart');

/** In the order of the original's option table, which its texts about ambiguous options show. */
const ORIGINAL =
  'save force reset_ub iptables netfilter kmemsize lockedpages privvmpages shmpages numproc physpages vmguarpages oomguarpages numtcpsock ' +
  'numflock numpty numsiginfo tcpsndbuf tcprcvbuf othersockbuf dgramrcvbuf numothersock numfile dcachesize numiptent avnumproc swappages ' +
  'capability ipadd ip ipdel skip_arpdetect netdev_add netdev_del hostname description nameserver searchdomain userpasswd devices devnodes ' +
  'pci_add pci_del root private mount_opts ostemplate cpuunits cpuweight cpulimit cpus cpumask nodemask onboot setmode disabled diskquota ' +
  'diskspace diskinodes quotatime quotaugidlimit offline-resize offline meminfo netif_add netif_del ifname mac_filter mac host_mac ' +
  'host_ifname bridge applyconfig applyconfig_map name features ioprio iolimit iopslimit bootorder ram swap vm_overcommit stop-timeout';
const OURS =
  'ttys timezone bindmount_add bindmount_del profile proc address gateway configure link_add link_del network forward forward_del rate';

const rows = (names: string): readonly OptionRow[] => names.split(' ').map((name) => CONTROL.get(name) ?? paramOption(name));

export const SET_OPTIONS: readonly OptionRow[] = [...rows(ORIGINAL), ...rows(OURS).map((row) => ({ ...row, ours: true as const }))];

/** Spellings that people try; no beginning of them means them, so that the original's abbreviations stay what they are. */
const SPELT: readonly OptionRow[] = [
  { name: 'force-save', value: false, whole: true, help: 'the same as --force --save', hidden: true },
  { name: 'applyconfig-map', value: true, whole: true, help: 'the same as --applyconfig_map', hidden: true },
];
const CONTROLS = new Set([...CONTROL.keys(), PARTIAL.name, ...SPELT.map(({ name }) => name)]);

/** Letters that the original's getopt takes and then refuses. */
const LETTERS: readonly OptionRow[] = [
  { name: '', short: 'a', value: true, help: '', hidden: true },
  { name: '', short: 'h', value: false, help: '', hidden: true },
];

interface Control {
  save: boolean;
  force: boolean;
  resetUb: boolean;
  offlineResize: boolean;
  mapName: boolean;
  skipArpDetect: boolean;
  partial: boolean;
  setmode?: 'restart' | 'ignore';
  applyConfig?: string;
  readonly passwords: UserPassword[];
}

function takeControl(control: Control, name: string, value: string): void {
  if (name === 'save') control.save = true;
  else if (name === 'force') control.force = true;
  else if (name === 'force-save') control.force = control.save = true;
  else if (name === 'partial') control.partial = true;
  else if (name === 'reset_ub') control.resetUb = true;
  else if (name === 'skip_arpdetect') control.skipArpDetect = true;
  else if (name === 'offline' || name === 'offline-resize') control.offlineResize = true;
  else if (name === 'applyconfig') control.applyConfig ??= value;
  else if (name === 'userpasswd') control.passwords.push(readUserPassword(value));
  else if (name === 'setmode') {
    if (value !== 'restart' && value !== 'ignore') throw badParameter(name, undefined, value);
    control.setmode = value;
  } else if (name === 'applyconfig_map' || name === 'applyconfig-map') {
    if (value !== 'name') throw badParameter(name, undefined, value);
    control.mapName = true;
  }
}

/** "-" stands for a line of standard input, once for all containers of a call. */
function typed({ user, password }: UserPassword): UserPassword {
  return password === '-' ? readUserPassword(`${user}:${secretLine(`New password for ${user}: `)}`) : { user, password };
}

export const set: Command = {
  help: 'change parameters of a running container, of its config, or both',
  synopsis: '[--PARAMETER VALUE]… [--save]',
  options: SET_OPTIONS,
  ownOptions: [PARTIAL],
  withoutConfig: true,
  changes: true,
  node: true,
  usageExit: 21,
  parse(args, engine, remark, sense = false) {
    const params = new ParamChanges(engine, remark, sense);
    const control: Control = {
      save: false,
      force: false,
      resetUb: false,
      offlineResize: false,
      mapName: false,
      skipArpDetect: false,
      partial: false,
      passwords: [],
    };
    const operands = scanOptions(args, [...SET_OPTIONS, ...(sense ? [PARTIAL] : []), ...SPELT, ...LETTERS], (option) => {
      const { name, short } = option.spec;
      if (name === '' && short === 'a') throw badParameter('', 'a', option.value);
      if (name === '') throw new CliExit(20, `Invalid option -${short}`);
      if (CONTROLS.has(name)) takeControl(control, name, option.value);
      else params.take(option);
    });
    const { partial, ...options } = control;
    let passwords: readonly UserPassword[] | undefined;
    const mix = sense && !partial ? { mix: 'refused' as const } : {};
    return {
      operands,
      async act({ engine: e, id, run }) {
        passwords ??= options.passwords.map(typed);
        return done(e.set(id, Object.fromEntries(params.changes), { ...options, ...mix, passwords, existing: sense }, run));
      },
    };
  },
};
