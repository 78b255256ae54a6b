// Host name, name servers and time zone of a running container: in its files, the way of its distribution, in the kernel, and told to the program
// inside that keeps its resolver.
import { VzError } from '../../errors.ts';
import type { Values } from '../../spec/params/read.ts';
import { resolverOf, resolverTell } from '../../template/distro/resolver.ts';
import { zoneKnown, zoneOf } from '../../template/distro/zone.ts';
import { joinWithin } from '../enter.ts';
import { kernelName, setKernelName } from '../inside/kernel-name.ts';
import { type Looked, lookInside, NODE_ZONES, namesFor, namesOps, resolverFor } from '../inside/names.ts';
import { changeTree, withTree } from '../inside/tree.ts';
import { treeOf } from '../settings.ts';
import type { LiveChange, LivePart, LiveStep, LiveTarget } from './part.ts';

const KEYS = ['HOSTNAME', 'NAMESERVER', 'SEARCHDOMAIN', 'VZDECK_TIMEZONE'] as const;
/** What these are set by, beside themselves. */
const AROUND = ['IP_ADDRESS', 'OSTEMPLATE'];

const TELL_MS = 10_000;
/** Of the kernel: __NEW_UTS_LEN. */
const NAME_BYTES = 64;

/** Written into one file by some programs: whoever gives one of them keeps the other. */
const TOGETHER = ['NAMESERVER', 'SEARCHDOMAIN'];

/** Only what this call names is touched. */
function askedOf({ changed, after }: LiveChange): Values {
  const resolver = TOGETHER.some((key) => changed.has(key)) ? TOGETHER : [];
  const named = KEYS.filter((key) => changed.has(key));
  return new Map([...after].filter(([key]) => [...AROUND, ...resolver, ...named].includes(key)));
}

/** The program that keeps the resolver reads its files again; one that does not run does so with its next start. */
async function tell({ context, config, init }: LiveTarget, { seen }: Looked, asked: Values): Promise<void> {
  const argv = asked.has('NAMESERVER') || asked.has('SEARCHDOMAIN') ? resolverTell(seen) : null;
  if (argv === null) return;
  const outcome = await joinWithin(TELL_MS, context, config.id, init, { argv, stdio: ['ignore', 'ignore', 'ignore'] }).catch(() => null);
  if (outcome?.code !== 0)
    context.report({ level: -1, text: `Warning: ${argv.join(' ')} failed inside: its resolver is another one with the next start` });
}

function filesStep(change: LiveChange, asked: Values): LiveStep {
  const { context, config } = change;
  const settings = treeOf(context.host, context.node, config);
  let undo = async (): Promise<void> => {};
  return {
    keys: KEYS.filter((key) => asked.has(key)),
    what: KEYS.filter((key) => asked.has(key))
      .map((key) => `${WORDS[key]} ${asked.get(key)}`)
      .join(', '),
    apply: () =>
      withTree(context, settings, async (ask) => {
        const looked = await lookInside(context.host, context.node, ask, asked);
        const ops = namesOps(context.host, looked, namesFor(context.host, asked));
        const back = await changeTree(ask, config.id, ops, looked.seen);
        if (ops.length === 0) return;
        await tell(change, looked, asked);
        undo = async () => {
          await back();
          await tell(change, looked, asked);
        };
      }),
    undo: () => undo(),
  };
}
const WORDS = { HOSTNAME: 'hostname', NAMESERVER: 'nameserver', SEARCHDOMAIN: 'searchdomain', VZDECK_TIMEZONE: 'timezone' } as const;

function kernelStep({ context: { host }, init, before }: LiveChange, name: string): LiveStep {
  return {
    // told of with the files
    keys: [],
    what: `the kernel's hostname ${name}`,
    apply: () => setKernelName(host, init, name),
    undo: () => setKernelName(host, init, before.get('HOSTNAME') ?? ''),
  };
}

export const NAMES: LivePart = {
  keys: KEYS,
  slow: true,
  async plan(change) {
    const { context, config } = change;
    const { host, node } = context;
    const asked = askedOf(change);
    const { hostname, zone } = namesFor(host, asked);
    if (Buffer.byteLength(hostname) > NAME_BYTES)
      throw new VzError('bad-value', { key: '--hostname', value: hostname, hint: `at most ${NAME_BYTES} bytes` });
    if (zone !== '') {
      const { seen } = await withTree(context, treeOf(host, node, config), (ask) => lookInside(host, node, ask, asked));
      if (!zoneKnown(seen, zone) && host.files.stat(`${NODE_ZONES}/${zone}`)?.type !== 'file')
        throw new VzError('bad-value', { key: '--timezone', value: zone, hint: 'a time zone that the container or the node has data of' });
    }
    return [filesStep(change, asked), ...(hostname === '' ? [] : [kernelStep(change, hostname)])];
  },
  async read({ context, config, init }) {
    const { host, node } = context;
    const [looked, hostname] = await Promise.all([
      withTree(context, treeOf(host, node, config), (ask) => lookInside(host, node, ask, config.values)),
      kernelName(host, init),
    ]);
    const { servers, search } = resolverOf(looked.seen);
    const wanted = resolverFor(host.files, config.values);
    // what was inherited is told as that, not as another value
    const told = (key: string, list: readonly string[], wish: readonly string[]): readonly (readonly [string, string])[] => {
      const file = config.values.get(key);
      if (list.length === 0) return [];
      return [[key, file !== undefined && list.join(' ') === wish.join(' ') ? file : list.join(' ')]];
    };
    const zone = zoneOf(looked.seen);
    return new Map([
      ['HOSTNAME', hostname],
      ...told('NAMESERVER', servers, wanted.servers),
      ...told('SEARCHDOMAIN', search, wanted.search),
      ...(zone === null
        ? []
        : [
            [
              'VZDECK_TIMEZONE',
              config.values.get('VZDECK_TIMEZONE') === 'inherit' && zone === namesFor(host, config.values).zone ? 'inherit' : zone,
            ] as const,
          ]),
    ]);
  },
};
