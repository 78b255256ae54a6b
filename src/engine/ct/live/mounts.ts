// Bind mounts of a running container: brought in and taken out in its own mount namespace, with the rights of its root.
import { VzError } from '../../errors.ts';
import { bindTree } from '../../rootfs/bind-tree.ts';
import { MNT_DETACH } from '../../rootfs/flags.ts';
import { RANGE } from '../../spec/id-range.ts';
import type { Op } from '../../spec/op.ts';
import { type BindMount, parseBinds, printBinds } from '../../spec/params/mounts.ts';
import { type GivenBind, readGiven, writeGiven } from '../../store/given.ts';
import { readRecord } from '../../store/record.ts';
import { explainBind, lookAt } from '../bind-mounts.ts';
import { mountOf, mountsInside, tracesOf } from '../live-mounts.ts';
import type { LiveChange, LivePart, LiveStep, LiveTarget } from './part.ts';
import { visitInside } from './visit.ts';

const [USERNS, TREE] = [0, 1];
/** Covers that root inside puts on while we take off. */
const ROUNDS = 16;

function given({ context, config }: LiveTarget): readonly GivenBind[] {
  return readGiven(context.host, context.node, config.id).binds;
}

/** Those that are seen where they were put. */
function present(target: LiveTarget): readonly GivenBind[] {
  const table = mountsInside(target.context.host, target.init);
  return given(target).filter((bind) => mountOf(table, bind) !== null);
}

function note({ context, config }: LiveTarget, binds: readonly GivenBind[]): void {
  const { host, node } = context;
  writeGiven(host, node, config.id, { ...readGiven(host, node, config.id), binds });
}

async function bringIn(target: LiveTarget, wish: BindMount): Promise<void> {
  const { context, config } = target;
  const { host, node } = context;
  const base = readRecord(host, node, config.id)?.idBase;
  if (base === undefined) throw new VzError('not-running');
  const { bind, mapped, given: made } = await lookAt(context, wish);
  const map: readonly Op[] = mapped ? [{ op: 'userns', slot: USERNS, base, count: RANGE }] : [];
  const tree = bindTree(bind, TREE, mapped ? USERNS : null);
  await visitInside(target, [...map, ...tree], [{ op: 'cover', slot: TREE, path: wish.place }]).catch((error: unknown) => {
    throw explainBind(error, [wish, bind]);
  });
  note(target, [...given(target).filter(({ place }) => place !== made.place), made]);
}

/** Root inside may have covered or copied it: all of that goes, too. What is open stays open until it is closed. */
async function takeOut(target: LiveTarget, bind: GivenBind): Promise<void> {
  const { context, init } = target;
  const others = given(target).filter(({ place }) => place !== bind.place);
  const traces = () => tracesOf(mountsInside(context.host, init), bind, others);
  const uncover = (path: string, mount: number, flags: number): Promise<void> =>
    visitInside(target, [], [{ op: 'uncover', path, mount, flags }]);
  let busy = false;
  let trouble: unknown = null;
  for (let round = 0; round < ROUNDS; round++) {
    const there = traces();
    if (there.length === 0) break;
    for (const { path, id } of there) {
      try {
        await uncover(path, id, 0).catch(async (error: unknown) => {
          if (!(error instanceof VzError) || error.fields['errno'] !== 'EBUSY') throw error;
          busy = true;
          await uncover(path, id, MNT_DETACH);
        });
      } catch (error) {
        // gone meanwhile, or moved: the table tells with the next look; who makes us wait is not waited for again
        if (error instanceof VzError && error.code === 'system') throw error;
        trouble = error;
      }
    }
    if (context.host.planning) break;
  }
  const left = context.host.planning ? [] : traces();
  if (left.length > 0)
    throw new VzError(
      'system',
      { what: `Taking away ${bind.place} of container ${target.config.id}`, cause: `root inside puts it back (${trouble})` },
      trouble,
    );
  note(target, others);
  if (busy) context.report({ level: 0, text: `${bind.place} was in use: what is open there stays open until it is closed` });
}

function addStep(change: LiveChange, wish: BindMount): LiveStep {
  return {
    keys: ['BINDMOUNT'],
    what: `bindmount_add ${printBinds([wish])}`,
    apply: () => bringIn(change, wish),
    undo: async () => {
      const made = given(change).find(({ place }) => place === wish.place);
      if (made) await takeOut(change, made);
    },
  };
}

function removeStep(change: LiveChange, bind: GivenBind): LiveStep {
  return {
    keys: ['BINDMOUNT'],
    what: `bindmount_del ${bind.place}`,
    apply: () => takeOut(change, bind),
    undo: async () => {
      for (const wish of parseBinds(bind.item)) await bringIn(change, wish);
    },
  };
}

export const MOUNTS: LivePart = {
  keys: ['BINDMOUNT'],
  async plan(change) {
    const wanted = parseBinds(change.after.get('BINDMOUNT'));
    const texts = new Set(wanted.map((wish) => printBinds([wish])));
    const seen = new Set(present(change).map(({ item }) => item));
    // also what root inside has covered or moved away: it was given, and is to go
    const gone = given(change).filter(({ item }) => !texts.has(item));
    const come = wanted.filter((wish) => !seen.has(printBinds([wish])));
    for (const wish of come) await lookAt({ ...change.context, report: () => {} }, wish);
    return [...gone.map((bind) => removeStep(change, bind)), ...come.map((wish) => addStep(change, wish))];
  },
  wanted: ({ config }) => new Map([['BINDMOUNT', config.values.get('BINDMOUNT') ?? '']]),
  read: (target) =>
    new Map([
      [
        'BINDMOUNT',
        present(target)
          .map(({ item }) => item)
          .join(' '),
      ],
    ]),
};
