// Which containers a command line means: ids, names, ranges, shell patterns, --all.
import {
  type CtSummary,
  decide,
  type Engine,
  isCtid,
  isPattern,
  matchesPattern,
  parseCtid,
  parseRange,
  type Verb,
} from '../engine/index.ts';
import { CliExit } from './command.ts';

/** What a pattern is held against: the name, and the id as text. */
function matching(engine: Engine, pattern: string): readonly number[] {
  const ids = engine
    .list()
    .filter((ct) => matchesPattern(pattern, ct.name) || matchesPattern(pattern, String(ct.id)))
    .map((ct) => ct.id);
  if (ids.length === 0) throw new CliExit(21, `No container matches ${pattern}`);
  return ids;
}

function inRange(engine: Engine, word: string, range: readonly number[], fresh: boolean): readonly number[] {
  if (fresh) return range;
  const known = new Set(engine.list().map((ct) => ct.id));
  const ids = range.filter((id) => known.has(id));
  if (ids.length === 0) throw new CliExit(21, `There is no container in ${word}`);
  return ids;
}

function meantBy(engine: Engine, word: string, fresh: boolean): readonly number[] {
  const range = parseRange(word);
  if (range) return inRange(engine, word, range, fresh);
  if (!fresh && isPattern(word)) return matching(engine, word);
  const id = parseCtid(word) ?? (fresh ? null : engine.idOf(word));
  if (id === null || !isCtid(id) || id === 0) throw nothing(word, fresh);
  return [id];
}

/** A word that means nothing: a range that cannot be, or a word of nothing, as a script's empty variable leaves it, is told as one. */
function nothing(word: string, fresh: boolean): CliExit {
  if (word.trim() === '') return new CliExit(21, `An empty word names no container: it takes a CTID${fresh ? '' : ', a name'} or a range`);
  if (/^\d+-\d+$/.test(word)) return new CliExit(21, `${word} is no range: it goes up, from 1 on, and has 10,000 ids at most`);
  return new CliExit(21, fresh ? `${word} is no CTID` : `There is no container ${word}`);
}

/** Every container once, in the order in which they were named. `fresh`: ids that need not exist yet. Throws CliExit 21. */
export function selectContainers(engine: Engine, words: readonly string[], fresh = false): readonly number[] {
  return [...new Set(words.flatMap((word) => meantBy(engine, word, fresh)))];
}

/** Of those that are there: with a config, or running without one. Throws CliExit 21 for whatever else is named. */
export function knownContainers(engine: Engine, words: readonly string[]): readonly number[] {
  const ids = selectContainers(engine, words);
  const missing = ids.filter((id) => !engine.config(id).exists && engine.find(String(id)) === null);
  if (missing.length > 0) throw new CliExit(21, `There is no container ${missing.join(', ')}`);
  return ids;
}

/** With --all these verbs pass over containers for which there is nothing to do; the others tell their refusals. */
const PASSING: ReadonlySet<string> = new Set<Verb>(['start', 'stop', 'mount', 'umount', 'freeze', 'thaw']);

/** All containers that a verb with --all is for. */
export function allContainers(engine: Engine, verb: string): readonly number[] {
  const concerns = ({ id, state }: CtSummary): boolean =>
    !PASSING.has(verb) || 'steps' in decide(verb as Verb, state) || (verb === 'stop' && engine.unfinished(id));
  return engine
    .list()
    .filter(concerns)
    .map((ct) => ct.id);
}
