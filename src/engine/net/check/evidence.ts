// What `vzdeck net check` judges: what was made of networks, by the records, beside what the kernel says now.
import type { Address } from '../../spec/ip.ts';
import type { InsideNow, VenetNow } from '../inside-now.ts';
import type { NodeLinks } from '../look.ts';
import type { Queues } from '../queues.ts';
import type { TableFamily } from '../sets.ts';
import type { Thing } from '../thing.ts';
import type { Ruleset } from '../verdict/ruleset.ts';

export interface NetCt {
  readonly id: number;
  /** What was made for it and stands; of one whose network is half changed, what was to stay. */
  readonly things: readonly Thing[];
  /** A change of it goes on, or was killed. */
  readonly half: boolean;
  /** By its config. */
  readonly addresses: readonly Address[];
  readonly runs: boolean;
}

/** Where the kernel would send a packet for an address of a container. */
export interface Way {
  readonly address: string;
  /** "" for none, with the kernel's own word. */
  readonly device: string;
  readonly says: string;
}

/** Somebody else on a link of the node who answers for an address of a container. */
export interface Claim {
  readonly address: string;
  readonly device: string;
  readonly mac: string;
}

export interface NetEvidence {
  /** Name of our tables. */
  readonly table: string;
  /** The one that we look at. */
  readonly namespace: string;
  /** The one that the networks of containers stand in; null where there are none. */
  readonly stands: string | null;
  readonly containers: readonly NetCt[];
  /** Families of our tables, and things that containers share. */
  readonly families: readonly TableFamily[];
  readonly shared: readonly Thing[];
  /** What we have switched below /proc/sys/net, and whether that is so. */
  readonly switched: readonly { readonly path: string; readonly value: string }[];
  /** null where nft does not tell. */
  readonly ruleset: Ruleset | null;
  readonly links: NodeLinks;
  /** Of containers that run, by CTID. `addresses`: null for more than anybody reads. */
  readonly inside: ReadonlyMap<number, InsideNow & { readonly addresses: ReadonlySet<string> | null }>;
  /** Of those that run and have one, by CTID. */
  readonly venets: ReadonlyMap<number, VenetNow>;
  /** Of links inside of those that run, by CTID; null for one that has nothing that is inside as a whole. */
  readonly numbers: ReadonlyMap<number, ReadonlySet<string> | null>;
  /** null where nothing of ours hangs on any, and where tc does not tell. */
  readonly queues: Queues | null;
  /** Addresses of the node, with their devices. */
  readonly own: readonly { readonly address: string; readonly device: string }[];
  readonly ways: readonly Way[];
  /** "ADDRESS DEVICE" of what the node answers for. */
  readonly proxies: ReadonlySet<string>;
  /** Of addresses that run here. */
  readonly claims: readonly Claim[];
  /** Of a file below /proc/sys/net; "" for one that is not there. */
  readonly says: (path: string) => string;
  /** Entries of the whole node, and how many there may be; null where nobody counts. */
  readonly connections: Fill | null;
  readonly neighbours: readonly Fill[];
  /**
   * Which addresses are to take the short way between containers, and which do; see ct/direct-way.ts. unseen: of the wanted those whose link shows its
   * packets to no program of ours.
   */
  readonly direct: { readonly wanted: ReadonlySet<string>; readonly now: ReadonlySet<string>; readonly unseen: ReadonlySet<string> };
  /** Tables of the iptables of old, whose rules nft does not see. */
  readonly legacy: readonly string[];
}

export interface Fill {
  readonly what: string;
  readonly held: number;
  readonly most: number;
  /** The file that bounds it. */
  readonly setting: string;
}

export interface NetFinding {
  /** Name of the rule that has found it. */
  readonly rule: string;
  /** Containers whom it concerns; [] for the node. */
  readonly cts: readonly number[];
  readonly object: string;
  readonly cause: string;
  /** A command line. */
  readonly remedy: string;
  readonly evidence: readonly string[];
}

/** A rule asks one question; it knows nothing of the others. */
export interface CheckRule {
  readonly name: string;
  /** Completes "nothing was found in …". */
  readonly looks: string;
  readonly find: (evidence: NetEvidence) => readonly Omit<NetFinding, 'rule'>[];
}
