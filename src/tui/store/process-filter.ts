// The filter of processes: words of their command lines and all else that stands in their rows, and their columns compared with values.
import type { CtProcess } from '../../engine/index.ts';
import { type Asked, type Compared, type Filter, readFilterOf } from './filter-language.ts';
import { listingOf, placeOf } from './listing.ts';
import type { ManagerState } from './state.ts';
import type { Users } from './view-state.ts';

/** "www-data", "33", or "" for one that the container does not have. */
export function userOf({ ct, uid }: CtProcess, users: Users): string {
  return uid === null ? '' : (users.get(ct)?.get(uid) ?? String(uid));
}

const columnsOf = (users: Users): Readonly<Record<string, Compared<CtProcess>>> => ({
  ctid: { title: 'CTID', kind: 'count', value: ({ ct }) => ct },
  pid: { title: 'PID', kind: 'count', value: ({ pid }) => pid },
  inside: { title: 'INSIDE', kind: 'count', value: ({ inner }) => inner },
  user: { title: 'USER', kind: 'text', value: (process) => userOf(process, users) || null },
  s: { title: 'S', kind: 'text', value: ({ state }) => state },
  ni: { title: 'NI', kind: 'count', value: ({ nice }) => nice },
  cpu: { title: 'CPU', kind: 'percent', value: ({ cpu }) => cpu },
  mem: { title: 'MEM', kind: 'bytes', value: ({ memory }) => memory },
  time: { title: 'TIME', kind: 'seconds', value: ({ cpuTime }) => cpuTime },
  threads: { title: 'THREADS', kind: 'count', value: ({ threads }) => threads },
  age: { title: 'AGE', kind: 'seconds', value: ({ age }) => age },
});

/** Other words by which people call a column. */
const ALIASES: Readonly<Record<string, string>> = { ct: 'ctid', state: 's', nice: 'ni', memory: 'mem', uid: 'user' };

function askedOf(users: Users): Asked<CtProcess> {
  const columns = columnsOf(users);
  return {
    column: (word) => {
      const lower = word.toLowerCase();
      const id = ALIASES[lower] ?? lower;
      const column = Object.hasOwn(columns, id) ? columns[id] : undefined;
      return column === undefined ? null : { id, column };
    },
    text: (one) => `${one.ct} ${one.pid} ${one.inner ?? ''} ${userOf(one, users)} ${one.state} ${one.command}`.toLowerCase(),
    // "sshd: root@pts/0" and "--name=x" are what processes are called.
    unknown: () => '',
  };
}

export const readProcessFilter = (text: string, users: Users): Filter<CtProcess> => readFilterOf(text, askedOf(users));

const PROCESSES = /^(node-processes|container \d+ processes)$/;

/** What of the search of processes is not understood; "" on other lists. */
export function processFault(state: ManagerState): string {
  return PROCESSES.test(placeOf(state)) ? readProcessFilter(listingOf(state).find.text, state.users).fault : '';
}

/** For people: what can be typed, and what it means. */
export const PROCESS_EXAMPLES: readonly (readonly [text: string, meaning: string])[] = [
  ['101 httpd', 'both occur in its row'],
  ['user:root', 'the user inside is called so'],
  ['cpu>50', 'takes more than that of one CPU'],
  ['mem>=64M !sshd', 'holds so much, and is not called so'],
  ['s:D,Z', 'waits in the kernel, or is a zombie'],
  ['ctid:101-120', 'a range of containers'],
  ['age<5m', 'has begun since; s m h d'],
];
