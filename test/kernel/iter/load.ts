// A container that is nothing but its cgroups with a program in it that does what it is told, and the figures that the iterators tell of it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAccount } from '../../../src/engine/account/account.ts';
import { FILE_ROWS, TASK_ROWS } from '../../../src/engine/account/iterator-rows.ts';
import { findIterators, makeIterators } from '../../../src/engine/account/iterators.ts';
import type { RowReadings } from '../../../src/engine/account/row-source.ts';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import type { Host } from '../../../src/engine/host/port.ts';
import { dropBpfPlace } from '../../../src/engine/store/bpf-place.ts';
import { patience } from '../../../src/engine/watch/timer.ts';
import { Lab } from '../cgroup/lab.ts';

/** Perl says ok after each line of its own language, or what is wrong. Its constants of the kernel are those of x86-64. */
const OBEY = `
  use Socket; use Fcntl qw(:DEFAULT :flock); use POSIX ();
  $| = 1; our (@kept, @maps);
  sub map_pages { my $at = syscall(9, 0, 4096 * $_[0], 3, 0x22, -1, 0); die "mmap: $!" if $at == -1; push @maps, [$at, $_[0]]; $at }
  sub drop_maps { syscall(11, $_->[0], 4096 * $_->[1]) for @maps; @maps = () }
  sub kept_file { open my $f, '+>', $_[0] or die "open: $!"; push @kept, $f; $f }
  sub obey { print "ok\\n"; while (<STDIN>) { eval $_; print $@ ne '' ? "no $@" =~ s/\\n?$/\\n/r : "ok\\n" } }
  obey();
`;

export interface Obedient {
  readonly pid: number;
  /** Throws Error with Perl's words. */
  do(line: string): Promise<void>;
  end(): Promise<void>;
}

export type Figures = Readonly<Record<string, number>>;

export class IteratorLab {
  readonly lab = new Lab(linuxFiles);
  /** A prefix of its own, from `open` on. */
  dir = '';
  readonly #ids: number[] = [];

  get host(): Host {
    return { ...this.lab.host, root: this.dir };
  }

  async open(): Promise<void> {
    this.dir = mkdtempSync(join(tmpdir(), 'vzdeck-iter-'));
    await this.lab.open();
    this.record();
  }

  /** As if one of them had been started. */
  record(): void {
    mkdirSync(join(this.dir, 'run/vzdeck/1'), { recursive: true });
    writeFileSync(join(this.dir, 'run/vzdeck/1/record'), '');
  }

  async make(): Promise<boolean> {
    await makeIterators(this.host, this.lab.topology);
    return findIterators(this.host, this.lab.topology) !== null;
  }

  async container(id: number): Promise<() => Promise<Obedient>> {
    this.#ids.push(id);
    const cell = await this.lab.cell(id);
    return async () => {
      const inmate = await cell.run('exec perl -e "$OBEY"', ['env', `OBEY=${OBEY}`]);
      await inmate.line();
      return {
        pid: inmate.child.pid ?? 0,
        async do(line) {
          inmate.say(line);
          const said = await inmate.line();
          if (said !== 'ok') throw new Error(said);
        },
        async end() {
          inmate.child.stdin?.end();
          await inmate.ended;
        },
      };
    };
  }

  /** A look of somebody who has not looked before, so that no figure is an older one's. */
  figures(...ids: readonly number[]): readonly Figures[] {
    return this.readings(...ids).map((rows) => Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, row.held ?? -1])));
  }

  readings(...ids: readonly number[]): readonly RowReadings[] {
    const rows = [...TASK_ROWS.rows, ...FILE_ROWS.rows];
    const account = openAccount(this.host, this.lab.topology, rows, [TASK_ROWS, FILE_ROWS]);
    const seen = account.look(ids.map((id) => ({ id, init: { pid: 1, startTime: 1n } })));
    account.close();
    return ids.map((id) => seen.get(id)?.rows ?? {});
  }

  async close(): Promise<void> {
    await dropBpfPlace(this.host, patience, true);
    await this.lab.close(this.#ids);
    rmSync(this.dir, { recursive: true });
  }
}
