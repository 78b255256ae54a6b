// A stream that passes on whole lines only, so that what several machines say at once does not run into each other.
import { Transform, type Writable } from 'node:stream';

/** What is not ended by a newline follows at the end, with one. `to` stays open. */
export function wholeLines(to: Writable): Writable {
  let rest = Buffer.alloc(0);
  const lines = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const all = Buffer.concat([rest, chunk]);
      const end = all.lastIndexOf(0x0a) + 1;
      rest = all.subarray(end);
      done(null, end > 0 ? all.subarray(0, end) : undefined);
    },
    flush(done) {
      done(null, rest.length > 0 ? Buffer.concat([rest, Buffer.from('\n')]) : undefined);
    },
  });
  lines.pipe(to, { end: false });
  return lines;
}
