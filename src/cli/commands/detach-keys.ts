// ESC . at the start of a line leaves the console; everything else goes through, an ESC that was not meant so as well.

const ESC = 0x1b;
const DOT = 0x2e;
const NEWLINES = new Set([0x0a, 0x0d]);

export class DetachKeys {
  #lineStart = true;
  #escape = false;

  /** Bytes to pass on, and whether the user leaves; what follows the key is dropped. */
  take(bytes: Uint8Array): { readonly pass: Uint8Array; readonly detach: boolean } {
    const pass: number[] = [];
    for (const byte of bytes) {
      if (this.#escape) {
        this.#escape = false;
        if (byte === DOT) return { pass: Uint8Array.from(pass), detach: true };
        pass.push(ESC);
      } else if (byte === ESC && this.#lineStart) {
        this.#escape = true;
        continue;
      }
      pass.push(byte);
      this.#lineStart = NEWLINES.has(byte);
    }
    // A lone ESC at the end of a chunk may be the key ESC itself, which vi and less wait for: it is held only until the next byte.
    return { pass: Uint8Array.from(pass), detach: false };
  }
}
