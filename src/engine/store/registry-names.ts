// Names of containers: links NAME → config in one directory.
import { VzError } from '../errors.ts';
import type { Host } from '../host/port.ts';
import { strerror } from '../spec/errno.ts';
import type { NodeConfig } from './node-config.ts';

type Disk = Pick<Host, 'files'>;

/** Names that lead out of the directory, or are it. */
const NO_NAME = /^$|\/|\0/;

function linkedId({ files }: Disk, path: string): number | null {
  if (files.lstat(path)?.type !== 'link') return null;
  const match = /(?:^|\/)(\d+)\.conf$/.exec(files.readLink(path) ?? '');
  return match ? Number(match[1]) : null;
}

/** The container that the name's link leads to, whatever its config says; null when there is none. */
export function idOfName(disk: Disk, node: NodeConfig, name: string): number | null {
  return NO_NAME.test(name) ? null : linkedId(disk, `${node.namesDir}/${name}`);
}

/** NAME of a config, if the link of that name leads back to it; "" otherwise. */
export function verifiedName(disk: Disk, node: NodeConfig, id: number, name: string | undefined): string {
  return name !== undefined && idOfName(disk, node, name) === id ? name : '';
}

/**
 * Gives a container another name ("" takes it away). false: it had this name already.
 * Throws VzError 'name-conflict' when another container has it, 'name-link' when the link cannot be made.
 */
export function assignName(disk: Disk, node: NodeConfig, id: number, name: string, before: string | undefined): boolean {
  const { files } = disk;
  const owner = idOfName(disk, node, name);
  if (owner !== null && owner !== id) throw new VzError('name-conflict', { name, owner });
  if (owner === id && name === before) return false;
  if (name !== '') {
    const path = `${node.namesDir}/${name}`;
    try {
      files.mkdir(node.namesDir);
      if (owner === id) files.unlink(path);
      files.symlink(node.conf(id), path);
    } catch (error) {
      throw new VzError('name-link', { path, cause: strerror(error) }, error);
    }
  }
  if (before !== undefined && before !== name && idOfName(disk, node, before) === id) files.unlink(`${node.namesDir}/${before}`);
  return true;
}

/** Removes every name of a container. */
export function dropNames(disk: Disk, node: NodeConfig, id: number): void {
  for (const name of disk.files.list(node.namesDir) ?? []) {
    if (linkedId(disk, `${node.namesDir}/${name}`) === id) disk.files.unlink(`${node.namesDir}/${name}`);
  }
}
