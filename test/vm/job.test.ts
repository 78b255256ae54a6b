// How a job on a test machine can end, with a guest that is played by the test: no machine is started.
import { type Duplex, duplexPair, PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { beforeEach, describe, expect, test } from 'vitest';
import { ENDINGS, type Ends, type Job, runJob, TRIES } from '../../scripts/vm/job.ts';
import { onLine } from '../../scripts/vm/lines.ts';
import type { Guest, Port } from '../../scripts/vm/machine.ts';

const PORTS: readonly Port[] = ['terminal', 'output', 'errors', 'control', 'questions'];
const JOB: Job = { script: 'true', limit: null };
/** Seconds that are over before anything else happens. */
const AT_ONCE = 0.02;

type Side = Readonly<Record<Port, Duplex>>;

/** A machine of which `play` is the guest's side; dies when that says so. */
function machine(play: (side: Side, die: () => void, asked: readonly string[]) => void): Guest {
  const pairs = PORTS.map((port) => [port, duplexPair()] as const);
  const [ports, side] = [0, 1].map((end) => Object.fromEntries(pairs.map(([port, pair]) => [port, pair[end]]))) as unknown as [Side, Side];
  const gone = Promise.withResolvers<string>();
  const end = (): void => {
    for (const port of PORTS) side[port].end();
    gone.resolve('  | last words');
  };
  onLine(side.control, (line) => play(side, end, line.split(' ')));
  return { ports, gone: gone.promise, end, spent: () => 12.5 };
}

describe('a job on a test machine', () => {
  let output: PassThrough;
  let errors: PassThrough;
  let stop: AbortController;
  let ends: Ends;
  beforeEach(() => {
    [output, errors, stop] = [new PassThrough(), new PassThrough(), new AbortController()];
    ends = { output, errors, terminal: null, stop: stop.signal };
  });
  const said = (stream: PassThrough): Promise<string> => text(stream.end());

  test('gets its script, and its status and all of its output come back', async () => {
    let script = '';
    const guest = machine(({ control, output: out, errors: err }, _, [, , , coded = '']) => {
      script = Buffer.from(coded, 'base64').toString();
      control.write('START\n');
      out.write('to stdout\n');
      err.write('to stderr\n');
      control.write('EXIT 7\n');
    });
    expect(await runJob(async () => guest, { ...JOB, script: "echo 'ä'\n" }, ends)).toEqual({ how: 'ended', status: 7 });
    expect(script).toBe("export BOOT=1\necho 'ä'\n");
    expect([await said(output), await said(errors)]).toEqual(['to stdout\n', 'to stderr\n']);
  });

  test('asks whoever started it, who knows what its machine has taken', async () => {
    const asked: unknown[] = [];
    const guest = machine(({ control, questions }) => {
      control.write('START\n');
      onLine(questions, (line) => control.write(`EXIT ${line.length}\n`));
      questions.write('what next?\n');
    });
    const answer = (...question: unknown[]): string => {
      asked.push(question);
      return 'four';
    };
    expect(await runJob(async () => guest, { ...JOB, answer }, ends)).toEqual({ how: 'ended', status: 4 });
    expect(asked).toEqual([['what next?', 12.5]]);
  });

  test('that reboots its machine is run again, and knows which boot it is', async () => {
    const scripts: string[] = [];
    const guest = machine(({ control }, _, [, , , coded = '']) => {
      scripts.push(Buffer.from(coded, 'base64').toString());
      control.write(scripts.length < 3 ? 'START\nREADY\n' : 'START\nEXIT 5\n');
    });
    expect(await runJob(async () => guest, JOB, ends)).toEqual({ how: 'ended', status: 5 });
    expect(scripts).toEqual([1, 2, 3].map((boot) => `export BOOT=${boot}\ntrue`));
  });

  test('that fails is not started again', async () => {
    let starts = 0;
    const start = async (): Promise<Guest> => {
      starts += 1;
      return machine(({ control }) => control.write('START\nEXIT 1\n'));
    };
    expect(await runJob(start, JOB, ends)).toEqual({ how: 'ended', status: 1 });
    expect(starts).toBe(1);
  });

  test('is ended at its time limit, and what it said until then is there', async () => {
    const guest = machine(({ control, output: out }) => {
      out.write('so far\n');
      control.write('START\n');
    });
    const ending = await runJob(async () => guest, { ...JOB, limit: AT_ONCE }, ends);
    expect([ending.how, ENDINGS[ending.how].status]).toEqual(['limit', 124]);
    expect(await said(output)).toBe('so far\n');
  });

  test('whose machine dies under it has no status, and is not started again', async () => {
    const guest = machine(({ control, output: out }, die) => {
      control.write('START\n');
      out.write('half', () => setImmediate(die));
    });
    expect(await runJob(async () => guest, JOB, ends)).toEqual({ how: 'died', said: '  | last words' });
    expect(await said(output)).toBe('half');
    expect(await said(errors)).toBe('');
  });

  test.each([
    ['says nothing', () => machine(() => {}), 'It did nothing for 0.02 s'],
    ['dies at boot', () => machine((_, die) => die()), 'last words'],
    ['is not started by QEMU', () => Promise.reject(new Error('no such disk')), 'no such disk'],
  ] as const)('on a machine that %s was never run: it is started again, which is said, and given up at last', async (_, start, why) => {
    let starts = 0;
    const ending = await runJob(
      async () => {
        starts += 1;
        return start();
      },
      JOB,
      ends,
      AT_ONCE,
    );
    expect(ending).toMatchObject({ how: 'never', said: expect.stringContaining(why) });
    expect(ENDINGS.never.status).toBe(126);
    expect(starts).toBe(TRIES);
    const lines = await said(errors);
    expect(lines.match(/did not come up/g)).toHaveLength(TRIES - 1);
    expect(lines).toContain(why);
  });

  test('on a machine that comes up at the second try has its own status', async () => {
    const start = async (attempt: number): Promise<Guest> =>
      machine(({ control }, die) => (attempt === 1 ? die() : void control.write('START\nEXIT 0\n')));
    expect(await runJob(start, JOB, ends)).toEqual({ how: 'ended', status: 0 });
    expect(await said(errors)).toContain('1 of 3 tries');
  });

  test('is ended with its machine when we are told to stop', async () => {
    const guest = machine(({ control }) => {
      control.write('START\n');
      stop.abort();
    });
    expect(await runJob(async () => guest, JOB, ends)).toEqual({ how: 'stopped' });
  });

  test('on a terminal gets keys and sizes', async () => {
    const keys = new PassThrough();
    let resize = (): void => {};
    const sizes = [
      { rows: 24, columns: 80 },
      { rows: 50, columns: 132 },
    ];
    const heard: string[] = [];
    const guest = machine(({ control, terminal }, _, words) => {
      if (words[0] === 'SIZE') {
        heard.push(words.join(' '));
        terminal.once('data', (key) => {
          heard.push(String(key));
          control.write('EXIT 0\n');
        });
        keys.write('q');
        return;
      }
      heard.push(words.slice(4).join(' '));
      control.write('START\n', () => resize());
    });
    const size = () => sizes.shift() ?? { rows: 0, columns: 0 };
    const resized = (then: () => void): void => {
      resize = then;
    };
    const terminal = { keys, size, resized };
    expect(await runJob(async () => guest, JOB, { ...ends, terminal })).toEqual({ how: 'ended', status: 0 });
    expect(heard).toEqual(['24 80', 'SIZE 50 132', 'q']);
  });
});
