// Bytes of a container on their way to somebody's real terminal. Drawing passes; what would steer the terminal outside of its window, or
// make it type for the container, does not: clipboard, titles, questions, printing, programmed keys. Works on a stream, in any pieces.

const ESC = 0x1b;
const BEL = 0x07;
const ENQ = 0x05;
/** CAN and SUB break a sequence off. */
const CANCELS = new Set([0x18, 0x1a]);
/** Longer sequences draw nothing; an OSC may carry a hyperlink. */
const CSI_MAX = 128;
const STRING_MAX = 4096;

/** OSC numbers that only draw: palette and colours, hyperlinks, prompt marks. */
const OSC_DRAWS = new Set('4 8 10 11 12 17 19 104 110 111 112 117 119 133'.split(' '));
/**
 * CSI sequences that only draw, or set how keys are sent (ECMA-48; xterm's control sequences). What is not here asks (where the cursor is,
 * who the terminal is, a mode, a checksum of the screen, titles and sizes of windows), prints, or is unknown.
 */
const CSI_DRAWS = [
  /^[\d;:]*[@-HJ-MPSTXZ`abdefghlmrsu]$/,
  /^\?[\d;]*[hlrsJKW]$/,
  /^[<=>][\d;:]*[mu]$/,
  // Up to 10 windows are moved and sized, from 24 on so many lines are shown; in between are the questions.
  /^([1-9]|10|2[4-9]|[3-9]\d|[1-9]\d\d)(;\d*)*t$/,
  /^[\d;]*( [@Aq]|!p|"q|\$[rtvxz{]|'[}~]|\*x|#[{}PQpq])$/,
];

type State = 'ground' | 'escape' | 'csi' | 'string' | 'stringEscape';

/** After ESC: these begin strings that end with ST. */
const STRINGS: Readonly<Record<number, 'osc' | 'other'>> = { 93: 'osc', 80: 'other', 88: 'other', 94: 'other', 95: 'other' };

const text = (bytes: readonly number[]): string => String.fromCharCode(...bytes);

const csiPasses = (body: string): boolean => CSI_DRAWS.some((draws) => draws.test(body));

function oscPasses(body: string): boolean {
  const [number = ''] = body.split(';', 1);
  return OSC_DRAWS.has(number) && !body.includes('?');
}

export class TerminalGuard {
  #state: State = 'ground';
  #held: number[] = [];
  #kind: 'osc' | 'other' = 'other';
  /** Bytes of a UTF-8 character that are still to come; its lead byte. */
  #tail = 0;
  #lead = 0;

  /** What of these bytes may be shown now. */
  filter(bytes: Uint8Array): Uint8Array {
    const out: number[] = [];
    for (const byte of bytes) this.#take(byte, out);
    return Uint8Array.from(out);
  }

  #take(byte: number, out: number[]): void {
    const within = this.#state === 'escape' || this.#state === 'csi';
    // Terminals obey a control character in the middle of a sequence and go on with the sequence, but for those that end it.
    if (within && byte < 0x20 && byte !== ESC) {
      if (CANCELS.has(byte)) this.#begin('ground', []);
      else if (byte !== ENQ) out.push(byte);
    } else if (within && byte >= 0x80) {
      this.#begin('ground', []);
      this.#ground(byte, out);
    } else if (this.#state === 'ground') this.#ground(byte, out);
    else if (this.#state === 'escape') this.#escape(byte, out);
    else if (this.#state === 'csi') this.#csi(byte, out);
    else this.#string(byte, out);
  }

  #ground(byte: number, out: number[]): void {
    if (byte === ESC) this.#begin('escape', []);
    else if (byte < 0x80) {
      this.#tail = 0;
      if (byte !== ENQ) out.push(byte);
    } else this.#beyondAscii(byte, out);
  }

  /** Control characters of eight bits do what ESC and a letter do, so they do not pass, neither bare nor as UTF-8. */
  #beyondAscii(byte: number, out: number[]): void {
    if (byte >= 0xc0) {
      this.#tail = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
      this.#lead = byte;
      if (byte !== 0xc2) out.push(byte);
      return;
    }
    if (this.#tail === 0) {
      if (byte >= 0xa0) out.push(byte);
      return;
    }
    this.#tail--;
    if (this.#lead !== 0xc2) out.push(byte);
    else if (byte >= 0xa0) out.push(0xc2, byte);
  }

  #begin(state: State, held: number[]): void {
    this.#state = state;
    this.#held = held;
    this.#tail = 0;
  }

  #escape(byte: number, out: number[]): void {
    const string = STRINGS[byte];
    if (byte === 0x5b) this.#begin('csi', []);
    else if (string) {
      this.#kind = string;
      this.#begin('string', []);
    } else {
      // ESC Z asks who is there; an ESC within begins anew.
      this.#begin(byte === ESC ? 'escape' : 'ground', []);
      if (byte !== ESC && byte !== 0x5a) out.push(ESC, byte);
    }
  }

  #csi(byte: number, out: number[]): void {
    if (byte === ESC) {
      this.#begin('escape', []);
      return;
    }
    this.#held.push(byte);
    if (byte < 0x40 && this.#held.length < CSI_MAX) return;
    if (byte >= 0x40 && byte <= 0x7e && csiPasses(text(this.#held))) out.push(ESC, 0x5b, ...this.#held);
    this.#begin('ground', []);
  }

  #string(byte: number, out: number[]): void {
    if (this.#state === 'stringEscape' && byte !== 0x5c) {
      // Not the end after all: terminals drop the string and take this as a new sequence.
      this.#begin('escape', []);
      this.#take(byte, out);
      return;
    }
    if (byte === ESC) {
      this.#state = 'stringEscape';
      return;
    }
    const ended = this.#state === 'stringEscape' || byte === BEL;
    if (!ended) {
      if (this.#held.length < STRING_MAX) this.#held.push(byte);
      return;
    }
    if (this.#kind === 'osc' && this.#held.length < STRING_MAX && oscPasses(text(this.#held)))
      out.push(ESC, 0x5d, ...this.#held, ESC, 0x5c);
    this.#begin('ground', []);
  }
}
