// vzdeck lens: from anything of the node to its container, and back.
import { drawable, type Engine, type Lens } from '../../engine/index.ts';
import { CliExit } from '../command.ts';

/** Nobody has it. */
const NOBODY = 1;

function lensLines({ asked, meanings }: Lens): readonly string[] {
  if (meanings.length === 0) return [`Nothing of this node, nor of its containers, is ${asked}`];
  const width = Math.max(0, ...meanings.flatMap(({ facts }) => facts.map(([label]) => label.length)));
  return meanings.flatMap(({ says, facts }) => [says, ...facts.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`)]);
}

/** 1 where a word means nothing, else 0. */
export async function lens(engine: Engine, words: readonly string[], json: boolean): Promise<number> {
  if (words.length === 0)
    throw new CliExit(21, 'Whose is what? vzdeck lens takes a pid, port, address, MAC, link, cgroup, file, inode or container');
  if (words.some((word) => word.trim() === ''))
    throw new CliExit(
      21,
      'An empty word names nothing that vzdeck lens could look for; name a pid, port, address, MAC, link, cgroup, file, inode or container',
    );
  const found: Lens[] = [];
  for (const word of words) found.push(await engine.lens(word));
  if (json) process.stdout.write(`${JSON.stringify(found)}\n`);
  else for (const line of found.flatMap(lensLines)) process.stdout.write(`${drawable(line).replaceAll('\n', '?')}\n`);
  return found.some(({ meanings }) => meanings.length === 0) ? NOBODY : 0;
}
