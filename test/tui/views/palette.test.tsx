import { afterEach, describe, expect, test, vi } from 'vitest';
import { fuzzyPoints, queryWords } from '../../../src/tui/keys/fuzzy.ts';
import { findEntries } from '../../../src/tui/keys/palette.ts';
import { readBindings } from '../../../src/tui/keys/read-bindings.ts';
import { FakeEngine, sampleOf, stoppedOf } from '../fake-engine.ts';
import { ManagerRig, type RigOptions } from '../manager-rig.tsx';

let rig: ManagerRig;
const open = (containers: ReturnType<typeof sampleOf>[], options: RigOptions = {}): ManagerRig => {
  rig = new ManagerRig(new FakeEngine(containers), options);
  return rig;
};
afterEach(() => rig?.close());
const settled = (): Promise<void> => rig.manager.tasks.settled();
const found = (text: string): readonly string[] => findEntries(rig.state, text).map((entry) => entry.text);

describe('a typed text', () => {
  const best = (text: string, ...names: string[]): string | undefined =>
    names
      .map((name) => [name, fuzzyPoints(queryWords(text), name)] as const)
      .filter(([, points]) => points !== null)
      .sort(([, a], [, b]) => (b ?? 0) - (a ?? 0))[0]?.[0];

  test.each([
    ['st', 'restart', 'start', 'start'],
    ['bt', 'about', 'build template', 'build template'],
    ['web1', 'web-11', 'web-01', 'web-11'],
    ['0.2', '101 web 10.0.0.20', '102 db', '101 web 10.0.0.20'],
  ])('%s fits best what begins so', (text, a, b, wanted) => {
    expect(best(text, a, b)).toBe(wanted);
  });

  test('fits nothing that lacks one of its letters', () => {
    expect(fuzzyPoints(['stopx'], 'stop')).toBeNull();
    expect(fuzzyPoints(['ba'], 'ab')).toBeNull();
  });
});

describe('the palette', () => {
  test.each([':', 'ctrl-p'])('opens by %s, shows each action with its key, and Esc closes it', async (key) => {
    open([sampleOf(101, { name: 'web' })]).press(key);
    rig.type('stop');
    expect(await rig.text()).toMatch(/▌stop 101 web +x/);
    rig.press('escape');
    expect(rig.state.overlay).toBeNull();
    expect(rig.engine.calls).toEqual([]);
  });

  test('asks as the key would have asked', async () => {
    open([sampleOf(101)]).press(':');
    rig.type('stop');
    rig.press('enter');
    expect(rig.state.overlay).toMatchObject({ kind: 'confirm', action: 'stop' });
    rig.press('y');
    await settled();
    expect(rig.engine.calls).toEqual(['stop 101']);
  });

  test('says why something can not be done, and does not do it', async () => {
    open([sampleOf(101)]).press(':');
    rig.type('start');
    expect(await rig.text()).toContain('101: Container is already running');
    rig.press('enter');
    await settled();
    expect(rig.engine.calls).toEqual([]);
    expect(rig.state.hint).toBe('101: Container is already running');
  });

  test('finds a container by name, number, host name or address and goes there', () => {
    open([sampleOf(101, { name: 'web' }), stoppedOf(102, { name: 'db', hostname: 'data.example', ips: ['10.0.0.9'] })]);
    for (const text of ['102', 'db', 'data.ex', '10.0.0.9']) {
      rig.press(':');
      rig.type(text);
      rig.press('enter');
      expect(rig.state.views.at(-1), text).toEqual({ name: 'container', ct: 102 });
      expect(rig.state.cursor.ct).toBe(102);
      rig.press('escape');
    }
  });

  test.each(['tcp:5432', 'lens tcp:5432'])(
    'goes to whoever has a pid, a port or a link, where nothing has such a name, and says what it is: %s',
    async (typed) => {
      open([sampleOf(101), stoppedOf(102, { name: 'db' })]);
      rig.engine.meanings.set('tcp:5432', [
        { kind: 'port', ct: 0, says: 'the node listens, too', facts: [] },
        { kind: 'port', ct: 102, says: 'tcp port 5432 is listened on in container 102 (db)', facts: [] },
      ]);
      rig.press(':');
      rig.type(typed);
      expect(await rig.text()).toContain('Enter asks whose pid, port, address');
      rig.press('enter');
      await vi.waitFor(() => expect(rig.state.views.at(-1)).toEqual({ name: 'container', ct: 102 }));
      expect(rig.state).toMatchObject({ overlay: null, hint: 'tcp port 5432 is listened on in container 102 (db)', cursor: { ct: 102 } });
    },
  );

  test('stays where nobody has it, and says so', async () => {
    open([sampleOf(101)]).press(':');
    rig.type('udp:99');
    rig.press('enter');
    await vi.waitFor(() => expect(rig.state.hint).toBe('Nothing of this node, nor of its containers, is udp:99'));
    expect(rig.state.overlay?.kind).toBe('palette');
  });

  test('does a verb on a container that is named, on its own screen', async () => {
    open([sampleOf(101), stoppedOf(102, { name: 'db' })]).press(':');
    rig.type('start db');
    rig.press('enter');
    await settled();
    expect(rig.engine.calls).toEqual(['start 102']);
    expect(rig.state.views.at(-1)).toEqual({ name: 'container', ct: 102 });
  });

  test('says of which container a verb is, and of views and looks that they are of none', () => {
    open([sampleOf(101, { name: 'web' }), sampleOf(102)]);
    expect(found('freeze')[0]).toBe('freeze 101 web');
    expect(found('freeze 102')[0]).toBe('freeze 102');
    expect(found('tasks')[0]).toBe('tasks');
    expect(found('mouse')[0]).toBe('mouse');
    expect(found('journal')[0]).toBe('journal');
  });

  test('does what belongs to the table from anywhere else', () => {
    open([sampleOf(101)]).press('t', ':');
    rig.type('build');
    rig.press('enter');
    expect(rig.state.overlay?.kind).toBe('template');
    expect(rig.state.views).toEqual([{ name: 'table' }]);
  });

  test('honours read-only mode', async () => {
    open([stoppedOf(101)], { readOnly: true }).press(':');
    rig.type('start');
    expect(await rig.text()).toContain('Read-only');
    rig.press('enter');
    await settled();
    expect(rig.engine.calls).toEqual([]);
  });

  test('goes with cursor keys through all that fits', () => {
    open([sampleOf(101), sampleOf(102)]).press(':');
    rig.press('down', 'down', 'up');
    expect(rig.state.overlay).toMatchObject({ chosen: 1 });
    rig.press(...Array.from({ length: 300 }, () => 'down'));
    const last = findEntries(rig.state, '').length - 1;
    expect(rig.state.overlay).toMatchObject({ chosen: last });
    rig.type('x');
    expect(rig.state.overlay).toMatchObject({ chosen: 0 });
  });

  test.each([
    [60, 20],
    [80, 24],
    [200, 50],
    [30, 8],
  ])('shows what is typed, what is chosen and what it does at %ix%i', async (columns, rows) => {
    open([sampleOf(101, { name: 'web' })], { columns, rows }).press(':');
    rig.type('kill');
    const text = await rig.text();
    expect(text).toContain(': kill');
    if (rows > 8) expect(text).toContain('kill 101 web');
  });

  test('has every container of a thousand', () => {
    open(Array.from({ length: 1000 }, (_, i) => sampleOf(101 + i, { name: `seat-${i}` })));
    expect(found('seat-999')[0]).toBe('1100 seat-999');
    expect(found('1100')[0]).toBe('1100 seat-999');
  });
});

describe('an own command', () => {
  const bindingsOf = (...commands: object[]) => readBindings(JSON.stringify({ commands }), 'keys.json').bindings;

  test('runs on the node with each value as one argument', async () => {
    const bindings = bindingsOf({ name: 'note', keys: 'Q', run: 'logger -t vz "{name} at {private}"' });
    open([sampleOf(101, { name: "we'b; reboot" })], { bindings }).press('Q');
    await settled();
    expect(rig.engine.calls).toEqual([`program ["logger","-t","vz","we'b; reboot at /vz/private/101"]`]);
    expect(rig.state.tasks).toMatchObject([{ state: 'done', command: `logger -t vz 'we'\\''b; reboot at /vz/private/101'` }]);
  });

  test('runs in the container', async () => {
    open([sampleOf(101)], { bindings: bindingsOf({ name: 'up', keys: 'U', run: 'uptime -p', in: 'container' }) }).press('U');
    await settled();
    expect(rig.engine.calls).toEqual(['program ["vzctl","exec3","101","uptime","-p"]']);
  });

  test('is refused where it can not be', () => {
    open([stoppedOf(101)], {
      bindings: bindingsOf({ name: 'up', keys: 'U', run: 'uptime', in: 'container' }, { name: 'ping', keys: 'Q', run: 'ping {ip}' }),
    });
    rig.press('U');
    expect(rig.state.hint).toBe('101 is stopped: the command runs in it');
    rig.press('Q');
    expect(rig.state.hint).toBe('101 has no ip, which the command wants');
  });

  test('asks with its own sentence, and only y is an answer to a dangerous one', async () => {
    open([sampleOf(101, { name: 'web' })], {
      bindings: bindingsOf({ name: 'wipe', keys: 'Q', run: 'wipe {private}', confirm: 'All is gone then.', danger: true }),
    }).press('Q', 'enter');
    const text = await rig.text();
    expect(text).toContain('All is gone then.');
    expect(text).toContain('wipe /vz/private/101');
    expect(rig.engine.calls).toEqual([]);
    rig.press('y');
    await settled();
    expect(rig.engine.calls).toEqual(['program ["wipe","/vz/private/101"]']);
  });

  test('is not run in read-only mode unless it only reads', async () => {
    const bindings = bindingsOf({ name: 'a', keys: 'Q', run: 'true' }, { name: 'b', keys: 'U', run: 'uptime', reads: true });
    open([sampleOf(101)], { bindings, readOnly: true }).press('Q', 'U');
    await settled();
    expect(rig.engine.calls).toEqual(['program ["uptime"]']);
  });

  test('asks for what it wants to know, and gives it on as one argument', async () => {
    const bindings = bindingsOf({ name: 'install', keys: 'Q', run: 'apt-get install {answer}', in: 'container', ask: 'Which package?' });
    open([sampleOf(101)], { bindings }).press('Q');
    expect(await rig.text()).toContain('Which package?');
    rig.press('enter');
    expect(await rig.text()).toContain('Type something');
    rig.type('vim; reboot');
    rig.press('enter');
    await settled();
    expect(rig.engine.calls).toEqual(['program ["vzctl","exec3","101","apt-get","install","vim; reboot"]']);
    rig.press('Q', 'x', 'escape');
    expect(rig.state.overlay).toBeNull();
    expect(rig.engine.calls).toHaveLength(1);
  });

  test('that was asked for is not run when its container is gone or may not be changed any more', async () => {
    const bindings = bindingsOf({ name: 'note', keys: 'Q', run: 'note {ctid} {answer}', ask: 'What?' });
    open([sampleOf(101), sampleOf(102)], { bindings }).press('Q', 'a');
    rig.engine.remove(101);
    rig.look();
    rig.press('enter');
    expect(rig.state.hint).toBe('101 is gone');
    rig.press('Q', 'a');
    rig.manager.store.setState({ readOnly: true });
    rig.press('enter');
    await settled();
    expect(rig.engine.calls).toEqual([]);
  });

  test('has the terminal where it says so', async () => {
    open([sampleOf(101)], { bindings: bindingsOf({ name: 'top', keys: 'Q', run: 'top -d 1', terminal: true }) }).press('Q');
    await expect.poll(() => rig.asked).toEqual(['attach top -d 1']);
  });

  test('stands in help, footer and palette', async () => {
    const bindings = bindingsOf({ name: 'note', label: 'take a note', keys: 'Q', run: 'true', help: 'Notes it down' });
    open([sampleOf(101)], { bindings, columns: 200, rows: 100 });
    expect(await rig.text()).toContain('Q take a note');
    rig.press('?');
    expect(await rig.text()).toMatch(/Q +Notes it down/);
    rig.press('escape', ':');
    rig.type('note');
    expect(await rig.text()).toMatch(/take a note +Q/);
  });
});

describe('read-only mode', () => {
  test('is switched on and off within a session and shown', async () => {
    open([stoppedOf(101)]).press('ctrl-r', 's');
    await settled();
    expect(rig.engine.calls).toEqual([]);
    expect(rig.state.hint).toMatch(/^Read-only/);
    expect(await rig.text()).toContain('read-only');
    rig.press('ctrl-r', 's');
    await settled();
    expect(rig.engine.calls).toEqual(['start 101']);
  });

  test('that the manager was started in stays', () => {
    open([stoppedOf(101)], { readOnly: true }).press('ctrl-r');
    expect(rig.state.readOnly).toBe(true);
    expect(rig.state.hint).toMatch(/^It was started with --read-only/);
  });
});
