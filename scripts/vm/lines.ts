// Lines of text from a socket that may break at any moment, which is no error here: whoever waits learns of the machine's end elsewhere.
import type { Duplex } from 'node:stream';

export function onLine(port: Duplex, then: (line: string) => void): void {
  let rest = '';
  port.setEncoding('utf8').on('error', () => {});
  port.on('data', (text: string) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    lines.forEach(then);
  });
}
