// The programs that count sockets outlive every process of ours, serve all containers of a prefix, go with the last one, and are nobody else's business.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { socketsPlace } from '../../../src/engine/account/bpf-sockets.ts';
import { openLauncher } from '../../../src/engine/launcher/client.ts';
import { assemble, exit, load, mov, place, when } from '../../../src/engine/spec/bpf/assemble.ts';
import { ATTACH, attach, loadProgram, PROGRAM } from '../../../src/engine/spec/bpf/call.ts';
import { HOME, type Lab, openLab } from '../lab.ts';
import { LAUNCHER, requires } from '../requires.ts';
import { countsOf, groupOf, type Inmate, openInmate, topologyOf } from './inmate.ts';

const suite = requires('root', 'launcher', 'busybox', 'cgroup2', 'x64');

const LIMITS = { NUMTCPSOCK: '20:20' } as const;
const ENOBUFS = '105';
const EPERM = '1';

suite('the programs that count sockets', () => {
  let lab: Lab;
  const inmates: Inmate[] = [];
  beforeAll(async () => {
    lab = openLab();
    lab.engine.bootstrap();
    for (const id of [101, 102]) await lab.engine.create(id, { ostemplate: 'busybox', values: LIMITS }, lab.run);
  });
  afterEach(async () => {
    for (const inmate of inmates.splice(0)) await inmate.killed();
    for (const ct of lab.engine.list()) if (ct.init) await stop(ct.id);
    expect([pins(), mounts()]).toEqual([[], []]);
  });
  afterAll(() => lab.down());

  const inmate = async (id: number, of = lab): Promise<Inmate> => {
    const made = await openInmate(of, id);
    inmates.push(made);
    return made;
  };
  const stop = (id: number, of = lab): Promise<void> => of.engine.stop(id, { fast: true });
  const pins = (of = lab): readonly string[] => {
    const dir = socketsPlace(of);
    return existsSync(dir) ? readdirSync(dir).sort() : [];
  };
  const version = (): string => pins().find((name) => /^v[0-9a-f]{8}$/.test(name)) ?? '';
  const mounts = (of = lab): readonly string[] =>
    readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes(`${of.root}/run`));
  /** The limit still bites, and what bites is counted. */
  const holds = async (id: number, who: Inmate): Promise<void> => {
    const before = countsOf(lab, id).numtcpsock.failcnt;
    expect(await who.do('dropped(); make(100, \\&tcp)')).toMatch(new RegExp(` ${ENOBUFS}$`));
    expect(countsOf(lab, id).numtcpsock).toMatchObject({ held: 20, failcnt: before + 1 });
    await who.do('dropped()');
  };

  test('are one set for all, and go with the last container', async () => {
    for (const id of [101, 102]) await lab.engine.start(id);
    expect(pins()).toEqual(['counts', 'limits', 'marks', version()]);
    expect(readFileSync(`${socketsPlace(lab)}/counts`, 'latin1').match(/^\d+: /gm)).toHaveLength(2);
    const two = await inmate(102);
    await stop(101);
    await holds(102, two);
    await two.killed();
    await stop(102);
    expect([pins(), mounts()]).toEqual([[], []]);
    await lab.engine.start(101);
    await holds(101, await inmate(101));
  });

  test('need no process of ours: neither a keeper nor a manager', async () => {
    await lab.engine.start(101);
    const one = await inmate(101);
    await one.do('tcp() for 1 .. 5; 0');
    const held = countsOf(lab, 101).numtcpsock.held;
    const env = { ...process.env, VZDECK_ROOT: lab.root };
    const watcher = spawn(`${HOME}/bin/vzdeck`, ['ubc', '--watch', '101'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise((resolve) => watcher.stdout.once('data', resolve));
    const keeper = Number(readFileSync(`${lab.root}/run/vzdeck/101/keeper`, 'utf8').split(' ')[0]);
    const gone = new Promise((resolve) => watcher.once('exit', resolve));
    process.kill(keeper, 'SIGKILL');
    watcher.kill('SIGKILL');
    lab.engine.close();
    await gone;
    expect(countsOf(lab, 101).numtcpsock.held).toBe(held);
    await holds(101, one);
    await lab.engine.set(101, { NUMTCPSOCK: '8:8' }, { save: false }, lab.run);
    expect(await one.do('make(100, \\&tcp)')).toMatch(new RegExp(`^${8 - held + 5} ${ENOBUFS}$`));
  });

  test('that a start which fails has put there are gone with it', async () => {
    const dies = { init: { files: ['/bin/false'], argv: ['false'] } } as object;
    await expect(lab.engine.start(101, dies, lab.run)).rejects.toThrow();
    expect([pins(), mounts()]).toEqual([[], []]);
  });

  describe('of a start, or an end, that was killed on its way', () => {
    const from = (name: string): string => `${socketsPlace(lab)}/${name}`;
    const empty = (dir: string): void => {
      for (const name of readdirSync(dir)) unlinkSync(`${dir}/${name}`);
      rmdirSync(dir);
    };
    test.each<[string, () => void]>([
      ['programs without their name', () => renameSync(from(version()), from('new'))],
      [
        'some of the programs',
        () => {
          renameSync(from(version()), from('new'));
          unlinkSync(from('new/create'));
        },
      ],
      ['maps alone', () => empty(from(version()))],
      ['programs that were to go', () => renameSync(from(version()), from('going'))],
      ['all programs but one', () => unlinkSync(from(`${version()}/create`))],
      ['all maps but one', () => unlinkSync(from('limits'))],
      [
        'nothing but the place',
        () => {
          empty(from(version()));
          empty(socketsPlace(lab));
        },
      ],
    ])('%s: the next start makes them whole, and the last end leaves nothing', async (_, leave) => {
      await lab.engine.start(101);
      leave();
      await lab.engine.start(102);
      expect(pins()).toEqual(['counts', 'limits', 'marks', version()]);
      await holds(102, await inmate(102));
    });
  });

  test.each(['simfs', 'overlay'])(
    'that cannot be put on its groups keep no container of layout %s from starting, and it says so',
    async (layout) => {
      await lab.engine.start(101);
      unlinkSync(`${socketsPlace(lab)}/limits`);
      mkdirSync(`${socketsPlace(lab)}/limits`);
      await lab.engine.create(103, { ostemplate: 'busybox', layout: layout as 'simfs', values: {} });
      lab.said();
      await lab.engine.start(103, {}, lab.run);
      expect(lab.said()).toContainEqual(expect.stringMatching(/^! Warning: no program in the kernel counts for it: .*bpf/));
      expect((await lab.inside(103, 'ls -d /proc/1 /etc/passwd')).out).toBe('/etc/passwd\n/proc/1\n');
      await stop(103);
      await lab.engine.destroy(103);
    },
  );

  test('keep no start and no stop waiting while somebody holds their lock and does not go on', async () => {
    const stuck = openLauncher(LAUNCHER);
    const { timeout } = AbortSignal;
    try {
      const lock = await stuck.lock(`${lab.root}/run/vzdeck/lock/bpf`, { wait: true });
      AbortSignal.timeout = (ms) => timeout.call(AbortSignal, ms / 50);
      lab.said();
      await lab.engine.start(101, {}, lab.run);
      expect(lab.said()).toContainEqual(expect.stringMatching(/^! Warning: Sockets are not counted: .*bpf has been held/));
      expect(lab.engine.find('101')?.state).toBe('running');
      await lab.engine.stop(101, { fast: true }, lab.run);
      expect(lab.said()).toContainEqual(expect.stringMatching(/^! Warning: Programs that count and refuse stay in the kernel: /));
      await lock?.release();
      AbortSignal.timeout = timeout;
      await lab.engine.start(101);
      await holds(101, await inmate(101));
    } finally {
      AbortSignal.timeout = timeout;
      stuck.close();
    }
  });

  test('of an older engine are replaced where they are: no count is lost, and nothing passes meanwhile', async () => {
    await lab.engine.start(101);
    const one = await inmate(101);
    await one.do('make(100, \\&tcp)');
    const before = countsOf(lab, 101).numtcpsock;
    const now = version();
    renameSync(`${socketsPlace(lab)}/${now}`, `${socketsPlace(lab)}/v0`);
    const said = one.do('my ($passed, $tries) = (0, 0); while ($tries++ < 20000) { eval { tcp(); $passed++ } } $passed');
    await lab.engine.start(102);
    expect(pins()).toEqual(['counts', 'limits', 'marks', now]);
    expect(await said).toBe('0');
    expect(countsOf(lab, 101).numtcpsock).toMatchObject({ held: before.held, failcnt: before.failcnt + 20_000 });
    await holds(101, one);
    await holds(102, await inmate(102));
  });

  test('of two prefixes do not meet', async () => {
    const other = openLab();
    try {
      await lab.engine.start(101);
      await other.born(101, LIMITS);
      const one = await inmate(101);
      const before = countsOf(other, 101).numtcpsock;
      await one.do('make(100, \\&tcp)');
      expect(countsOf(other, 101).numtcpsock).toEqual(before);
      await stop(101, other);
      expect(pins(other)).toEqual([]);
      await holds(101, one);
    } finally {
      await other.down();
    }
  });

  describe('and those of others on the same groups', () => {
    const launcher = openLauncher(LAUNCHER);
    afterAll(() => launcher.close());
    const RAW = 3;
    /** Refuses raw sockets, as somebody's own program might. */
    const foreign = assemble([load('r1', 'r1', 8, 4), mov('r0', 0), when('r1', 'eq', RAW, 'no'), mov('r0', 1), place('no'), exit]);
    const lay = (group: string): Promise<void> =>
      launcher.ops({
        ops: [
          { op: 'open', slot: 0, path: group },
          loadProgram(1, { type: PROGRAM.cgroupSocket, attach: ATTACH.socketCreate, name: 'foreign', license: 'MIT', code: foreign }),
          attach(1, 0, ATTACH.socketCreate),
        ],
      });
    const raw = 'make(1, sub { made(AF_INET, SOCK_RAW, IPPROTO_ICMP) })';

    test('above leave each other alone, also when the last container goes', async () => {
      await lab.engine.start(101);
      await lay(groupOf(lab, 101).replace(/\/101$/, ''));
      const one = await inmate(101);
      expect(await one.do(raw)).toBe(`0 ${EPERM}`);
      await holds(101, one);
      await one.killed();
      await stop(101);
      await lab.engine.start(101);
      const again = await inmate(101);
      expect(await again.do(raw)).toBe(`0 ${EPERM}`);
      await holds(101, again);
      expect(topologyOf(lab).top).not.toBe('/');
    });

    test('below: what they refuse is not charged', async () => {
      await lab.engine.start(101);
      await lay(`${groupOf(lab, 101)}/init`);
      const one = await inmate(101);
      for (let i = 0; i < 5; i++) expect(await one.do(raw)).toBe(`0 ${EPERM}`);
      expect(countsOf(lab, 101).numothersock.held).toBe(0);
      await holds(101, one);
    });
  });
});
