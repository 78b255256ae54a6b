// The whole manager without a terminal: real store, keys, actions and views over an engine in memory, drawn by Ink into a string.

import { EventEmitter } from 'node:events';
import { type Instance, render } from 'ink';
import { App } from '../../src/tui/app/app.tsx';
import { handleInput } from '../../src/tui/app/input.ts';
import type { Manager } from '../../src/tui/app/manager.ts';
import { PaneHost } from '../../src/tui/app/pane-host.ts';
import { TaskSync } from '../../src/tui/app/task-sync.ts';
import { type Bindings, NO_BINDINGS } from '../../src/tui/keys/bindings.ts';
import { PaneSet } from '../../src/tui/panes/pane-set.ts';
import { Compositor, type TtyOutput } from '../../src/tui/screen/compositor.ts';
import { ASCII_GLYPHS, UNICODE_GLYPHS } from '../../src/tui/screen/glyphs.ts';
import { makeTheme } from '../../src/tui/screen/make-theme.ts';
import { type Screen, ScreenContext } from '../../src/tui/screen/screen.ts';
import type { ColorDepth, Theme } from '../../src/tui/screen/theme.ts';
import { builtInTheme, THEME_NAMES, type ThemeName } from '../../src/tui/screen/themes.ts';
import { Whole } from '../../src/tui/screen/whole.tsx';
import { failureOf } from '../../src/tui/store/failure.ts';
import { withSample } from '../../src/tui/store/ingest.ts';
import { DEFAULT_SETTINGS } from '../../src/tui/store/settings.ts';
import type { Settings } from '../../src/tui/store/state.ts';
import { createManagerStore } from '../../src/tui/store/store.ts';
import { Tasks } from '../../src/tui/store/tasks.ts';
import { wantedFields } from '../../src/tui/store/wanted-fields.ts';
import { FakeEngine, nodeOf } from './fake-engine.ts';

export interface RigOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly readOnly?: boolean;
  readonly bindings?: Bindings;
  readonly depth?: ColorDepth;
  readonly ascii?: boolean;
  /** Without a first look at the node. */
  readonly blind?: boolean;
  readonly settings?: Partial<Settings>;
  /** Drawn through the compositor onto this, as the program draws; otherwise by Ink alone, as text. */
  readonly output?: TtyOutput;
  /** Beside the program's own. */
  readonly themes?: Readonly<Record<string, Theme>>;
}

/** A theme without the environment of the test. */
export function testTheme(name: ThemeName = 'default', depth: ColorDepth = 'mono', ascii = false): Theme {
  return makeTheme(builtInTheme(depth === 'mono' ? 'mono' : name), depth, ascii ? ASCII_GLYPHS : UNICODE_GLYPHS);
}

const NOW = nodeOf([]).at;

/** What Ink needs of a terminal to draw on. */
class StringTerminal extends EventEmitter {
  readonly isTTY = true;
  columns: number;
  rows: number;
  frame = '';
  constructor(columns: number, rows: number) {
    super();
    this.columns = columns;
    this.rows = rows;
  }
  write(text: string, ...rest: readonly unknown[]): boolean {
    const taken = rest.at(-1);
    if (typeof taken === 'function') queueMicrotask(taken as () => void);
    if (text !== '' && !/^(\x1b\[[?<>=]?[\d;]*[hlu])+$/.test(text)) this.frame = text;
    return true;
  }
}

/** Ink reads keys from here; the manager takes all of them before. */
class SilentStdin extends EventEmitter {
  readonly isTTY = true;
  setRawMode(): this {
    return this;
  }
  setEncoding(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  resume(): this {
    return this;
  }
  pause(): this {
    return this;
  }
  read(): null {
    return null;
  }
}

export class ManagerRig {
  readonly engine: FakeEngine;
  readonly manager: Manager;
  /** What was asked of the terminal: "quit 0", "stop", "repaint", "mouse true". */
  readonly asked: string[] = [];
  readonly #terminal: StringTerminal;
  readonly #ink: Instance;

  constructor(engine: FakeEngine = new FakeEngine(), options: RigOptions = {}) {
    const { columns = 80, rows = 24, readOnly = false, bindings = NO_BINDINGS, depth = 'mono', ascii = false, blind = false } = options;
    this.engine = engine;
    const store = createManagerStore({
      settings: { ...DEFAULT_SETTINGS, ...options.settings },
      readOnly,
      bindings,
      size: { columns, rows },
      now: NOW,
    });
    const managed = engine.asEngine();
    const sync = new TaskSync(store, () => NOW);
    const tasks: Tasks = new Tasks(
      store,
      () => NOW,
      (task) => sync.tell(task),
    );
    sync.open(managed.tasks(), tasks, 0);
    const input = {
      setHandler: () => {},
      focus: () => {},
      focused: null,
      onLeave: () => {},
      setMouse: (on: boolean) => void this.asked.push(`mouse ${on}`),
    };
    const copy = (text: string): null => {
      this.asked.push(`copy ${text}`);
      return null;
    };
    const own = THEME_NAMES.map((name) => [name as string, testTheme(name, depth, ascii)] as const);
    const themes = new Map([...own, ...Object.entries(options.themes ?? {})]);
    this.manager = {
      store,
      tasks,
      sync,
      panes: new PaneHost(store, new PaneSet(), input, copy),
      terminal: {
        input,
        layers: { repaint: () => void this.asked.push('repaint') },
        quit: (code) => void this.asked.push(`quit ${code}`),
        outlive: (message) => void this.asked.push(`outlive ${message}`),
        stop: () => void this.asked.push('stop'),
        copy,
        hand: async () => void this.asked.push('hand'),
        attach: async ({ file, args }) => {
          this.asked.push(`attach ${[file, ...args].join(' ')}`);
          return { code: 0, signal: null };
        },
      },
      engine: () => managed,
      theme: (name) => themes.get(name)!,
      themeNames: THEME_NAMES,
      home: '/project',
      look: () => this.look(),
      now: () => NOW,
      close: () => managed.close(),
      leaveRunning: () => void this.asked.push('leave running'),
    };
    const templateCache = `${managed.node.templateDir}/cache`;
    store.setState({ engine: 'ready', templates: managed.templates(), templateCache, obstacles: engine.obstacleList });
    this.#terminal = new StringTerminal(columns, rows);
    if (!blind) this.look();
    const compositor = options.output ? new Compositor(options.output, () => false) : null;
    compositor?.open('');
    const screen = compositor && ({ ...this.manager.terminal, layers: compositor } as unknown as Screen);
    this.#ink = render(
      <ScreenContext value={screen}>
        <Whole>
          <App manager={this.manager} />
        </Whole>
      </ScreenContext>,
      {
        stdout: (compositor ?? this.#terminal) as unknown as NodeJS.WriteStream,
        stdin: new SilentStdin() as unknown as NodeJS.ReadStream,
        debug: true,
        interactive: true,
        exitOnCtrlC: false,
        patchConsole: false,
      },
    );
  }

  get state() {
    return this.manager.store.getState();
  }

  /** One tick of the sampler. */
  look(): void {
    try {
      const sample = this.engine.tick(wantedFields(this.state), true);
      this.manager.store.setState((state) => withSample(state, sample));
    } catch (error) {
      this.manager.store.setState({ sampleTrouble: failureOf(error).message });
    }
  }

  /** Presses keys by the router's names; characters stand for themselves. */
  press(...keys: readonly string[]): void {
    for (const id of keys) {
      const text = id === 'space' ? ' ' : [...id].length === 1 ? id : '';
      handleInput(this.manager, { type: 'key', id, text });
    }
  }

  type(text: string): void {
    this.press(...[...text].map((c) => (c === ' ' ? 'space' : c)));
  }

  /** On a cell of the screen, counted from 0. */
  click(x: number, y: number): void {
    handleInput(this.manager, { type: 'mouse', action: 'press', button: 'left', x, y });
  }

  paste(text: string): void {
    handleInput(this.manager, { type: 'paste', text });
  }

  /** Lines of the newest frame, right-trimmed, with colours taken out. */
  async screen(): Promise<readonly string[]> {
    return (await this.painted()).map((line) => line.replace(/\x1b\[[\d;]*m/g, '').trimEnd());
  }

  /** Lines of the newest frame as they are. */
  async painted(): Promise<readonly string[]> {
    await this.#ink.waitUntilRenderFlush();
    // What is drawn first has no sizes yet: surfaces come with one of the next passes. A screen of one cell may stay blank.
    // So does what is drawn for another size.
    const isDrawn = (): boolean => this.#terminal.frame.trim() !== '' && this.#terminal.frame.split('\n').length <= this.#terminal.rows;
    for (let passes = 0; !isDrawn() && passes < 100; passes++) await new Promise((drawn) => setImmediate(drawn));
    return this.#terminal.frame.split('\n');
  }

  async text(): Promise<string> {
    return (await this.screen()).join('\n');
  }

  resize(columns: number, rows: number): void {
    this.#terminal.columns = columns;
    this.#terminal.rows = rows;
    this.#terminal.emit('resize');
  }

  close(): void {
    this.#ink.unmount();
  }
}
