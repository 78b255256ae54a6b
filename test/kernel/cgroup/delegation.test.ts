import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requires } from '../requires.ts';
import { type Cell, type Inmate, Lab, OWNER, VIEWS } from './lab.ts';

const suite = requires('root', 'launcher', 'cgroup2');
const [, files] = VIEWS[0] ?? [];

suite('the container’s root in its delegated group', () => {
  if (!files) return;
  const lab = new Lab(files);
  let ct: Cell;
  let init: string;
  let shell: Inmate;

  /** What the container's root gets for a line of shell in `init`: yes, or what it says on stderr. */
  const tries = async (line: string): Promise<string> => {
    shell.say(`if e=$( (${line}) 2>&1 >/dev/null); then echo yes; else echo "$e"; fi`);
    return shell.line();
  };

  beforeAll(async () => {
    await lab.open();
    ct = await lab.cell(1, { numproc: 30 });
    init = ct.ct.births.init;
    shell = await ct.run('cd "$INIT"; exec sh', [
      'env',
      `INIT=${init}`,
      'setpriv',
      `--reuid=${OWNER}`,
      `--regid=${OWNER}`,
      '--clear-groups',
    ]);
  });
  afterAll(() => lab.close([1]));

  it('makes groups and moves its processes there', async () => {
    expect(await tries('mkdir -p a.service/b')).toBe('yes');
    expect(await tries('echo $$ >a.service/b/cgroup.procs')).toBe('yes');
    expect(lab.host.files.read(`${init}/a.service/b/cgroup.procs`)?.trim()).toBe(String(shell.child.pid));
  });

  it('hands on what it was given', async () => {
    const given = lab.host.files.read(`${init}/cgroup.controllers`)?.trim().split(' ').filter(Boolean) ?? [];
    expect(given).toEqual(['cpuset', 'cpu', 'io', 'memory', 'pids'].filter((c) => lab.topology.controllers.get(c)?.version === 2));
    for (const c of given) expect(await tries(`echo +${c} >cgroup.subtree_control`), c).toBe('yes');
    if (given.includes('pids')) expect(await tries('echo 5 >a.service/pids.max')).toBe('yes');
  });

  it('is entered from outside even when its group may hold no process', async () => {
    const newcomer = spawn('sleep', ['1000'], { stdio: 'ignore' });
    await lab.ops([{ op: 'mkdir', path: ct.ct.births.enter, mode: 0o755 }]);
    writeFileSync(`${ct.ct.births.enter}/cgroup.procs`, String(newcomer.pid));
    for (const join of ct.ct.joinEnter()) if (join.op === 'joinCgroup') writeFileSync(`${join.path}/cgroup.procs`, String(newcomer.pid));
    expect(files.read(`${init}/enter/cgroup.procs`)).toBe(`${newcomer.pid}\n`);
    // an inner systemd takes sessions over into groups of its own
    expect(await tries(`echo ${newcomer.pid} >a.service/b/cgroup.procs`)).toBe('yes');
    newcomer.kill('SIGKILL');
  });

  it.each([
    ['pids.max', 'echo max >pids.max'],
    ['memory.max', 'echo max >memory.max'],
    ['limits of the whole', 'echo max >../pids.max'],
    ['bounds on sub-groups', 'echo max >../cgroup.max.descendants'],
    ['freezing itself from above', 'echo 1 >../cgroup.freeze'],
    ['killing from above', 'echo 1 >../cgroup.kill'],
    ['controllers of the level above', 'echo -pids >../cgroup.subtree_control'],
    ['a group beside its own', 'mkdir ../beside'],
    ['leaving for the level above', 'echo $$ >../cgroup.procs'],
    ['leaving for the keepers', 'echo $$ >../../keepers/cgroup.procs'],
    ['removing its own group', 'rmdir ../init'],
  ])('is refused %s', async (_, line) => {
    expect(await tries(line)).toMatch(/Permission denied|Operation not permitted|nonexistent|Device or resource busy/);
  });

  it('may not build deeper or more than its bounds', async () => {
    expect(await tries(`mkdir -p ${Array.from({ length: 20 }, (_, i) => `d${i}`).join('/')}`)).toMatch(/Resource temporarily unavailable/);
    expect(await tries('mkdir $(seq -f g%g 1001)')).toMatch(/Resource temporarily unavailable/);
    const count = (files.read(`${init}/../cgroup.stat`) ?? '').match(/nr_descendants (\d+)/)?.[1];
    expect(count).toBe('1000');
  });

  it('is removed whole, with all that it built', async () => {
    await lab.ops([...ct.ct.kill(), ...ct.ct.remove()]);
    expect(files.stat(init)).toBeNull();
  });
});
