// The manager as main.tsx puts it together, in this process: the real engine, input path, views and compositor, on a terminal that is an
// emulator. What would end the process ends only this manager.
import { once } from 'node:events';
import { type Instance, render } from 'ink';
import type { Engine } from '../../../src/engine/index.ts';
import { App } from '../../../src/tui/app/app.tsx';
import { handleInput } from '../../../src/tui/app/input.ts';
import type { Manager } from '../../../src/tui/app/manager.ts';
import { PaneHost } from '../../../src/tui/app/pane-host.ts';
import { TaskSync } from '../../../src/tui/app/task-sync.ts';
import type { Bindings } from '../../../src/tui/keys/bindings.ts';
import { modeOf } from '../../../src/tui/keys/mode.ts';
import { PaneSet } from '../../../src/tui/panes/pane-set.ts';
import { sendToClipboard } from '../../../src/tui/screen/clipboard-send.ts';
import { Router } from '../../../src/tui/screen/router.ts';
import { type Screen, ScreenContext } from '../../../src/tui/screen/screen.ts';
import { handOver, type Terminal } from '../../../src/tui/screen/terminal-hand.ts';
import { GIVE_BACK } from '../../../src/tui/screen/terminal-modes.ts';
import { readThemes } from '../../../src/tui/screen/user-themes.ts';
import { Whole } from '../../../src/tui/screen/whole.tsx';
import { failureOf } from '../../../src/tui/store/failure.ts';
import { withSample } from '../../../src/tui/store/ingest.ts';
import { DEFAULT_SETTINGS } from '../../../src/tui/store/settings.ts';
import { createManagerStore, type Store } from '../../../src/tui/store/store.ts';
import { Tasks } from '../../../src/tui/store/tasks.ts';
import { wantedFields } from '../../../src/tui/store/wanted-fields.ts';
import { type LineReader, readScreen, taken } from './cell-rows.ts';
import type { RobotTerminal } from './robot-terminal.ts';
import { cellsOf, WatchedCompositor, wrongCell } from './watched-compositor.ts';

/** What the terminal says of itself. */
const ENV = { TERM: 'xterm-256color', COLORTERM: 'truecolor', LANG: 'C.UTF-8' } as const;

export interface RobotManagerOptions {
  readonly engine: Engine;
  readonly home: string;
  readonly readOnly: boolean;
  readonly bindings: Bindings;
}

export class RobotManager {
  readonly store: Store;
  readonly tasks: Tasks;
  readonly panes = new PaneSet();
  /** It was left, by "quit" or by "leave running". */
  over = false;
  /** What was thrown where nobody in the program catches it. */
  broken: unknown = null;
  readonly #terminal: RobotTerminal;
  readonly #compositor: WatchedCompositor;
  readonly #router: Router;
  readonly #sampler;
  readonly #manager: Manager;
  readonly #ink: Instance;
  #lent = false;

  constructor(terminal: RobotTerminal, { engine, home, readOnly, bindings }: RobotManagerOptions) {
    const { stdin, stdout } = terminal;
    this.#terminal = terminal;
    this.#compositor = new WatchedCompositor(stdout);
    this.#router = new Router(stdin, this.#compositor);
    const themes = readThemes(ENV);
    const { columns, rows } = this.#compositor;
    const settings = { ...DEFAULT_SETTINGS, mouse: true };
    this.store = createManagerStore({ settings, readOnly, bindings, size: { columns, rows }, now: Date.now() });
    const sync = new TaskSync(this.store, Date.now);
    this.tasks = new Tasks(this.store, Date.now, (task) => sync.tell(task));
    this.#sampler = engine.sampler();
    const screen = this.#screen();
    this.#manager = {
      store: this.store,
      tasks: this.tasks,
      sync,
      panes: new PaneHost(this.store, this.panes, screen.input, (text) => screen.copy(text)),
      terminal: screen,
      engine: () => engine,
      theme: themes.of,
      themeNames: themes.names,
      home,
      look: () => this.look(),
      now: Date.now,
      close: () => {
        sync.close();
        this.panes.closeAll();
      },
      leaveRunning: () => screen.outlive(''),
    };
    this.#router.setMouse(true);
    this.#router.start();
    this.#compositor.open(this.#router.modes());
    this.#router.setHandler((event) => handleInput(this.#manager, event));
    this.#ink = this.#draw(screen);
    const templateCache = `${engine.node.templateDir}/cache`;
    this.store.setState({ engine: 'ready', templates: engine.templates(), templateCache, mouse: true });
    sync.open(engine.tasks(), this.tasks, Date.now());
    this.look();
  }

  #screen(): Screen {
    return {
      layers: this.#compositor,
      input: this.#router,
      render: () => {},
      quit: () => this.#end(),
      outlive: () => this.#end(),
      stop: () => void this.#lend(async () => {}),
      copy: (text) => sendToClipboard(text, ENV, (sequence) => this.#compositor.control(sequence)),
      attach: async () => {
        await this.#lend(() => new Promise((resolve) => setImmediate(resolve)));
        return { code: 0, signal: null };
      },
      hand: async (stream) => {
        const terminal = this.#terminal as unknown as Terminal;
        this.#router.typed(await this.#lend((typed) => handOver(stream, typed, terminal)));
      },
    };
  }

  #draw(screen: Screen): Instance {
    const tree = (
      <ScreenContext value={screen}>
        <Whole>
          <App manager={this.#manager} />
        </Whole>
      </ScreenContext>
    );
    const ink = render(tree, {
      stdout: this.#compositor as unknown as NodeJS.WriteStream,
      stdin: this.#router.inkStdin as unknown as NodeJS.ReadStream,
      debug: true,
      interactive: true,
      exitOnCtrlC: false,
      patchConsole: false,
    });
    ink.waitUntilExit().catch((error: unknown) => {
      this.broken = error;
    });
    return ink;
  }

  /** As open-screen.tsx lends the terminal. */
  async #lend<T>(use: (typed: Buffer) => Promise<T>): Promise<T> {
    if (this.#lent) throw new Error('The terminal is in use by another program');
    this.#lent = true;
    this.#terminal.stdout.emit('given away');
    this.#router.deafen();
    this.#compositor.close();
    await this.#compositor.settled();
    const typed = this.#router.stop();
    this.#terminal.stdout.write(GIVE_BACK);
    try {
      return await use(typed);
    } finally {
      this.#lent = false;
      if (!this.over) {
        this.#router.start();
        this.#compositor.open(this.#router.modes());
      }
      this.#terminal.stdout.emit('taken back');
    }
  }

  get state() {
    return this.store.getState();
  }

  /** That were made so far. */
  get frames(): number {
    return this.#compositor.frames;
  }

  get mode(): string {
    return modeOf(this.state);
  }

  /** A key goes to a program and not to the views. */
  get away(): boolean {
    return this.#lent || this.#router.focused !== null;
  }

  /** One tick of the sampler. */
  look(): void {
    if (this.over) return;
    try {
      const sample = this.#sampler.tick(wantedFields(this.state));
      this.store.setState((state) => withSample(state, sample));
    } catch (error) {
      this.store.setState({ now: Date.now(), sampleTrouble: failureOf(error).message });
    }
  }

  /** Resolves when what is drawn has the terminal's size again, or somebody else draws. */
  async sized(): Promise<void> {
    const { stdout } = this.#terminal;
    if (stdout.resizing && !this.#lent && !this.over) await Promise.race([once(stdout, 'drawn'), once(stdout, 'given away')]);
  }

  /** Resolves when the terminal is the manager's. */
  async mine(): Promise<void> {
    if (this.#lent) await once(this.#terminal.stdout, 'taken back');
  }

  /** Everything that was typed is on the screen; "" or what is wrong there. Null: the terminal is not ours just now. */
  async compare(reader: LineReader): Promise<string | null> {
    await this.#ink.waitUntilRenderFlush();
    if (this.over || this.#lent) return null;
    await taken(this.#terminal.term, '');
    if (this.over || this.#lent) return null;
    // An answer may be lost in a line that is torn, and then nothing is drawn until one is not waited for any longer.
    if (this.#compositor.stalled) return null;
    this.#compositor.flush();
    const frame = this.#compositor.frame();
    const { frames } = this.#compositor;
    await taken(this.#terminal.term, '');
    if (this.over || this.#lent || this.#terminal.stdout.resizing) return null;
    // Something has changed already while the emulator took that.
    if (this.#compositor.frames !== frames) return this.compare(reader);
    const is = readScreen(this.#terminal.term);
    const { cursorX, cursorY } = this.#terminal.term.buffer.active;
    const { cursor } = frame;
    const hidden = isCursorHidden(this.#terminal);
    const wrong = wrongCell(await cellsOf(frame, reader), is);
    if (wrong !== '') return `${wrong} (${frame.columns}x${frame.rows})`;
    if (cursor === null) return hidden ? '' : `the cursor is to be seen at ${cursorX},${cursorY}`;
    if (hidden) return 'the cursor is not to be seen';
    return cursor.x === cursorX && cursor.y === cursorY ? '' : `the cursor is at ${cursorX},${cursorY} instead of ${cursor.x},${cursor.y}`;
  }

  #end(): void {
    if (this.over) return;
    this.over = true;
    this.#terminal.stdout.emit('given away');
    this.#compositor.close();
    this.#ink.unmount();
    this.#router.stop();
    this.#sampler.close();
  }

  /** Ends it as a hang-up would: the terminal is gone, what runs is let to its end. */
  async close(): Promise<void> {
    this.#end();
    await this.tasks.settled();
    this.#manager.close();
  }
}

/** The emulator's public face does not tell. */
const isCursorHidden = ({ term }: RobotTerminal): boolean =>
  (term as unknown as { readonly _core: { readonly coreService: { readonly isCursorHidden: boolean } } })._core.coreService.isCursorHidden;
