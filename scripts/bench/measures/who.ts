// How soon it is told who holds a beancounter, in a container with hundreds of processes and thousands of open files, and what the answer to why costs.
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { prefixEnv } from '../../throw-away.ts';
import { lone } from '../farm.ts';
import { figure } from '../figure.ts';
import { pause, timed } from '../processes.ts';
import { type Spread, spread } from '../statistics.ts';

const PROCESSES = 300;
const ROUNDS = 9;
/** Each has three descriptors from its shell, and opens seven more. */
const HOLDER = 'exec 3</etc/passwd 4</etc/group 5</dev/null 6</dev/null 7</etc/hosts 8</dev/null 9</dev/null; exec sleep 9999';

export const WHO = figure(
  'who',
  `Who holds a beancounter, of a container with ${PROCESSES} processes and ${PROCESSES * 10} open files`,
  {
    numproc: { says: 'processes', unit: 'ms', atMost: 200 },
    physpages: { says: 'memory', unit: 'ms', atMost: 200 },
    numfile: { says: 'open files', unit: 'ms', atMost: 200 },
    numothersock: { says: 'sockets', unit: 'ms', atMost: 200 },
    command: { says: 'vzdeck who 101 numfile, whole process', unit: 'ms' },
  },
  async (bench) => {
    const { engine, root, running, ids } = await bench.shared(lone);
    await running(1);
    const id = ids[0] ?? 0;
    await engine.set(id, { NUMPROC: String(PROCESSES * 2) }, { save: false });
    const nowhere = openSync('/dev/null', 'r+');
    const begin = `i=0; while [ $i -lt ${PROCESSES} ]; do (${HOLDER}) & i=$((i+1)); done`;
    await engine.exec(id, [begin], { shell: true, stdio: [nowhere, nowhere, nowhere] });
    await pause(1_000);
    const ask = async (name: string): Promise<Spread> => {
      const took: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const begun = performance.now();
        await engine.who(id, name);
        took.push(performance.now() - begun);
      }
      return spread(took);
    };
    const command: number[] = [];
    for (let round = 0; round < ROUNDS; round++)
      command.push((await timed(bench, join(bench.home, 'bin', 'vzdeck'), ['who', String(id), 'numfile'], { env: prefixEnv(root) })).wall);
    const found = {
      numproc: await ask('numproc'),
      physpages: await ask('physpages'),
      numfile: await ask('numfile'),
      numothersock: await ask('numothersock'),
      command: spread(command),
    };
    await running(0);
    return found;
  },
);
