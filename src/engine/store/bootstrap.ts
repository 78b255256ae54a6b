// A node's first container: directories, vz.conf and samples, made where nothing is yet. The embedded template stays with the engine.
import type { Files, Host } from '../host/port.ts';
import type { NodeConfig } from './node-config.ts';
import { SAMPLES, VZ_CONF } from './samples.ts';

/** Trees with setuid files of containers lie below these: nobody but root may reach them. */
const SHUT = ['private', 'root', 'template', 'trash', 'dump', 'lock'];

/** Two first containers at once: whoever comes second finds the link. */
function linkOnce(files: Files, target: string, path: string): void {
  try {
    files.symlink(target, path);
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
  }
}

/**
 * Makes what a node without vz.conf lacks; a node that has one is left as it is. vz.conf comes last, so that a bootstrap that was
 * interrupted is gone on with.
 */
export function bootstrap({ files }: Pick<Host, 'files'>, node: NodeConfig): void {
  // Looked at now: a manager may have read the settings long before somebody else made them.
  if (files.lstat(node.vzConf)) return;
  const vz = node.shown('/vz');
  files.mkdir(node.shown('/var/lib/vz'));
  // Relative, so that a prefix may be moved.
  if (!files.lstat(vz)) linkOnce(files, 'var/lib/vz', vz);
  for (const name of SHUT) files.mkdir(`${vz}/${name}`, 0o700);
  for (const dir of [node.trashDir, node.dumpDir]) files.mkdir(dir, 0o700);
  files.mkdir(`${node.templateDir}/cache`, 0o700);
  for (const dir of [node.confDir, node.namesDir]) files.mkdir(dir);
  for (const [name, text] of SAMPLES) if (!files.lstat(node.sample(name))) files.write(node.sample(name), text);
  files.write(node.vzConf, VZ_CONF);
}
