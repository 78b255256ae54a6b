// Sockets of a container's network as /proc/net/sockstat counts them, where nothing counts those of its group: sockets that are not bound yet
// are others, and one that was handed in from another network is not seen. Format: net/ipv4/proc.c.
import type { CounterFile } from '../host/port.ts';
import type { RowReadings, SourceKind } from './row-source.ts';

const number = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0);

export function socketsIn(sockstat: string, sockstat6: string): { readonly tcp: number; readonly other: number } {
  const tcp = number(sockstat, /^TCP: inuse (\d+)/m) + number(sockstat6, /^TCP6: inuse (\d+)/m);
  return { tcp, other: Math.max(0, number(sockstat, /^sockets: used (\d+)/m) - tcp) };
}

export const SOCKSTAT_ROWS: SourceKind = {
  rows: ['numtcpsock', 'numothersock'],
  every: 2_000,
  // the other end closes as well
  restless: true,
  otherwise: true,
  open({ files, proc }) {
    const open = new Map<number, readonly [CounterFile | null, CounterFile | null]>();
    const forget = (id: number): void => {
      for (const file of open.get(id) ?? []) file?.close();
      open.delete(id);
    };
    const read = (file: CounterFile | null): string => file?.read() ?? '';
    return {
      look: (containers) =>
        new Map(
          containers.flatMap(({ id, init }): [number, RowReadings][] => {
            const net = `${proc}/${init.pid}/net`;
            const files2 = open.get(id) ?? [files.openCounter(`${net}/sockstat`), files.openCounter(`${net}/sockstat6`)];
            open.set(id, files2);
            const text = read(files2[0]);
            if (text === '') return [];
            const { tcp, other } = socketsIn(text, read(files2[1]));
            return [
              [
                id,
                {
                  numtcpsock: { held: tcp, source: '/proc/net/sockstat' },
                  numothersock: { held: other, source: '/proc/net/sockstat' },
                },
              ],
            ];
          }),
        ),
      forget,
      close() {
        for (const id of [...open.keys()]) forget(id);
      },
    };
  },
};
