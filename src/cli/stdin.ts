// What comes on standard input: all of it, or line by line for questions. Knows nothing of what is asked.

export async function allInput(): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of process.stdin) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString('utf8');
}

/** Asks for one line after another; null when no more come. */
export interface Lines {
  next(): Promise<string | null>;
  close(): void;
}

export function inputLines(): Lines {
  const input = process.stdin[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let held = '';
  let ended = false;
  return {
    async next() {
      while (!held.includes('\n') && !ended) {
        const { value, done } = await input.next();
        if (done) ended = true;
        else held += value.toString();
      }
      if (held === '') return null;
      const end = held.includes('\n') ? held.indexOf('\n') : held.length;
      const line = held.slice(0, end);
      held = held.slice(end + 1);
      return line;
    },
    close: () => void process.stdin.destroy(),
  };
}
