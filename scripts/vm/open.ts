// npm run vm: a shell in a test machine of this project, or the command that is given: `npm run vm -- vzdeck` is the manager. What
// is done there is gone afterwards.
import { withTestMachines } from './use.ts';

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

const command = process.argv.slice(2);
const script = [
  `export TERM=${quoted(process.env['TERM'] ?? 'dumb')}`,
  command.length === 0 ? 'exec bash' : `exec ${command.map(quoted).join(' ')}`,
].join('\n');
const terminal = process.stdin.isTTY && process.stdout.isTTY;
process.exitCode = await withTestMachines({}, (run) => run({ script, limit: null }, { terminal }));
