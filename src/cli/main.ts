// The command line: which program am I, and off to it. Programs are loaded one at a time: start-up counts.

/** A reader that has gone away (`vzlist | head`) is no error of ours. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const [, , program = 'vzdeck', ...args] = process.argv;

async function run(): Promise<number> {
  if (program === 'vzctl') return (await import('./vzctl.ts')).vzctl(args);
  if (program === 'vzlist') return (await import('./vzlist.ts')).vzlist(args);
  return (await import('./vzdeck.ts')).vzdeck(args);
}

process.exitCode = await run();
