// The parameters of one container seen whole: what its files say, what holds by them, what the running container has and uses, and what
// becomes of a change. Changes nothing.
import type { RowReading, RowReadings } from '../account/row-source.ts';
import { VzError } from '../errors.ts';
import { type Badge, badgeOf, nobody } from '../spec/params/enforcer.ts';
import type { Values } from '../spec/params/read.ts';
import { PARAMS, type Section, sectionOf } from '../spec/params/table.ts';
import type { Enforcer, Param } from '../spec/params/types.ts';
import { derivedUbc } from '../spec/ubc.ts';
import type { CtLedger } from '../spec/ubc-ledger.ts';
import { readRecord } from '../store/record.ts';
import { readCt } from '../store/registry.ts';
import type { LivePart } from './live/part.ts';
import { PARTS } from './live/parts.ts';
import { liveState, viewNode } from './state.ts';
import type { VerbContext } from './verb.ts';

/** What is used of a parameter, in its unit. */
export interface Counted {
  readonly held: number;
  readonly maxheld: number;
  readonly failcnt: number;
}

export interface CtParameter {
  readonly key: string;
  readonly param: Param;
  readonly section: Section;
  /** Canonical, as the container's own file has it; null where that says nothing. */
  readonly own: string | null;
  /** What holds by the files: its own value, else that of vz.conf; null where both say nothing. */
  readonly file: string | null;
  /** What holds where no file says anything, as a config would say it; null where nothing does. */
  readonly derived: string | null;
  /** What the running container has, as a config would say it; null where nobody tells, or nothing runs. */
  readonly live: string | null;
  /** What is used of it, in the parameter's unit; null where nobody counts, or nothing runs. */
  readonly held: Counted | null;
  readonly badge: Badge;
  /** Who holds this container to it: by the table, or nobody, where nothing of this node does. */
  readonly enforcer: Enforcer;
  /** The running container has something else than the files lead to. With badge restart its next start takes over what they say. */
  readonly drift: boolean;
}

const NOTHING: Values = new Map();

function heldOf({ held, maxheld = held, failcnt = 0 }: RowReading = {}): Counted | null {
  return held === undefined || maxheld === undefined ? null : { held, maxheld, failcnt };
}

/** What an account says of the present life; null where nothing runs. */
export const countedIn = ({ running, rows }: CtLedger): RowReadings | null =>
  running
    ? Object.fromEntries(
        rows.flatMap(({ name, held, maxheld, lifeFailcnt, source }) =>
          source === 'none' ? [] : [[name, { held, maxheld, failcnt: lifeFailcnt }]],
        ),
      )
    : null;

/** What parts tell; one that cannot is left out, so that a wrong value hides no other. */
async function told(tell: (part: LivePart) => Values | Promise<Values> | undefined): Promise<Values> {
  const values = new Map<string, string>();
  for (const part of PARTS) {
    try {
      for (const [key, value] of (await tell(part)) ?? NOTHING) values.set(key, value);
    } catch (error) {
      if (!(error instanceof VzError)) throw error;
    }
  }
  return values;
}

/**
 * All parameters, in the order of the table. `counted`: rows of a running container's account. `quick`: what only programs or
 * files inside tell is left out.
 */
export async function ctParameters(
  context: VerbContext,
  id: number,
  counted: RowReadings | null,
  quick = false,
): Promise<readonly CtParameter[]> {
  const { host, node } = context;
  const config = readCt(host, node, id);
  const { init } = liveState(context, viewNode(host), { id, exists: config.exists, root: '' });
  const wanted = await told((part) => part.wanted?.({ context, config }));
  const derived = derivedUbc(config.values);
  const live = init === null ? NOTHING : await told((part) => (quick && part.slow ? undefined : part.read({ context, config, init })));
  const idle = init === null ? NOTHING : await told((part) => part.idle?.({ context, config, init }));
  const born = init === null ? undefined : readRecord(host, node, id)?.values;
  return PARAMS.map((param) => {
    const { key } = param;
    const why = idle.get(key);
    const enforcer = why === undefined ? param.enforcer : nobody(why);
    const badge = badgeOf({ ...param, enforcer });
    const file = config.values.get(key) ?? null;
    const now = live.get(key) ?? (badge === 'restart' ? born?.[key] : undefined) ?? null;
    const should = wanted.get(key) ?? file;
    const waits = badge === 'restart' && born !== undefined && now !== file;
    return {
      key,
      param,
      section: sectionOf(param),
      own: config.own.get(key) ?? null,
      file,
      derived: file === null ? (derived.get(key) ?? wanted.get(key) ?? null) : null,
      live: now,
      held: init === null ? null : heldOf(counted?.[key.toLowerCase()]),
      badge,
      enforcer,
      drift: live.has(key) ? should !== null && now !== should : waits,
    };
  });
}
