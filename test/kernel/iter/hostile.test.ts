// A container that opens and locks more than a pass looks at blinds nobody but itself, and what is told of it says so.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MOST_DESCRIPTORS } from '../../../src/engine/spec/bpf/iterators.ts';
import { requires } from '../requires.ts';
import { IteratorLab, type Obedient } from './load.ts';

const suite = requires('root', 'launcher', 'x64');

/** Processes that share all that their parent has open. */
const FORKS = 7;
const OPENED = 16_000;

suite('a container with too much of it', () => {
  const lab = new IteratorLab();
  let hostile: Obedient;
  let other: Obedient;

  beforeAll(async () => {
    await lab.open();
    hostile = await (await lab.container(1))();
    other = await (await lab.container(2))();
    expect(await lab.make()).toBe(true);
  });
  afterAll(() => lab.close());

  const row = (name: string) => lab.readings(1, 2).map((rows) => rows[name]);

  test('descriptors: its files are at least so many, those of the others are all told', async () => {
    const [, before] = row('numfile');
    await hostile.do('my $most = pack("QQ", 20000, 20000); syscall(160, 7, $most) == 0 or die "setrlimit: $!"');
    await hostile.do(`for (1 .. ${OPENED}) { open my $f, "<", "/dev/null" or die "open: $!"; push @kept, $f }`);
    expect(row('numfile')[0]?.atLeast).toBeUndefined();
    await hostile.do(`our @forks = map { my $p = fork() // die; if (!$p) { POSIX::pause(); POSIX::_exit(0) } $p } 1 .. ${FORKS}`);
    await other.do('for (1 .. 50) { open my $f, "<", "/dev/null" or die; push @kept, $f }');
    const [its, theirs] = row('numfile');
    expect(its).toMatchObject({ atLeast: true });
    expect(its?.held).toBeGreaterThanOrEqual(OPENED);
    expect(its?.held).toBeLessThanOrEqual(MOST_DESCRIPTORS);
    expect(theirs?.held).toBe((before?.held ?? 0) + 50);
    expect(theirs?.atLeast).toBeUndefined();
    await hostile.do('kill 9, @forks; waitpid $_, 0 for @forks; @kept = ()');
    expect(row('numfile')[0]?.atLeast).toBeUndefined();
  });

  test('locks: the same', async () => {
    await hostile.do(`for (1 .. 300) { my $l = kept_file('${lab.dir}/many'); flock $l, LOCK_SH or die $! }`);
    await other.do(`our $l = kept_file('${lab.dir}/few'); flock $l, LOCK_EX or die $!`);
    const [its, theirs] = row('numflock');
    expect(its).toMatchObject({ atLeast: true });
    expect(its?.held).toBeGreaterThan(0);
    expect(theirs).toMatchObject({ held: 1 });
    expect(theirs?.atLeast).toBeUndefined();
    expect(row('numfile')[0]?.atLeast).toBeUndefined();
    await hostile.do('@kept = ()');
    await other.do('undef $l; @kept = ()');
    expect(row('numflock')).toMatchObject([{ held: 0 }, { held: 0 }]);
  });
});
