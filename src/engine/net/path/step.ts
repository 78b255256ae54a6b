// What a packet meets on its way, as data, and the sentence that says where it ends.

import type { Thing } from '../thing.ts';
import type { Packet } from '../verdict/packet.ts';
import type { Ruleset } from '../verdict/ruleset.ts';

export interface Step {
  /** "inside 101", "node", "outside"; harmless to draw. */
  readonly where: string;
  readonly says: string;
  /** false: the packet ends here. null: nobody can know. */
  readonly ok: boolean | null;
  readonly evidence: readonly string[];
  /** What helps where it ends; "" otherwise. */
  readonly remedy: string;
}

export interface NetPath {
  readonly from: string;
  readonly to: string;
  readonly steps: readonly Step[];
  /** One sentence: where it ends, why, what to do. */
  readonly ends: string;
  /** It arrives, as far as can be known; null: nobody can know. */
  readonly arrives: boolean | null;
  /** What a connection for real has met; null where none was asked for. */
  readonly probe: Probe | null;
}

export interface Probe {
  readonly says: string;
  /** Somebody has answered; null: nothing could be sent. */
  readonly reached: boolean | null;
}

/** A network namespace, asked by programs of the node. */
export interface Place {
  readonly where: string;
  /** What `ip -j` says to these words; for people, why it says nothing. */
  readonly ip: (...words: string[]) => Promise<{ readonly told: readonly unknown[]; readonly error: string }>;
  /** null where nft tells nothing that can be read. */
  readonly rules: () => Promise<Ruleset | null>;
  /** A file of /proc/net. */
  readonly table: (name: string) => string;
  /** A file of /proc/sys/net. */
  readonly says: (path: string) => string;
}

/** A container at one end of the way. */
export interface PathCt {
  readonly id: number;
  readonly things: readonly Thing[];
  readonly place: Place;
}

/** The way so far. Each stage adds its steps and says whether the packet goes on. */
export class Trail {
  readonly steps: Step[] = [];
  packet: Packet;
  constructor(packet: Packet) {
    this.packet = packet;
  }
  goes(where: string, says: string, evidence: readonly string[] = []): true {
    this.steps.push({ where, says, ok: true, evidence, remedy: '' });
    return true;
  }
  perhaps(where: string, says: string, evidence: readonly string[] = []): true {
    this.steps.push({ where, says, ok: null, evidence, remedy: '' });
    return true;
  }
  ends(where: string, says: string, remedy: string, evidence: readonly string[] = []): false {
    this.steps.push({ where, says, ok: false, evidence, remedy });
    return false;
  }
}

const placeWord = (where: string): string => (where === 'node' ? 'on the node' : where);

export function endOf(steps: readonly Step[]): Pick<NetPath, 'ends' | 'arrives'> {
  const end = steps.find(({ ok }) => ok === false);
  if (end !== undefined)
    return { arrives: false, ends: `The packet ends ${placeWord(end.where)}: ${end.says}${end.remedy === '' ? '' : `; ${end.remedy}`}.` };
  const last = steps.at(-1);
  const open = steps.filter(({ ok }) => ok === null);
  const arrival = last === undefined ? '' : `${placeWord(last.where)}: ${last.says}`;
  if (open.length === 0) return { arrives: true, ends: `The packet arrives ${arrival}.` };
  const unknown = open.map(({ where, says }) => `${placeWord(where)}, ${says}`).join('; ');
  return { arrives: null, ends: `Nothing that can be seen stops the packet (${arrival}); what cannot be known: ${unknown}.` };
}
