// The pictures: what each shows, how large, and the keys that lead there from the table of the demo. Data; takes nothing itself.
import type { TestTerm } from '../../test/tui/test-term.ts';

export interface Shot {
  readonly file: string;
  /** What people hear who cannot see it. */
  readonly title: string;
  readonly columns: number;
  readonly rows: number;
  /** From the table with its cursor on the first row. */
  readonly go: (term: TestTerm) => Promise<void>;
  /** Back there. */
  readonly back: (term: TestTerm) => Promise<void>;
}

const LEAVE = '\x1d';
const AT_FIRST = /▌101/;

async function home(term: TestTerm): Promise<void> {
  term.press('home');
  await term.waitFor(AT_FIRST);
}

async function comeBack(term: TestTerm): Promise<void> {
  term.press('escape');
  await term.waitFor('CTID');
  await home(term);
}

/** A shell in the container under the cursor, and what is typed there. */
async function shell(term: TestTerm, typed: string, shown: RegExp): Promise<void> {
  term.press('i');
  await term.waitFor('Ctrl-] leaves');
  await term.waitFor(/root@\S+:\/# /);
  term.type(`clear; ${typed}\r`);
  await term.waitFor(shown);
}

export const SHOTS: readonly Shot[] = [
  {
    file: 'docs/manager.svg',
    title: 'The manager: a table of containers with what they hold and may hold',
    columns: 108,
    rows: 20,
    go: home,
    back: home,
  },
  {
    file: 'docs/container.svg',
    title: 'A container: its limits and what it uses of them, the pressure it is under, what it is',
    columns: 92,
    rows: 21,
    async go(term) {
      term.press('down', 'down', 'down', 'enter');
      await term.waitFor('Waits');
    },
    back: comeBack,
  },
  {
    file: 'docs/beans.svg',
    title: 'Beancounters of a container: forks are refused at numproc, what that means, and the line of vzctl that would help',
    columns: 100,
    rows: 24,
    async go(term) {
      term.press('down', 'down', 'down', 'e');
      await term.waitFor('vzctl set 104');
    },
    back: comeBack,
  },
  {
    file: 'docs/why.svg',
    title: 'What goes wrong on the node and who is to blame, the worst first, with what each sentence is told by',
    columns: 100,
    rows: 22,
    async go(term) {
      term.type('W');
      await term.waitFor(/104 \(forks\): refused/);
    },
    back: comeBack,
  },
  {
    file: 'docs/panes.svg',
    title: 'Shells of two containers beside each other; the right one has the keyboard',
    columns: 128,
    rows: 22,
    async go(term) {
      await shell(term, 'tail -n 4 /etc/inittab', /respawn:\/etc\/load/);
      term.type(LEAVE);
      await term.waitFor('↵ type');
      term.press('escape');
      await term.waitFor('CTID');
      term.press('down');
      await term.waitFor(/▌102/);
      await shell(term, 'logger "disk is checked"; tail -n 3 /var/log/messages', /root: disk is checked/);
    },
    async back(term) {
      term.type(LEAVE);
      await term.waitFor('↵ type');
      await comeBack(term);
    },
  },
];
