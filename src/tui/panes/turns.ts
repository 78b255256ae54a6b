// Who of the panes may parse, and how long, before keys, timers and frames have their turn: together as long as one alone might, and besides
// the one that has the keyboard. Knows no emulator.

export interface Parser {
  /** Parses for about so many milliseconds; false when nothing is left. */
  parse(milliseconds: number): boolean;
}

/** Milliseconds in one turn of the event loop: for the favourite, which has to get through all that it has said before it answers, and for all
 * others together. */
const FAVOURITES = 8;
const OTHERS = 4;
/** For so long after a key all others together have only so much of so long a time: they wait, and so do their senders, which leaves the CPU to who
 * has to answer it, and us with credit at the scheduler when the answer comes. */
const KEY_GLOW = 250;
const OTHERS_HURRIED = 2;
const HURRIED_SPAN = 30;

export class Turns {
  /** What has the keyboard: its answers to keys come through however much the others have to say. */
  favourite: Parser | null = null;
  #lastKey = Number.NEGATIVE_INFINITY;
  /** Those that have something left, the one whose turn is next first. */
  #waiting: Parser[] = [];
  #spent = 0;
  #spentByFavourite = 0;
  /** When the time of which `spent` is a part began. */
  #since = Number.NEGATIVE_INFINITY;
  #soon: NodeJS.Immediate | null = null;
  #later: NodeJS.Timeout | null = null;

  /** Somebody types into it. */
  typed(parser: Parser): void {
    this.favourite = parser;
    this.#lastKey = performance.now();
  }

  /** Parses at once as far as this turn allows. Answers whether something is left: then it comes again by itself, until `parse` says false. */
  begin(parser: Parser): boolean {
    if (this.#waiting.includes(parser)) return true;
    const left = this.#run(parser, FAVOURITES);
    if (left) this.#waiting.push(parser);
    this.#schedule();
    return left;
  }

  forget(parser: Parser): void {
    this.#waiting = this.#waiting.filter((other) => other !== parser);
    if (this.favourite === parser) this.favourite = null;
  }

  get #hurried(): boolean {
    return performance.now() - this.#lastKey < KEY_GLOW;
  }

  /** For all but the favourite together. */
  get #others(): number {
    return this.#hurried ? OTHERS_HURRIED : OTHERS;
  }

  #run(parser: Parser, most: number): boolean {
    const isFavourite = parser === this.favourite;
    const room = isFavourite ? FAVOURITES - this.#spentByFavourite : this.#others - this.#spent;
    if (room <= 0) return true;
    const began = performance.now();
    const left = parser.parse(Math.min(room, most));
    const took = performance.now() - began;
    if (isFavourite) this.#spentByFavourite += took;
    else this.#spent += took;
    return left;
  }

  /** The next turn: of the event loop, or, when those that wait have had their part, when they have one again. */
  #schedule(): void {
    if (this.#soon !== null) return;
    const rest =
      this.#hurried && this.#spentByFavourite === 0 && this.#spent >= this.#others ? this.#since + HURRIED_SPAN - performance.now() : 0;
    if (rest > 0) this.#later ??= setTimeout(() => this.#turn(), rest);
    else this.#soon = setImmediate(() => this.#turn());
  }

  #turn(): void {
    if (this.#soon !== null) clearImmediate(this.#soon);
    if (this.#later !== null) clearTimeout(this.#later);
    this.#soon = null;
    this.#later = null;
    const now = performance.now();
    this.#spentByFavourite = 0;
    if (!this.#hurried || now - this.#since >= HURRIED_SPAN) {
      this.#since = now;
      this.#spent = 0;
    }
    const all = this.#waiting;
    this.#waiting = [];
    const first = all.filter((parser) => parser === this.favourite);
    const others = all.filter((parser) => parser !== this.favourite);
    const unserved: Parser[] = [];
    for (const parser of [...first, ...others]) {
      const isOut = parser !== this.favourite && this.#spent >= this.#others;
      if (isOut) unserved.push(parser);
      else if (this.#run(parser, parser === this.favourite ? FAVOURITES : this.#others / others.length)) this.#waiting.push(parser);
    }
    // who had nothing of this turn begins the next one
    this.#waiting = [...unserved, ...this.#waiting];
    if (this.#waiting.length > 0) this.#schedule();
  }
}
