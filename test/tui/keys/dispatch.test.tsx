import { afterEach, describe, expect, test } from 'vitest';
import { perform } from '../../../src/tui/app/perform.ts';
import { judge } from '../../../src/tui/keys/dispatch.ts';
import { ACTION_IDS, KEYS, READ_ONLY } from '../../../src/tui/keys/table.ts';
import { FakeEngine, sampleOf, stoppedOf } from '../fake-engine.ts';
import { ManagerRig, type RigOptions } from '../manager-rig.tsx';
import { paneInfo } from '../panes/pane-info.ts';

let rig: ManagerRig;
const open = (containers: ReturnType<typeof sampleOf>[], options: RigOptions = {}): ManagerRig => {
  rig = new ManagerRig(new FakeEngine(containers), options);
  return rig;
};
afterEach(() => rig.close());

const settled = (): Promise<void> => rig.manager.tasks.settled();

describe('a key', () => {
  test('does its action on the container under the cursor', async () => {
    open([stoppedOf(101), stoppedOf(102)]).press('j', 's');
    await settled();
    expect(rig.engine.calls).toEqual(['start 102']);
    expect(rig.engine.get(102)?.state).toBe('running');
  });

  test('says why not, in the words of the engine, and the next key takes the words away', async () => {
    open([sampleOf(101)]).press('s');
    expect(rig.engine.calls).toEqual([]);
    expect(rig.state.hint).toBe('101: Container is already running');
    rig.press('j');
    expect(rig.state.hint).toBe('');
  });

  test('of a busy container waits for nobody but says who it is', async () => {
    open([stoppedOf(101)]);
    const gate = rig.engine.hold('start');
    rig.press('s');
    rig.press('s');
    expect(rig.state.hint).toMatch(/^101 is busy: start 101 is running/);
    gate.open();
    await settled();
    expect(rig.engine.calls).toEqual(['start 101']);
  });
});

describe('a question', () => {
  test('stands before a stop, and Enter is an answer', async () => {
    open([sampleOf(101, { name: 'web', numproc: { held: 14, limit: 120, failcnt: 0 } })]).press('x');
    expect(await rig.text()).toContain('14 processes in it end.');
    expect(await rig.text()).toMatch(/y ↵ stop it {4}n Esc let it run/);
    expect(rig.engine.calls).toEqual([]);
    rig.press('enter');
    await settled();
    expect(rig.engine.calls).toEqual(['stop 101']);
  });

  test('before a destroy is answered by y alone', async () => {
    open([stoppedOf(101)]).press('D', 'enter');
    expect(rig.state.overlay?.kind).toBe('confirm');
    expect(rig.state.hint).toMatch(/^Only y does that/);
    rig.press('y');
    await settled();
    expect(rig.engine.calls).toEqual(['destroy 101']);
  });

  test.each(['n', 'escape', 'q', 'ctrl-c'])('is declined by %s', async (key) => {
    open([sampleOf(101)]).press('x', key);
    expect(rig.state.overlay).toBeNull();
    await settled();
    expect(rig.engine.calls).toEqual([]);
  });

  test('takes every other key, so that none of them does something behind it', () => {
    open([sampleOf(101), sampleOf(102)]).press('x', 'j', 's', 'c', 'i', '/');
    expect(rig.state.overlay?.kind).toBe('confirm');
    expect(rig.state.cursor.ct).toBe(101);
    expect(rig.engine.calls).toEqual([]);
  });

  test('is void when its container has gone meanwhile: no other one is destroyed instead', async () => {
    open([stoppedOf(101), stoppedOf(102)]).press('D');
    rig.engine.remove(101);
    rig.look();
    rig.press('y');
    await settled();
    expect(rig.state.hint).toBe('101 is gone');
    expect(rig.engine.calls).toEqual([]);
  });

  test('is void when its container has been started meanwhile', async () => {
    open([stoppedOf(101)]).press('D');
    rig.engine.put(sampleOf(101));
    rig.look();
    rig.press('y');
    expect(rig.state.hint).toMatch(/currently running/);
    expect(rig.engine.calls).toEqual([]);
  });

  test('before leaving names what is cancelled', async () => {
    open([stoppedOf(101)]);
    rig.engine.hold('start');
    rig.press('s', 'q');
    expect(await rig.text()).toContain('start 101 is cancelled and undone.');
    rig.press('y');
    await settled();
    await expect.poll(() => rig.asked).toContain('quit 0');
    expect(rig.state.tasks[0]?.state).toBe('cancelled');
  });

  test('is not asked when nothing is lost', () => {
    open([sampleOf(101)]).press('q');
    expect(rig.asked).toEqual(['quit 0']);
  });
});

describe('read-only mode', () => {
  const containers = [sampleOf(101), stoppedOf(102), stoppedOf(103, { state: 'mounted' })];

  test.each(ACTION_IDS.filter((id) => KEYS[id].changes))('refuses %s', (id) => {
    open(containers, { readOnly: true });
    expect(judge(rig.state, id)).toEqual({ kind: 'refuse', action: id, reason: READ_ONLY });
  });

  test('asks nothing of the engine, whatever action is taken on whatever container', async () => {
    open(containers, { readOnly: true });
    for (const index of containers.keys())
      for (const id of ACTION_IDS.filter((one) => one !== 'quit')) {
        rig.manager.store.setState({ views: [{ name: 'table' }], overlay: null, cursor: { ct: 101 + index, index, top: 0 } });
        perform(rig.manager, id);
        if (rig.state.overlay?.kind === 'confirm') rig.press('y');
      }
    await settled();
    expect(rig.engine.calls).toEqual([]);
  });

  test('is seen in the header', async () => {
    open(containers, { readOnly: true });
    expect(await rig.text()).toContain('read-only');
  });
});

test('no question has one word for both answers', () => {
  const busy = {
    ...open([sampleOf(101)]).state,
    panes: [paneInfo({ runs: 'vim' })],
    paneCursor: 1,
  } as const;
  for (const id of ACTION_IDS) {
    const question = KEYS[id].danger?.(busy) ?? null;
    if (question !== null) expect(question.no.split(' ')[0], id).not.toBe(question.yes.split(' ')[0]);
  }
  expect(KEYS.quit.danger?.(busy)).toMatchObject({ yes: 'leave', no: 'stay' });
});
