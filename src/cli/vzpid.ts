// vzpid: whose a process is. From pids of the node to containers, and from pids inside a container to those of the node.
import { type Engine, type NodeTools, type Owner, parseCtid } from '../engine/index.ts';
import { CliExit } from './command.ts';
import { allInput } from './stdin.ts';
import { HelpAsked, Misuse, type Tool } from './tool.ts';

const USAGE = `Usage: vzpid [-p] PID…|-
       vzpid [-p] -i CTID|NAME PID…|-

    -p    with the pid inside the container
    -i    PIDs are those inside this container
    -     PIDs come on standard input
`;

interface Asked {
  inner: boolean;
  inside: string | null;
  words: readonly string[];
}

function readWords(args: readonly string[]): Asked {
  if (args.length === 1 && args[0] === '-h') throw new HelpAsked();
  const rest = [...args];
  const asked: Asked = { inner: false, inside: null, words: [] };
  if (rest[0] === '-p') asked.inner = rest.shift() !== undefined;
  if (rest[0] === '-i') {
    rest.shift();
    asked.inside = rest.shift() ?? '';
  }
  if (rest.length === 0) throw new Misuse('');
  return { ...asked, words: rest };
}

/** Pids inside this container; null when they are the node's. */
function containerOf(engine: Engine, word: string | null): number | null {
  if (word === null) return null;
  const id = parseCtid(word) ?? engine.idOf(word);
  if (id === null) throw new CliExit(1, `CT ID ${word} is invalid.`);
  return id;
}

const finder =
  (tools: NodeTools, ct: number | null) =>
  (word: string): Owner | null => {
    if (!/^\d{1,9}$/.test(word)) return null;
    return ct === null ? tools.owner(Number(word)) : tools.insideOf(ct, Number(word));
  };

export const VZPID: Tool = {
  name: 'vzpid',
  help: 'whose a process is, by its pid on the node or (-i) inside a container',
  usage: USAGE,
  options: ['-p', '-i', '-h'],
  operands: 'none',
  async run(args, open) {
    const { inner, inside, words } = readWords(args);
    const engine = open();
    const find = finder(engine.tools(), containerOf(engine, inside));
    const asked = words.length === 1 && words[0] === '-' ? (await allInput()).split(/\s+/).filter((word) => word !== '') : words;
    const found = asked.map(find);
    process.stdout.write(`Pid\t${inner ? 'CT/Pid\t' : ''}CTID\tName\n`);
    for (const owner of found)
      if (owner) process.stdout.write(`${owner.pid}\t${inner ? `${owner.inner}\t` : ''}${owner.ct}\t${owner.name}\n`);
    return found.at(-1) ? 0 : 1;
  },
};
