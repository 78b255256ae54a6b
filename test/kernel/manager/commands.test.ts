// Palette, keys and commands of one's own, read-only mode and the clipboard, in the real program on real containers.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { TestTerm } from '../../tui/test-term.ts';
import { HOME, type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';

const suite = requires('root', 'launcher', 'busybox');

suite('the manager as one wants it', () => {
  let lab: Lab;
  let term: TestTerm;
  const open = (...args: readonly string[]): TestTerm => {
    term = new TestTerm(join(HOME, 'bin/vzdeck'), args, { env: { VZDECK_ROOT: lab.root, VZDECK_CLIPBOARD: 'plain' } });
    return term;
  };
  const leave = async (): Promise<void> => {
    term.press('q');
    expect((await term.exit).code).toBe(0);
  };
  beforeAll(async () => {
    lab = openLab();
    await lab.born(101, { NAME: 'web' });
    await lab.engine.create(102, { ostemplate: 'busybox', values: {} });
    mkdirSync(join(lab.root, 'etc/vzdeck'), { recursive: true });
  });
  afterEach(() => term.close());
  afterAll(() => lab.down());

  test('a verb on a container is found by a few letters and done', async () => {
    open();
    await term.waitFor(/102 .*stopped/);
    term.press(':');
    term.type('sta 102');
    await term.waitFor(/▌start 102/);
    term.press('enter');
    await term.waitFor(/102.* is running/);
    expect(lab.engine.find('102')?.state).toBe('running');
    term.press('ctrl-p');
    term.type('web');
    await term.waitFor(/▌101 web +container/);
    term.press('enter');
    await term.waitFor(/^ 101 web /m);
    await leave();
  });

  test('keys are as the file says, what is wrong in it is told with its line, and commands get values as they are', async () => {
    const out = join(lab.root, 'noted');
    const commands = [
      { name: 'note', keys: 'U', run: ['sh', '-c', 'printf "%s|" "$@" > "$0"', out, '{ctid}', '{name}', '{private}', "a'b $(id)"] },
    ];
    writeFileSync(
      join(lab.root, 'etc/vzdeck/keys.json'),
      `{\n"keys": { "theme": "ctrl-t",\n  "nonsense": "x" },\n"commands": ${JSON.stringify(commands)}\n}`,
    );
    open();
    await term.waitFor('keys.json, line 3: there is no action "nonsense"');
    // what happens meanwhile does not take its place
    await lab.engine.freeze(101);
    await term.waitFor(/101 +\S+ .*frozen/);
    await lab.engine.thaw(101);
    await term.waitFor(/101 +\S+ .*running/);
    expect(term.text()).toContain('keys.json, line 3: there is no action "nonsense"');
    term.press('ctrl-t');
    await term.waitFor('Theme light');
    term.press('U');
    await term.waitFor('note 101 web: done');
    expect(readFileSync(out, 'utf8')).toBe(`101|web|${lab.root}/vz/private/101|a'b $(id)|`);
    expect(lab.engine.journal(1).entries[0]).toMatchObject({ verb: 'command', id: 101, result: 'ok', program: 'manager' });
    await leave();
  });

  test('--read-only changes nothing and stays so', async () => {
    open('--read-only');
    await term.waitFor(/read-only.*\n(.*\n)*.*101 +web +running/);
    term.press('x');
    await term.waitFor('Read-only: the manager was started to look only');
    term.press('U');
    await term.waitFor('Read-only: the manager was started to look only');
    term.press('ctrl-r');
    await term.waitFor('It was started with --read-only');
    term.press('x');
    await term.waitFor('Read-only: the manager');
    expect(lab.engine.find('101')?.state).toBe('running');
    await leave();
  });

  test('read-only mode comes and goes by a key', async () => {
    open();
    await term.waitFor(/101 +web +running/);
    term.press('ctrl-r');
    await term.waitFor(/ read-only /);
    term.press('x');
    await term.waitFor('Read-only: Ctrl-R ends that');
    term.press('ctrl-r');
    await term.waitFor('Everything is allowed again');
    term.press('x');
    await term.waitFor('Stop 101 web?');
    term.press('n');
    await leave();
  });

  test('the mouse is remembered, off or on', async () => {
    open();
    await term.waitFor(/101 +web +running/);
    expect(term.modes().mouse).toBe('none');
    term.press('M');
    await term.waitFor('The mouse is ours');
    await leave();
    open();
    await term.waitFor(/101 +web +running/);
    expect(term.modes().mouse).not.toBe('none');
    term.press('M');
    await term.waitFor("The mouse is the terminal's");
    await leave();
    open();
    await term.waitFor(/101 +web +running/);
    expect(term.modes().mouse).toBe('none');
    await leave();
  });

  test('the line that does the same reaches the clipboard of the terminal, and the journal tells who did it', async () => {
    const vzctl = ['set', '101', '--description', 'mine', '--save'];
    expect(spawnSync(join(HOME, 'bin/vzctl'), vzctl, { env: { ...process.env, VZDECK_ROOT: lab.root } }).status).toBe(0);
    open();
    const copied: string[] = [];
    term.term.parser.registerOscHandler(52, (data) => {
      copied.push(Buffer.from(data.replace(/^c;/, ''), 'base64').toString());
      return true;
    });
    await term.waitFor(/101 +web +running/);
    term.press('x');
    await term.waitFor('Stop 101 web?');
    term.press('Y');
    await term.waitFor('Copied: vzctl stop 101');
    expect(copied).toEqual(['vzctl stop 101']);
    term.press('n', 'J');
    await term.waitFor(/Journal +follows/);
    await term.waitFor(/start +\d/);
    term.press('/');
    term.type('ct:101 set');
    await term.waitFor('vzctl set 101 --description mine --save');
    term.press('enter', 'Y');
    await term.waitFor('Copied: vzctl set 101 --description mine --save');
    await leave();
  });
});
