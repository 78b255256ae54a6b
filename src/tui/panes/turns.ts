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

export class Turns {
  /** What has the keyboard: its answers to keys come through however much the others have to say. */
  favourite: Parser | null = null;
  /** Those that have something left, the one whose turn is next first. */
  #waiting: Parser[] = [];
  #spent = 0;
  #spentByFavourite = 0;
  #scheduled = false;

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

  #run(parser: Parser, most: number): boolean {
    const isFavourite = parser === this.favourite;
    const room = isFavourite ? FAVOURITES - this.#spentByFavourite : OTHERS - this.#spent;
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
      const isOut = parser !== this.favourite && this.#spent >= OTHERS;
      if (isOut) unserved.push(parser);
      else if (this.#run(parser, parser === this.favourite ? FAVOURITES : OTHERS / others.length)) this.#waiting.push(parser);
    }
    // who had nothing of this turn begins the next one
    this.#waiting = [...unserved, ...this.#waiting];
    if (this.#waiting.length > 0) this.#schedule();
  }
}
