import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  decodeFailure,
  decodeStarted,
  encodeAdopt,
  encodeEnter,
  encodeOps,
  encodeRules,
  encodeStart,
  encodeTree,
  encodeVisit,
  frame,
  REPLY,
  REQUEST,
  Writer,
} from '../../../src/engine/launcher/protocol.ts';
import type { StartPlan, VisitPlan } from '../../../src/engine/spec/op.ts';
import { LAUNCHER, requires } from '../requires.ts';
import { BareServer } from './bare-server.ts';
import { type Bed, descendants, makeBed } from './bed.ts';
import { chance, derange, garble } from './mutate.ts';

const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_121);
const sanitized = LAUNCHER.endsWith('asan');
/** Plans that are only read, and plans that are really started; a sanitized launcher is slower to fork. */
const READ = Number(process.env['FUZZ_READ'] ?? (sanitized ? 10_000 : 100_000));
const STARTED = Number(process.env['FUZZ_STARTED'] ?? 1000);

let bed: Bed;
beforeAll(() => {
  bed = makeBed();
});
afterAll(() => bed.down());

function valid(): { kind: number; plan: Uint8Array }[] {
  const start = bed.plan({
    ttys: [{}, {}],
    plan: { onExit: [['/bin/true', 'x']], onExitEnv: ['A=b'] },
  });
  const adopt = { ...start, pid: 1, startTime: 2n, inside: [{ op: 'ttyAt', tty: 1, path: '/dev/console' }] as const };
  const visit: VisitPlan = {
    pid: 1,
    startTime: 2n,
    prepare: [
      { op: 'cloneTree', slot: 1, path: '/tree', recursive: 1 },
      { op: 'seal', slot: 1 },
      { op: 'device', slot: 2, mode: 0o020600, device: 0x1_0000_0003n, uid: 0, gid: 0 },
    ],
    inside: [
      { op: 'cover', slot: 1, path: '/tmp/a/b' },
      { op: 'uncover', path: '/tmp/a', mount: 7, flags: 2 },
      { op: 'unlink', path: '/tmp/a' },
    ],
  };
  const enter = bed.enterPlan({ pid: 1, startTime: 2n }, 'exit', { typed: Buffer.from('typed') });
  return [
    { kind: REQUEST.start, plan: encodeStart(start) },
    { kind: REQUEST.adopt, plan: encodeAdopt(adopt) },
    { kind: REQUEST.ops, plan: encodeOps(start.prepare) },
    { kind: REQUEST.visit, plan: encodeVisit(visit) },
    { kind: REQUEST.rules, plan: encodeRules([{ init: { pid: 1, startTime: 1n }, group: '/sys' }], 5) },
    {
      kind: REQUEST.tree,
      plan: encodeTree('/tmp', [
        { op: 'write', path: 'a', data: Buffer.from('x'), mode: 1, uid: 2, gid: 3 },
        { op: 'symlink', target: 'a', path: 'b' },
        { op: 'list', path: 'a', max: 9 },
      ]),
    },
    { kind: 0, plan: encodeEnter(enter) },
  ];
}

/** A world of its own for plans that do whatever: own mounts, processes, network; a root of memory with nothing of the node but a console and a null device. */
function sandbox(dir: string): BareServer {
  mkdirSync(`${dir}/world`);
  copyFileSync(LAUNCHER, `${dir}/launcher`);
  chmodSync(`${dir}/launcher`, 0o700);
  writeFileSync(
    `${dir}/enter-world`,
    `set -e
mount --make-rprivate /
mount -t tmpfs none ${dir}/world
cd ${dir}/world
mkdir proc dev dev/pts old run root tree
mount -t proc proc proc
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
touch dev/null
mount --bind /dev/null dev/null
cp -a ${bed.tree}/. tree
cp ${dir}/launcher launcher
pivot_root . old
exec 4>&-
/tree/bin/busybox umount -l /old
exec /launcher serve
`,
  );
  return new BareServer('unshare', ['--mount', '--pid', '--fork', '--net', '--uts', '--ipc', 'sh', `${dir}/enter-world`]);
}

function inWorld(plan: StartPlan): StartPlan {
  const moved = (text: string) => (text === bed.tree ? '/tree' : text);
  return {
    ...plan,
    runDir: '/run',
    ttys: plan.ttys.map((tty) => ({ ...tty, log: '' })),
    prepare: plan.prepare
      .filter(({ op }) => op !== 'attach')
      .map((op) =>
        op.op === 'cloneTree'
          ? { ...op, slot: op.path.endsWith('/root') ? 2 : op.slot, path: op.path.endsWith('/root') ? '/tree' : moved(op.path) }
          : op,
      ),
    born: plan.born.filter(({ op }) => op !== 'notePid'),
  };
}

requires(
  'root',
  'launcher',
  'busybox',
)('a launcher that is fed nonsense', () => {
  test(`reads ${READ} broken plans and says of each what it is; none ends anything but itself`, { timeout: 600_000 }, async () => {
    const server = new BareServer(LAUNCHER, ['serve']);
    const pick = chance(SEED);
    const plans = valid();
    const verdicts = { fine: 0, refused: 0 };
    for (const { kind, plan } of plans) {
      const whole = await server.ask(REQUEST.check, new Writer().u8(kind).raw(plan).done());
      expect(whole.kind, `a whole plan of kind ${kind}`).toBe(REPLY.done);
    }
    const one = async (index: number) => {
      const { kind, plan } = plans[index % plans.length] ?? { kind: 0, plan: new Uint8Array() };
      const broken = garble(plan, pick);
      const reply = await server.ask(REQUEST.check, new Writer().u8(kind).raw(broken).done());
      if (reply.kind === REPLY.done) verdicts.fine++;
      else {
        const errno = reply.kind === REPLY.failed ? decodeFailure(reply.payload).errno : `server: ${server.dead}`;
        expect(errno, `seed ${SEED}, plan ${index}: ${broken.toString('hex')}`).toBe('EPROTO');
        verdicts.refused++;
      }
    };
    for (let index = 0; index < READ; index += 64)
      await Promise.all(Array.from({ length: Math.min(64, READ - index) }, (_, more) => one(index + more)));
    expect(verdicts.refused).toBeGreaterThan(READ / 2);
    expect(server.dead).toBeNull();
    await server.close();
  });

  test('does not survive a peer that does not speak its language, and no other peer notices', async () => {
    const pick = chance(SEED);
    for (let round = 0; round < 50; round++) {
      const server = new BareServer(LAUNCHER, ['serve']);
      const stream = Buffer.concat(
        valid().map(({ kind, plan }, id) => frame(id + 1, REQUEST.check, new Writer().u8(kind).raw(plan).done())),
      );
      server.write(garble(stream, pick));
      server.write(Buffer.alloc(64, 0xff));
      await server.close();
      expect(server.dead).toBe('exit 0, signal null');
    }
  });

  // The sanitizers' libraries are not in that world.
  test.skipIf(sanitized)(`starts ${STARTED} deranged plans and leaves no half-made container`, { timeout: 600_000 }, async () => {
    const dir = mkdtempSync('/tmp/vzdeck-fuzz-');
    const server = sandbox(dir);
    const pick = chance(SEED);
    const plan = inWorld(bed.plan({ init: 'exit 0' }));
    const first = await server.ask(REQUEST.start, encodeStart(plan));
    expect(first.kind, first.kind === REPLY.failed ? JSON.stringify(decodeFailure(first.payload)) : '').toBe(REPLY.done);
    const outcomes = { born: 1, failed: 0 };
    const quiet = async (what: string) => {
      // unshare has one child: the server, the first process of its world.
      const served = () => descendants(server.process.pid ?? 0).slice(1);
      await expect.poll(served, { interval: 2, message: what }).toEqual([]);
    };
    await quiet('the unbroken plan');
    for (let index = 0; index < STARTED && server.dead === null; index++) {
      const broken = index % 4 === 0 ? garble(encodeStart(plan), pick) : encodeStart(derange(plan, pick));
      const reply = await server.ask(REQUEST.start, broken);
      if (reply.kind === REPLY.done) {
        outcomes.born++;
        const { init } = decodeStarted(reply.payload);
        await server.ask(REQUEST.kill, new Writer().u32(init.pid).u64(init.startTime).u32(9).done());
      } else {
        outcomes.failed++;
        expect(decodeFailure(reply.payload).stage, `seed ${SEED}, plan ${index}`).not.toBe('launcher');
      }
      await quiet(`seed ${SEED}, plan ${index}: ${Buffer.from(broken).toString('hex')}`);
    }
    expect(server.dead).toBeNull();
    expect(outcomes.failed).toBeGreaterThan(STARTED / 10);
    expect(outcomes.born).toBeGreaterThan(STARTED / 10);
    await server.close();
    rmSync(dir, { recursive: true });
  });
});
