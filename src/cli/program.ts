// Which program am I, and off to it. Programs are loaded one at a time: start-up counts.
import { wholeWords } from './secrets.ts';
import { askToEnd } from './session.ts';
import { TOOLS } from './tools.ts';

async function run(): Promise<number> {
  const [, , program = 'vzdeck', ...words] = process.argv;
  const args = wholeWords(words);
  const tool = Object.hasOwn(TOOLS, program) ? TOOLS[program] : undefined;
  if (tool) return (await import('./tool.ts')).runTool(await tool(), args);
  if (program === 'vzlist') return (await import('./vzlist.ts')).vzlist(args);
  if (program === 'vzdeck') return (await import('./vzdeck.ts')).vzdeck(args);
  const { RETURNED, vzctl } = await import('./vzctl.ts');
  return program === RETURNED ? vzctl(args.slice(0, -1), args.at(-1)) : vzctl(args);
}

/** Loads all of them without asking anything of this process: what they look like then is kept (snapshot.ts). */
export const loadPrograms = (): Promise<unknown> =>
  Promise.all([
    ...Object.values(TOOLS).map((load) => load()),
    import('./tool.ts'),
    import('./vzlist.ts'),
    import('./vzdeck.ts'),
    import('./vzctl.ts'),
  ]);

/** What bin/ asks of glibc for this process, and for none that it starts. */
export const OWN_TUNABLES = 'glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=33554432:glibc.malloc.arena_max=1';

/** Output goes to a file that takes no more. Node writes to files at once, in this class, and does not say which one it was. */
const isOutputFull = ({ syscall, stack = '' }: NodeJS.ErrnoException): boolean => syscall === 'write' && stack.includes('SyncWriteStream');

let said = false;

/** Once: what is undone after that has its own lines, and none of them can be written either. */
function sayOutputFull({ message }: Error): void {
  if (said) return;
  said = true;
  try {
    process.stderr.write(`Output cannot be written: ${message.replace(/^\w+: |, write$/g, '')}\n`);
  } catch {
    // it is that very file
  }
}

/** Does what the command line of this process asks. */
export function runProgram(): void {
  if (process.env['GLIBC_TUNABLES'] === OWN_TUNABLES) delete process.env['GLIBC_TUNABLES'];
  // A reader that has gone away (`vzlist | head`) is no error of ours, and a full disk none of the verb's: it takes back what it has half done, as after Ctrl-C.
  // Not a listener on stdout: that would be 3 ms for the stream of a program that may print nothing.
  process.on('uncaughtException', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return askToEnd() ? undefined : process.exit(0);
    if (isOutputFull(error)) {
      sayOutputFull(error);
      // it may have been thrown where the verb’s own status would have come from
      process.exitCode = 1;
      return askToEnd() ? undefined : process.exit(1);
    }
    process.stderr.write(`${error.stack ?? error}\n`);
    process.exit(1);
  });
  run().then((code) => {
    process.exitCode = said ? code || 1 : code;
  });
  // all is written and nothing awaited any more: what node would do now is to take its heap apart, for milliseconds
  process.on('exit', () => process.exit());
}
