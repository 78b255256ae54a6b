// A robot at the program itself, in a terminal of its own: types, waits until what it has typed is behind the program, and starts it again
// whenever it was left.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { CLEAR } from '../../../src/tui/screen/terminal-modes.ts';
import { ESCAPE, LEAVE, nextInput, OUT, type RobotInput, shownInput } from '../../tui/robot/robot-inputs.ts';
import { soon } from '../../tui/robot/soon.ts';
import { type Random, random } from '../../tui/screen/random.ts';
import { TestTerm } from '../../tui/test-term.ts';
import { HOME, type Lab } from '../lab.ts';
import { ROBOT_KEYS } from './robot-keys.ts';

const REMEMBERED = 60;
const BATCH = 40;
/** Whoever has the keyboard: this draws everything anew. */
const DRAW = `\x1b[201~${LEAVE}\f`;

export class RobotOutside {
  inputs = 0;
  programs = 0;
  #term: TestTerm;
  /** What waits until the screen has been drawn anew. */
  #drawn: (() => void) | null = null;
  #end = '';
  readonly #recent: RobotInput[] = [];
  readonly #random: Random;
  readonly #lab: Lab;
  readonly #readOnly: boolean;

  constructor(seed: number, lab: Lab, readOnly: boolean) {
    this.#random = random(seed);
    this.#lab = lab;
    this.#readOnly = readOnly;
    mkdirSync(`${lab.root}/etc/vzdeck`, { recursive: true });
    writeFileSync(`${lab.root}/etc/vzdeck/keys.json`, ROBOT_KEYS);
    this.#term = this.#open();
  }

  #open(): TestTerm {
    this.programs++;
    const args = this.#readOnly ? ['--read-only'] : [];
    const term = new TestTerm(join(HOME, 'bin/vzdeck'), args, { env: { VZDECK_ROOT: this.#lab.root } });
    term.pty.onData((data) => {
      // A frame may come in pieces.
      this.#end += Buffer.from(data).toString('latin1');
      if (this.#end.includes(CLEAR)) {
        this.#drawn?.();
        this.#end = '';
      }
      this.#end = this.#end.slice(-CLEAR.length);
    });
    return term;
  }

  #type(input: RobotInput): void {
    this.#recent.push(input);
    if (this.#recent.length > REMEMBERED) this.#recent.shift();
    this.inputs++;
    if (input.what === 'resize') this.#term.resize(input.columns, input.rows);
    else this.#term.type(input.bytes);
  }

  /** Until the program has taken everything; true where it has been left meanwhile. */
  async #taken(): Promise<boolean> {
    const drawn = new Promise<'drawn'>((resolve) => {
      this.#drawn = () => resolve('drawn');
    });
    this.#term.type(DRAW);
    const end = await soon(Promise.race([drawn, this.#term.exit]), () => 'the screen to be drawn anew');
    this.#drawn = null;
    if (end === 'drawn') return false;
    expect(end).toEqual({ code: 0, signal: 0 });
    expect(this.#term.modes()).toMatchObject({ alternate: false, cursorHidden: false, mouse: 'none', bracketedPaste: false });
    await this.#term.close();
    this.#term = this.#open();
    await this.#ready();
    return true;
  }

  #ready(): Promise<void> {
    return this.#term.waitFor(/ \d+ CTs?, /);
  }

  async storm(inputs: number): Promise<void> {
    await this.#ready();
    for (let left = inputs; left > 0; left -= BATCH) {
      for (let i = 0; i < Math.min(left, BATCH); i++) this.#type(nextInput(this.#random));
      if (this.#random.chance(0.3)) this.#term.type(OUT);
      await this.#taken();
    }
  }

  /** All leads back to the table, a shell answers, and the terminal is given back. */
  async finishes(id: number): Promise<void> {
    this.#term.resize(80, 24);
    this.#term.type(OUT);
    if (!(await this.#taken())) this.#term.type(`${ESCAPE}y${ESCAPE}y${ESCAPE.repeat(8)}`);
    await this.#taken();
    this.#term.type('?');
    await this.#term.waitFor('Keys');
    this.#term.type(ESCAPE);
    // It may look at the node twice a minute only.
    this.#term.type(`${'+'.repeat(8)}/${id}\r`);
    // Which columns there are now is what the robot has chosen.
    await this.#term.waitFor(`/${id}  1 of `);
    if (!this.#readOnly) {
      // It may have been ended by Ctrl-R, and all panes that there can be may be open.
      if (/ read-only /.test(this.#term.line(0))) this.#term.type('\x12');
      this.#term.type(`p${'wy'.repeat(20)}${ESCAPE.repeat(2)}`);
      await this.#taken();
      this.#term.type('i');
      await this.#term.waitFor(/root@\S+:\/# /);
      this.#term.type('echo ro$((6*7))bot\r');
      await this.#term.waitFor('ro42bot');
      this.#term.type(`${LEAVE}${ESCAPE}${ESCAPE}`);
      await this.#taken();
    }
    // With a shell in a pane it asks.
    this.#term.type('qy');
    expect((await soon(this.#term.exit, () => 'the end of the program')).code).toBe(0);
    expect(this.#term.modes()).toMatchObject({ alternate: false, cursorHidden: false, mouse: 'none', bracketedPaste: false });
  }

  /** Runs all that, and says of a failure what was typed before it. */
  async does(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const recent = this.#recent.map(shownInput).join(' ');
      throw new Error(`${text}\nseed ${this.#random.seed}, after ${this.inputs} inputs; the last were ${recent}\n${this.#term.text()}`, {
        cause: error,
      });
    } finally {
      await this.#term.close();
    }
    console.info(`robot: seed ${this.#random.seed}, ${this.inputs} inputs, ${this.programs} programs`);
  }
}
