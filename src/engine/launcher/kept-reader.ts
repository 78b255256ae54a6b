// A child's output read into one buffer that is kept. Node's own streams read each piece into fresh memory, and one more after they were told to pause: of
// sixteen floods pieces wait long enough to get old, and the collector lets 64 MB of such memory come together before it looks.
import type { Socket } from 'node:net';

/** What the kernel is asked for at once. */
const ROOM = 64 * 1024;

/**
 * Takes over a stream of which nothing has been read yet, in the turn of the event loop in which its process was started; `stream` is of no use any more.
 * @param take gets all that comes. The bytes are its own until it returns; where it pauses the reader, until that one is resumed
 */
export function keptReader(stream: Socket, take: (bytes: Buffer) => void): Socket {
  // net.Socket takes a buffer (`onread`) only when it is made, and a child's streams are made by Node
  const given = stream as unknown as { _handle: object | null };
  const handle = given._handle;
  given._handle = null;
  stream.destroy();
  const buffer = Buffer.allocUnsafeSlow(ROOM);
  const callback = (length: number): boolean => {
    take(buffer.subarray(0, length));
    return true;
  };
  const Reader = stream.constructor as new (options: object) => Socket;
  return new Reader({ handle, onread: { buffer, callback } });
}
