// ESC . at the start of a line leaves the console; everything else goes through, an ESC that was not meant so as well. What the terminal
// itself sends, because a program asked it or wants to know of focus and mouse, is not typing: a line begins as before behind it.

const ESC = 0x1b;
const BEL = 0x07;
const DOT = 0x2e;
const BACKSLASH = 0x5c;
const CSI = 0x5b;
const NEWLINES = new Set([0x0a, 0x0d]);
/** ESC and one of these begin an answer that ends with BEL or ESC \. */
const STRINGS = new Set([0x50, 0x5d, 0x5f]);
/** Reports behind ESC [: their private prefix, or their last letter. No key sends either, but for F3 with a modifier. */
const REPORT = /^[<=>?]|[IORcnty]$/;
/** Longer ones are typed. */
const REPORT_MAX = 64;

/** Where in the stream of keys we are: ESC alone is held back. */
type State = 'keys' | 'escape' | 'csi' | 'string' | 'stringEscape';

export class DetachKeys {
  #lineStart = true;
  #state: State = 'keys';
  #csi = '';

  /** Bytes to pass on, and whether the user leaves; what follows the key is dropped. */
  take(bytes: Uint8Array): { readonly pass: Uint8Array; readonly detach: boolean } {
    const pass: number[] = [];
    for (const byte of bytes) {
      if (this.#state === 'escape') {
        if (byte === DOT) return { pass: Uint8Array.from(pass), detach: true };
        pass.push(ESC);
      }
      this.#step(byte);
      // A lone ESC at the end of a chunk may be the key ESC itself, which vi and less wait for: it is held only until the next byte.
      if (this.#state !== 'escape') pass.push(byte);
    }
    return { pass: Uint8Array.from(pass), detach: false };
  }

  #step(byte: number): void {
    if (this.#state === 'escape' && byte === CSI) {
      this.#state = 'csi';
      this.#csi = '';
    } else if (this.#state === 'escape' && STRINGS.has(byte)) this.#state = 'string';
    else if (this.#state === 'csi') this.#inCsi(byte);
    else if (this.#state === 'string' && byte === ESC) this.#state = 'stringEscape';
    else if (this.#state === 'string' && byte >= 0x20) return;
    else if ((this.#state === 'string' && byte === BEL) || (this.#state === 'stringEscape' && byte === BACKSLASH)) this.#state = 'keys';
    else if (this.#state === 'keys' && byte === ESC && this.#lineStart) this.#state = 'escape';
    else this.#typed(byte);
  }

  #inCsi(byte: number): void {
    this.#csi += String.fromCharCode(byte);
    if (byte < 0x20 || this.#csi.length > REPORT_MAX) this.#typed(byte);
    else if (byte >= 0x40) {
      if (REPORT.test(this.#csi)) this.#state = 'keys';
      else this.#typed(byte);
    }
  }

  #typed(byte: number): void {
    this.#state = 'keys';
    this.#lineStart = NEWLINES.has(byte);
  }
}
