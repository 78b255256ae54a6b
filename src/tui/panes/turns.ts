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
/** The same for all others for so long after a key: they wait, and so do their senders, which leaves the CPU to who has to answer it. */
const OTHERS_HURRIED = 0.5;
const KEY_GLOW = 250;

export class Turns {
  /** What has the keyboard: its answers to keys come through however much the others have to say. */
  favourite: Parser | null = null;
  #lastKey = Number.NEGATIVE_INFINITY;
  /** Those that have something left, the one whose turn is next first. */
  #waiting: Parser[] = [];
  #spent = 0;
  #spentByFavourite = 0;
  #scheduled = false;

  /** Somebody types into it. */
  typed(parser: Parser): void {
    this.favourite = parser;
    this.#lastKey = performance.now();
  }

  /** Parses at once as far as this turn allows. Answers whether something is left: then it comes again by itself, until `parse` says false. */
  begin(parser: Parser): boolean {
    if (this.#waiting.includes(parser)) return true;
    this.#schedule();
    if (this.#run(parser, FAVOURITES)) this.#waiting.push(parser);
    return this.#waiting.includes(parser);
  }

  forget(parser: Parser): void {
    this.#waiting = this.#waiting.filter((other) => other !== parser);
    if (this.favourite === parser) this.favourite = null;
  }

  /** Of this turn, for all but the favourite. */
  get #others(): number {
    return performance.now() - this.#lastKey < KEY_GLOW ? OTHERS_HURRIED : OTHERS;
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

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#scheduled = false;
    this.#spent = 0;
    this.#spentByFavourite = 0;
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
