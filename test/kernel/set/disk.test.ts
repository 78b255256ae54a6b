// Limits on input and output: on the disk behind a private area, here a loop device of the test's own; and who comes first where bfq divides it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { diskOf } from '../../../src/engine/cgroup/disk.ts';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';
import { until } from '../until.ts';
import { controlText, placeOf, versionOf } from './control-file.ts';

const IO = ['blkio', 'io'];
const MIB = 2 ** 20;

function run(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

requires(
  'root',
  'launcher',
  'busybox',
)('input and output', () => {
  let lab: Lab;
  let dir: string;
  let loop: string;
  let device: string;
  const queue = (): string => `/sys/block/${loop.slice('/dev/'.length)}/queue`;

  beforeAll(async () => {
    // not in /tmp, which may be in memory
    dir = mkdtempSync('/var/tmp/vzdeck-disk-');
    run('truncate', '-s', '512M', `${dir}/image`);
    run('mkfs.ext4', '-q', `${dir}/image`);
    loop = run('losetup', '-f', '--show', '--direct-io=on', `${dir}/image`);
    device = readFileSync(`/sys/block/${loop.slice('/dev/'.length)}/dev`, 'utf8').trim();
    mkdirSync(`${dir}/mnt`);
    run('mount', loop, `${dir}/mnt`);
    lab = openLab(`${dir}/mnt/prefix`);
    mkdirSync(lab.root);
    await lab.born(101);
    await lab.born(102);
  });
  afterAll(async () => {
    await lab.down();
    run('umount', `${dir}/mnt`);
    run('losetup', '-d', loop);
    rmSync(dir, { recursive: true });
  });

  test('the disk of a private area is the device that it is mounted from', () => {
    expect(diskOf(linuxFiles, '/proc', `${lab.root}/vz/private/101`)).toMatchObject({ device, name: loop.slice('/dev/'.length) });
    expect(diskOf(linuxFiles, '/proc', '/proc')).toBeNull();
  });

  test('limits stand in the kernel for that disk, and go again', async () => {
    const files = [
      { 1: 'blkio.throttle.read_bps_device', 2: 'io.max' },
      { 1: 'blkio.throttle.write_iops_device', 2: 'io.max' },
    ];
    lab.said();
    await lab.engine.set(101, { IOLIMIT: '10', IOPSLIMIT: '300' }, { save: false }, lab.run);
    expect(lab.said().filter((line) => line.startsWith('! Warning'))).toEqual([]);
    const texts = files.map((file) => controlText(lab, 101, IO, file));
    if (versionOf(lab, IO) === 1) expect(texts).toEqual([`${device} ${10 * MIB}`, `${device} 300`]);
    else expect(texts[0]).toBe(`${device} rbps=${10 * MIB} wbps=${10 * MIB} riops=300 wiops=300`);
    await lab.engine.set(101, { IOLIMIT: '0' }, { save: false });
    if (versionOf(lab, IO) === 2) expect(controlText(lab, 101, IO, files[0] ?? {})).toBe(`${device} rbps=max wbps=max riops=300 wiops=300`);
    await lab.engine.set(101, { IOPSLIMIT: '0' }, { save: false });
    expect(files.map((file) => controlText(lab, 101, IO, file))).toEqual(['', '']);
  });

  test('the same holds at a start with them', async () => {
    await lab.born(103, { IOLIMIT: '10' });
    expect(controlText(lab, 103, IO, { 1: 'blkio.throttle.read_bps_device', 2: 'io.max' })).toContain(String(10 * MIB));
    expect(readFileSync(`${placeOf(lab, 103, IO)?.dir}/cgroup.procs`, 'utf8') === '').toBe(versionOf(lab, IO) === 2);
  });

  test('ioprio where nothing divides the disk is told as that', async () => {
    writeFileSync(`${queue()}/scheduler`, 'none');
    lab.said();
    await lab.engine.set(101, { IOPRIO: '7' }, { save: false }, lab.run);
    expect(lab.said().join('\n')).toMatch(
      /nothing acts on ioprio here: disk loop\d+ is scheduled by \S+, which knows no weights; try: echo bfq >/,
    );
  });

  const have = (program: string): boolean => spawnSync('sh', ['-c', program]).status === 0;
  /** What divides a disk by weights: whether it is here, how it is switched on for the loop device, and the file of a weight. */
  const dividers = [
    {
      name: 'bfq',
      there: have('modprobe -q bfq 2>/dev/null; grep -qw bfq /sys/block/*/queue/scheduler'),
      on: () => {
        writeFileSync(`${queue()}/scheduler`, 'bfq');
        // what it favours for being short hides the weights, and so does a writer that is asleep for a moment between two of its requests
        writeFileSync(`${queue()}/iosched/low_latency`, '0');
        writeFileSync(`${queue()}/iosched/strict_guarantees`, '1');
      },
      weight: { 1: 'blkio.bfq.weight', 2: 'io.bfq.weight' },
    },
    {
      name: 'io.cost',
      there: have('test -w /sys/fs/cgroup/io.cost.qos') && process.env['VZDECK_DISPOSABLE'] === '1',
      on: () => {
        writeFileSync(`${queue()}/scheduler`, 'none');
        // a disk of so many bytes a second, that neither looks faster nor slower than it says: what is measured is who gets them
        const rates = ['r', 'w'].map((way) => `${way}bps=${32 * MIB} ${way}seqiops=10000 ${way}randiops=10000`).join(' ');
        writeFileSync('/sys/fs/cgroup/io.cost.model', `${device} ctrl=user model=linear ${rates}`);
        writeFileSync('/sys/fs/cgroup/io.cost.qos', `${device} enable=1 ctrl=user rpct=0 wpct=0 min=100 max=100`);
      },
      weight: { 2: 'io.weight' },
    },
  ];

  describe.each(dividers)('two that write at once, divided by $name', ({ there, on, weight }) => {
    const written = (id: number): number => {
      const text = controlText(lab, id, IO, { 1: 'blkio.throttle.io_service_bytes', 2: 'io.stat' }) ?? '';
      const line = text.split('\n').filter((l) => l.startsWith(`${device} `));
      return Number(/(?:Write |wbytes=)(\d+)/.exec(line.join('\n'))?.[1] ?? 0);
    };

    test.skipIf(!there)(`follow their ioprio${there ? '' : ' (skipped: needs a disk that this divides)'}`, async () => {
      on();
      const priorities = async (one: string, two: string): Promise<void> => {
        await lab.engine.set(101, { IOPRIO: one }, { save: false });
        await lab.engine.set(102, { IOPRIO: two }, { save: false });
      };
      /** How much more the first one writes. */
      const ratio = async (): Promise<number> => {
        const [one, two] = [written(101), written(102)];
        await until(() => written(101) > one && written(102) > two && written(101) - one + written(102) - two > 192 * MIB);
        return (written(101) - one) / (written(102) - two);
      };
      await priorities('7', '0');
      expect([101, 102].map((id) => /\d+/.exec(controlText(lab, id, IO, weight) ?? '')?.[0])).toEqual(['160', '20']);
      for (const id of [101, 102])
        for (const n of [1, 2, 3, 4])
          await lab.inside(
            id,
            `(while :; do dd if=/dev/zero of=/w${n} bs=256k count=64 oflag=direct conv=notrunc; done) >/dev/null 2>&1 & echo $! >>/writing`,
          );
      const before = await ratio();
      await priorities('0', '7');
      // a group that always has something to write gets its new weight when the disk turns to it anew
      let after = await ratio();
      for (let n = 0; n < 5 && before / after <= 1.5; n++) after = await ratio();
      for (const id of [101, 102]) await lab.inside(id, 'kill -9 $(cat /writing); killall -9 dd; rm /writing');
      // 64 were it the disk alone that both wait for; on a slow machine they also wait for the CPU
      expect(before / after).toBeGreaterThan(1.5);
    });
  });
});
