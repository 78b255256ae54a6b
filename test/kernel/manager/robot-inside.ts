// A robot at a manager in this process: types, compares the screen after every few inputs with what it must be, and in the end finds its way
// back from wherever it is.
import { expect } from 'vitest';
import { readBindings } from '../../../src/tui/keys/read-bindings.ts';
import { LineReader } from '../../tui/robot/cell-rows.ts';
import { ESCAPE, LEAVE, nextInput, OUT, type RobotInput, shownInput, TABLE_VIEWS } from '../../tui/robot/robot-inputs.ts';
import { RobotManager } from '../../tui/robot/robot-manager.tsx';
import { RobotTerminal } from '../../tui/robot/robot-terminal.ts';
import { soon } from '../../tui/robot/soon.ts';
import { type Random, random } from '../../tui/screen/random.ts';
import { HOME, type Lab } from '../lab.ts';
import { ROBOT_KEYS } from './robot-keys.ts';

const REMEMBERED = 40;
/** Ctrl-R. */
const READ_ONLY = '\x12';

export class RobotInside {
  readonly terminal = new RobotTerminal(80, 24);
  manager: RobotManager;
  inputs = 0;
  compared = 0;
  /** It leaves the manager now and then. */
  managers = 0;
  /** Tasks that all its managers have run. */
  tasks = 0;
  readonly #seen = new Map<string, number>();
  readonly #reader = new LineReader();
  readonly #recent: RobotInput[] = [];
  readonly #random: Random;
  readonly #lab: Lab;
  #readOnly: boolean;
  readonly #rejected = (reason: unknown): void => {
    this.manager.broken ??= reason;
  };

  constructor(seed: number, lab: Lab, readOnly: boolean) {
    this.#random = random(seed);
    this.#lab = lab;
    this.#readOnly = readOnly;
    this.manager = this.#open();
    process.on('unhandledRejection', this.#rejected);
  }

  #open(): RobotManager {
    this.managers++;
    const { bindings } = readBindings(ROBOT_KEYS, 'keys.json');
    return new RobotManager(this.terminal, { engine: this.#lab.engine, home: HOME, readOnly: this.#readOnly, bindings });
  }

  /** Screens on which something was typed, and "pane". */
  get seen(): readonly string[] {
    return [...this.#seen.keys()];
  }

  #type(input: RobotInput): void {
    this.#recent.push(input);
    if (this.#recent.length > REMEMBERED) this.#recent.shift();
    const where = this.manager.away ? 'pane' : this.manager.mode;
    this.#seen.set(where, (this.#seen.get(where) ?? 0) + 1);
    this.inputs++;
    if (input.what === 'resize') this.terminal.resize(input.columns, input.rows);
    else this.terminal.type(input.bytes);
  }

  /** Waits until all is drawn, and looks at it. */
  async #look(): Promise<void> {
    const { manager } = this;
    const wrong = await this.#soon('the screen', manager.compare(this.#reader));
    if (manager.broken !== null) throw manager.broken;
    if (wrong) throw new Error(`The screen is wrong: ${wrong}`);
    if (wrong !== null) this.compared++;
    if (manager.over) {
      await this.#leave();
      this.manager = this.#open();
    } else {
      const { views, rows, cursor } = manager.state;
      expect(views.length).toBeGreaterThan(0);
      expect(rows[cursor.index]?.id ?? null).toBe(cursor.ct);
    }
  }

  #soon<T>(what: string, event: Promise<T>): Promise<T> {
    const tasks = (): string => this.manager.state.tasks.flatMap(({ state, command }) => (state === 'running' ? [command] : [])).join('; ');
    return soon(event, () => `${what}, on ${this.manager.mode}, ${this.manager.frames} frames; running: ${tasks() || 'nothing'}`);
  }

  /** Types; `between` is what others do to the node meanwhile. */
  async storm(inputs: number, between: (random: Random) => Promise<void> = async () => {}): Promise<void> {
    for (let left = inputs; left > 0; ) {
      const batch = Math.min(left, 1 + this.#random.below(10));
      for (let i = 0; i < batch; i++) this.#type(nextInput(this.#random));
      left -= batch;
      if (this.#random.chance(0.08)) {
        this.terminal.type(OUT);
        if (this.manager.state.readOnly && !this.#readOnly) this.terminal.type(READ_ONLY);
      }
      if (this.#random.chance(0.3)) this.manager.look();
      if (this.#random.chance(0.8)) await this.#soon('the new size', this.manager.sized());
      await this.#look();
      await this.#soon('others on the node', between(this.#random));
    }
  }

  async #press(...texts: readonly string[]): Promise<void> {
    for (const text of texts) {
      this.terminal.type(text);
      await this.#look();
    }
  }

  /** Whatever is on the screen: all leads back to the table, and from there everywhere. */
  async finishes(): Promise<void> {
    this.terminal.resize(80, 24);
    await this.#press(OUT);
    await this.#soon('the terminal', this.manager.mine());
    await this.#press(OUT);
    await this.#soon('the new size', this.manager.sized());
    for (let i = 0; i < 12 && this.manager.state.views.length > 1; i++)
      // Passwords that stand nowhere else are forgotten after a question only.
      await this.#press(ESCAPE, ...(this.manager.mode === 'confirm' ? ['y'] : []));
    await this.#press(ESCAPE, ESCAPE, ESCAPE);
    expect(this.manager.mode).toBe('table');
    for (const [key, mode] of TABLE_VIEWS) {
      await this.#press(key);
      expect(this.manager.mode).toBe(mode);
      await this.#press(ESCAPE);
      expect(this.manager.mode).toBe('table');
    }
    await this.#soon('the tasks', this.manager.tasks.settled());
    await this.#look();
  }

  /** A shell answers in a pane. From the table and back to it; the pane stays. */
  async enters(id: number, line = ''): Promise<void> {
    this.manager.look();
    await this.#press(`/${id}\r`);
    expect(this.manager.state.cursor.ct).toBe(id);
    await this.#press('i');
    await this.terminal.shows(/root@\S+:\/# /);
    this.terminal.type('echo ro$((6*7))bot\r');
    await this.terminal.shows('ro42bot');
    this.terminal.type(line);
    await this.#press(LEAVE, ESCAPE, ESCAPE);
    expect(this.manager.mode).toBe('table');
  }

  /** From now on nothing may be changed, and nothing ends that. */
  async looksOnly(): Promise<void> {
    await this.#press(READ_ONLY);
    this.#readOnly = true;
    const { store } = this.manager;
    expect(store.getState().readOnly).toBe(true);
    store.subscribe(({ readOnly }) => {
      if (!readOnly) store.setState({ readOnly: true });
    });
  }

  /** And everything may be done again. */
  async mayAll(): Promise<void> {
    if (this.manager.state.readOnly) await this.#press(READ_ONLY);
    expect(this.manager.state.readOnly).toBe(false);
  }

  /** There may be as many as there can be. */
  async closesPanes(): Promise<void> {
    await this.#press('p');
    for (let i = 0; i < 20 && this.manager.mode === 'panes'; i++) {
      await this.#press('w');
      await this.#press('y');
    }
    await this.#press(ESCAPE);
    expect(this.manager.state.panes).toEqual([]);
  }

  async #leave(): Promise<void> {
    this.tasks += this.manager.state.tasks.length;
    await this.#soon('the tasks of a manager that was left', this.manager.close());
  }

  /** Runs all that, and says of a failure what was typed before it. */
  async does(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const recent = this.#recent.map(shownInput).join(' ');
      const text = error instanceof Error ? error.message : String(error);
      const where = `seed ${this.#random.seed}, after ${this.inputs} inputs, on ${this.manager.mode}; the last were ${recent}`;
      throw new Error(`${text}\n${where}\n${this.terminal.text()}`, { cause: error });
    } finally {
      this.terminal.type(OUT);
      await this.#leave();
      process.off('unhandledRejection', this.#rejected);
      this.#reader.dispose();
    }
    console.info(
      `robot: seed ${this.#random.seed}, ${this.inputs} inputs, ${this.compared} screens compared, ${this.tasks} tasks, ${this.managers} managers, on ${[...this.#seen].map(([where, count]) => `${where} ${count}`).join(', ')}`,
    );
  }
}
