// What holds packets at links of the node, as tc(8) tells it: buckets of rates, where they are led to, and the block by which links show theirs to the program
// of the short way.
import type { Host } from '../host/port.ts';
import { OUR_FILTER } from '../spec/bpf/direct.ts';

export interface Queues {
  /** kbit/s of the token bucket at a link. */
  readonly buckets: ReadonlyMap<string, number>;
  /** Links that what comes in by another one is led through. */
  readonly steered: ReadonlySet<string>;
  /** Links whose packets our program sees. */
  readonly shown: ReadonlySet<string>;
}

interface ToldQdisc {
  readonly kind: string;
  readonly dev: string;
  readonly root?: boolean;
  readonly ingress_block?: number;
  /** rate: bytes a second. */
  readonly options?: { readonly rate?: number };
}

/** Of `tc -j qdisc show`, and of `tc filter show dev LINK ingress` of links one after the other. */
export function queuesIn(qdiscs: readonly ToldQdisc[], filters: string): Queues {
  const program = new RegExp(`^filter block (\\d+) .* bpf .*\\b${OUR_FILTER}\\b`, 'gm');
  const blocks = new Set([...filters.matchAll(program)].map(([, block]) => Number(block)));
  return {
    buckets: new Map(
      qdiscs.flatMap(({ kind, dev, root, options }) => (kind === 'tbf' && root ? [[dev, ((options?.rate ?? 0) * 8) / 1000]] : [])),
    ),
    steered: new Set([...filters.matchAll(/\(Egress Redirect to device (\S+)\)/g)].map(([, to]) => to ?? '')),
    shown: new Set(qdiscs.flatMap(({ dev, ingress_block: block }) => (block !== undefined && blocks.has(block) ? [dev] : []))),
  };
}

/**
 * @param links those whose way in is wanted
 * @param blocks those that may have our program
 * Null where tc is missing or tells nothing.
 */
export async function lookAtQueues(host: Pick<Host, 'run'>, links: readonly string[], blocks: readonly number[]): Promise<Queues | null> {
  try {
    const { status, stdout } = await host.run('tc', ['-j', 'qdisc', 'show'], { looks: true });
    if (status !== 0) return null;
    const qdiscs = JSON.parse(stdout || '[]') as readonly ToldQdisc[];
    // a link tells the number of its block with the filters, a block alone does not
    const sharing = blocks.flatMap((block) => qdiscs.find(({ ingress_block: of }) => of === block)?.dev ?? []);
    const told: string[] = [];
    // one of a link that is not there is no error
    await host.run('tc', ['-force', '-batch', '-'], {
      looks: true,
      input: [...links, ...sharing].map((link) => `filter show dev ${link} ingress\n`).join(''),
      onLine: (line, from) => void (from === 'out' && told.push(line)),
    });
    return queuesIn(qdiscs, told.join('\n'));
  } catch {
    return null;
  }
}
