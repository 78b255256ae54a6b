// A server that was started before the program that will ask it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LAUNCHER, requires } from '../requires.ts';

const SECRET = 'kept-to-itself';

/** What others could see of the server that stands beside the shell. */
const LOOK = `
server=
until [ "$server" ]; do
  for child in $(cat /proc/$$/task/$$/children); do
    [ "$(cat /proc/$child/comm 2>/dev/null)" = vzdeck-launcher ] && server=$child
  done
done
echo "cwd $(readlink /proc/$server/cwd)"
grep -q ${SECRET} /proc/$server/environ && echo "knows the environment"
for fd in /proc/$server/fd/*; do readlink $fd; done | grep ${tmpdir()} && echo "holds a file"
exit 0`;

const beside = (argv: readonly string[], options: Parameters<typeof spawnSync>[2] = {}) =>
  spawnSync(LAUNCHER, ['beside', ...argv], { encoding: 'utf8', env: { ...process.env, SECRET }, ...options });

const clientOf = (binary: string): string => `
  import { openLauncher } from ${JSON.stringify(new URL('../../../src/engine/launcher/client.ts', import.meta.url).href)};
  import { spawnSync } from 'node:child_process';
  const launcher = openLauncher(${JSON.stringify(binary)}, Number(process.env.VZDECK_SERVER));
  const lock = await launcher.lock(process.argv[1], { wait: false });
  const handed = spawnSync('readlink', ['/proc/self/fd/' + process.env.VZDECK_SERVER], { encoding: 'utf8' }).stdout;
  console.log(lock === null ? 'not locked' : 'locked', handed);
  launcher.close();
`;

requires('root', 'launcher')('a server beside', () => {
  test('answers the program that comes after it, and none of that one’s children has its descriptor', () => {
    const dir = mkdtempSync(join(tmpdir(), 'vzdeck-beside-'));
    try {
      const argv = [process.execPath, '--input-type=module', '-e', clientOf('/nowhere'), join(dir, 'lock')];
      expect(beside(argv)).toMatchObject({ status: 0, stdout: 'locked \n', stderr: expect.not.stringContaining('Error') });
      expect(existsSync(join(dir, 'lock'))).toBe(true);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  test('has nothing of the caller: neither its environment nor its folder nor its files', () => {
    const dir = mkdtempSync(join(tmpdir(), 'vzdeck-beside-'));
    try {
      const line = `exec 7>${dir}/open; exec ${LAUNCHER} beside sh -c '${LOOK}'`;
      const { stdout } = spawnSync('sh', ['-c', line], { encoding: 'utf8', cwd: dir, env: { ...process.env, SECRET } });
      expect(stdout).toBe('cwd /\n');
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  test('what cannot be run is told, with the status of a shell', () => {
    expect(beside(['/nowhere/program'])).toMatchObject({
      status: 127,
      stderr: '/nowhere/program cannot be run: No such file or directory\n',
    });
  });

  test('a program whose standard descriptors are closed runs without one', () => {
    const { stdout } = spawnSync('sh', ['-c', `${LAUNCHER} beside sh -c 'echo "server: $VZDECK_SERVER"' <&-`], { encoding: 'utf8' });
    expect(stdout).toBe('server: \n');
  });
});
