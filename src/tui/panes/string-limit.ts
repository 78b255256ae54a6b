// Keeps strings of escape sequences (titles, links, images) short before the emulator sees them: it would keep megabytes of one that never ends.

const ESC = 0x1b;
const CAN = 0x18;
const SUB = 0x1a;
const BEL = 0x07;
/** First byte of C1 controls in UTF-8. */
const C1 = 0xc2;
/** What follows ESC and begins OSC, DCS, SOS, PM, APC; as C1 controls 0x40 more. */
const BEGINS: ReadonlySet<number> = new Set([...']PX^_'].map((letter) => letter.charCodeAt(0)));
const ST_C1 = 0x9c;

/** No title or link that is meant is longer. */
const LONGEST = 64 * 1024;

export class StringLimit {
  /** The last byte, where it may be the first of two. */
  #lead = 0;
  /** Bytes of the string so far, null outside of one. */
  #length: number | null = null;

  /** The bytes, less what a string has too much; it is ended by CAN then. They stay where they are: what comes is as much as it was, or less. */
  pass(bytes: Uint8Array): Uint8Array {
    if (this.#length === null && this.#lead === 0 && bytes.indexOf(ESC) < 0 && bytes.indexOf(C1) < 0) return bytes;
    let length = 0;
    for (const byte of bytes) {
      const drops = this.#length !== null && this.#length > LONGEST;
      this.#step(byte);
      if (this.#length === LONGEST) bytes[length++] = CAN;
      else if (!drops || this.#length === null) bytes[length++] = byte;
    }
    return bytes.subarray(0, length);
  }

  #step(byte: number): void {
    const lead = this.#lead;
    this.#lead = byte === ESC || byte === C1 ? byte : 0;
    if (this.#length !== null) {
      this.#length++;
      const ends = byte === ESC || byte === BEL || byte === CAN || byte === SUB || (lead === C1 && byte === ST_C1);
      if (ends) this.#length = null;
    } else if (BEGINS.has(lead === ESC ? byte : lead === C1 ? byte - 0x40 : 0)) this.#length = 0;
  }
}
