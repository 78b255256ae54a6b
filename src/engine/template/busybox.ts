// The embedded template: one static busybox, a link per applet, and the files of busybox-files.ts. The same busybox gives the same bytes.
import { VzError } from '../errors.ts';
import type { Host } from '../host/port.ts';
import { DIRECTORIES, FILES, LINKS } from './busybox-files.ts';
import { END_MARK, encodeHeader, padding, type TarEntry } from './tar-header.ts';

/** Applets that would make scripts take this for a distribution with packages, or that only an initramfs has a use for. */
const WITHOUT = /^(linuxrc|bin\/(rpm|nuke|resume)|usr\/bin\/(dpkg|dpkg-deb|rpm2cpio)|sbin\/run-init)$/;

/** 2024-01-01, so that files are not older than what reads them believes possible. */
const MTIME = 1_704_067_200;

const USER = 1000;

const entry = (name: string, part: Partial<TarEntry> & Pick<TarEntry, 'kind' | 'mode'>): TarEntry => ({
  name,
  target: '',
  uid: name.startsWith('home/user') ? USER : 0,
  gid: name.startsWith('home/user') ? USER : 0,
  mtime: MTIME,
  size: 0,
  records: new Map(),
  ...part,
});

/** From the directory of an applet to /bin/busybox. */
const toBusybox = (path: string): string =>
  path.startsWith('bin/') ? 'busybox' : `${'../'.repeat(path.split('/').length - 1)}bin/busybox`;

/** The archive as plain tar. `applets`: paths as `busybox --list-full` prints them. */
export function busyboxArchive(busybox: Uint8Array, applets: readonly string[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const add = (head: TarEntry, content: Uint8Array = new Uint8Array(0)): void => {
    parts.push(encodeHeader(head), content, END_MARK.subarray(0, padding(content.length)));
  };
  for (const [path, mode] of DIRECTORIES) add(entry(path, { kind: 'dir', mode }));
  add(entry('bin/busybox', { kind: 'file', mode: 0o755, size: busybox.length }), busybox);
  for (const path of [...applets].filter((name) => name !== 'bin/busybox' && !WITHOUT.test(name)).sort()) {
    add(entry(path, { kind: 'symlink', mode: 0o777, target: toBusybox(path) }));
  }
  for (const [path, target] of LINKS) add(entry(path, { kind: 'symlink', mode: 0o777, target }));
  for (const { path, mode, text } of FILES) {
    const content = new TextEncoder().encode(text);
    add(entry(path, { kind: 'file', mode, size: content.length }), content);
  }
  parts.push(END_MARK);
  return Buffer.concat(parts);
}

/** Writes NAME.tar.zst from the node's static busybox. The file appears whole. Throws VzError 'template-build'. */
export async function makeBusyboxTemplate(host: Host, busybox: string, output: string): Promise<void> {
  const fail = (cause: string): VzError =>
    new VzError('template-build', { template: 'busybox', cause, remedy: 'Install the package busybox-static' });
  const binary = host.files.readBytes(busybox);
  if (binary === null) throw fail(`${busybox} is missing`);
  const list = await host.run(busybox, ['--list-full']);
  if (list.status !== 0) throw fail(`${busybox} --list-full ended with ${list.status}`);
  const temporary = `${output}.new`;
  const packed = await host.run('zstd', ['-q', '-19', '-f', '-o', temporary, '-'], {
    input: busyboxArchive(binary, list.stdout.split('\n').filter(Boolean)),
  });
  if (packed.status !== 0) throw fail(packed.stderr.trim());
  host.files.rename(temporary, output);
}
