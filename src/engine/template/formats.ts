// The archive formats of templates: how each is named, recognised, unpacked by which program, and how its expanded size is asked for.
import type { Host } from '../host/port.ts';

export interface Format {
  /** "" for plain tar. */
  readonly suffix: string;
  readonly magic: readonly number[];
  /** Program and arguments that write the plain tar to standard output; the file follows. */
  readonly expand: readonly [program: string, ...args: string[]];
  /** Command that tells sizes, and where the expanded size stands in what it prints; absent where only the archive's own size is known. */
  readonly size?: { readonly command: readonly [program: string, ...args: string[]]; readonly find: RegExp };
  /** Expanded size where nothing tells it: so many times the archive (vps-create's own factors). */
  readonly factor: number;
}

/** In the order in which a template of a name is looked for: that of vzctl, then ours. */
export const FORMATS: readonly Format[] = [
  { suffix: '', magic: [], expand: ['cat', '--'], factor: 1 },
  {
    suffix: '.gz',
    magic: [0x1f, 0x8b],
    expand: ['gzip', '-dc', '--'],
    // the third field; gzip keeps the size modulo 2³², which unpacking then finds out
    size: { command: ['gzip', '-l', '--'], find: /^\s*\d+\s+(\d+)\s/m },
    factor: 3,
  },
  { suffix: '.bz2', magic: [0x42, 0x5a, 0x68], expand: ['bzip2', '-dc', '--'], factor: 3 },
  {
    suffix: '.xz',
    magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
    // xz -9 needs 65 MiB; a header may ask for 4 GiB
    expand: ['xz', '-dc', '--memlimit-decompress=512MiB', '--'],
    size: { command: ['xz', '--robot', '-l', '--'], find: /^totals\t\d+\t\d+\t\d+\t(\d+)/m },
    factor: 4.7,
  },
  {
    suffix: '.zst',
    magic: [0x28, 0xb5, 0x2f, 0xfd],
    expand: ['zstd', '-dcq', '--'],
    size: { command: ['zstd', '-lv', '--'], find: /Decompressed Size:.*\((\d+) B\)/ },
    factor: 4,
  },
];

/** By the first bytes, as vps-create does: names lie. Everything unknown is taken for plain tar, and found out by the reader. */
export function formatOf(head: Uint8Array): Format {
  return FORMATS.find((format) => format.magic.length > 0 && format.magic.every((byte, i) => head[i] === byte)) ?? FORMATS[0]!;
}

/** Expanded size in bytes, as far as it can be known beforehand. */
export async function expandedSize(host: Host, format: Format, file: string, size: number): Promise<number> {
  if (format.size === undefined) return size * format.factor;
  const [program, ...args] = format.size.command;
  const { status, stdout } = await host.run(program, [...args, file]);
  const found = status === 0 ? format.size.find.exec(stdout)?.[1] : undefined;
  return found === undefined ? size * format.factor : Number(found);
}
