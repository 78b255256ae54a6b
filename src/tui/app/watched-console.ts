// The console in its tab: watched without its keyboard, typed into after a key, its keyboard given back with the leave chord. One at a time, as
// long as the tab is on the screen.
import type { ConsoleWatch, CtSample, Engine } from '../../engine/index.ts';
import type { Pane } from '../panes/pane.ts';
import type { PaneSet } from '../panes/pane-set.ts';
import type { Input } from '../screen/screen.ts';
import { failureOf } from '../store/failure.ts';
import { ctLabel } from '../store/notices.ts';
import type { PaneInfo } from '../store/pane-info.ts';
import type { ManagerState } from '../store/state.ts';
import type { Store } from '../store/store.ts';
import { watchable } from '../store/watched.ts';

type Watching = Pick<Engine, 'watchConsole'>;

/** The console's number for the keeper; ttys follow. */
const CONSOLE = 1;

export class WatchedConsole {
  readonly #store: Store;
  readonly #set: PaneSet;
  readonly #input: Input;
  #ct: number | null = null;
  #open: { readonly watch: ConsoleWatch; readonly pane: Pane } | null = null;
  /** Another one, once what was asked for is not wanted any more. */
  #asked: object | null = null;
  #typing = false;
  #silent = true;

  constructor(store: Store, set: PaneSet, input: Input) {
    this.#store = store;
    this.#set = set;
    this.#input = input;
    input.onLeave(() => this.#give());
  }

  get pane(): Pane | null {
    return this.#open?.pane ?? null;
  }

  get typing(): boolean {
    return this.#typing;
  }

  /** Shows what the tab on the screen is about; `ticked`: the node has been looked at anew, so what could not be had is asked for again. */
  look(engine: Watching, state: ManagerState, ticked: boolean): void {
    const row = watchable(state);
    const other = row?.id !== this.#ct && !(row === null && this.#ct === null);
    if (other) this.close();
    if (row === null || this.#asked !== null || !(other || ticked)) return;
    if (this.#open === null || this.#open.pane.state.is === 'ended') void this.#begin(engine, row);
  }

  async #begin(engine: Watching, row: CtSample): Promise<void> {
    const asked = {};
    this.#asked = asked;
    this.#ct = row.id;
    if (this.#store.getState().watched?.ct !== row.id)
      this.#store.setState({ watched: { ct: row.id, pane: null, silent: true, trouble: '' } });
    try {
      const watch = await engine.watchConsole(row.id, CONSOLE);
      if (this.#asked !== asked) return watch.link.close();
      this.#open?.pane.close();
      const pane = this.#set.apart(`${ctLabel(row)} console`, watch.link);
      this.#open = { watch, pane };
      this.#silent = true;
      const unsubscribe = pane.source.subscribe(() => {
        if (pane.source.lines(0, 0).every((line) => line.trim() === '')) return;
        unsubscribe();
        if (this.#open?.pane !== pane) return;
        this.#silent = false;
        this.#tell(row.id);
      });
      pane.onChange(() => this.#tell(row.id));
      this.#tell(row.id);
    } catch (error) {
      if (this.#asked === asked) this.#fail(row.id, error);
    } finally {
      if (this.#asked === asked) this.#asked = null;
    }
  }

  /** The keyboard; what is typed before the keeper has answered is kept for it. */
  type(): void {
    if (this.#open === null || this.#open.pane.state.is === 'ended') return;
    const { watch, pane } = this.#open;
    watch.take();
    this.#typing = true;
    this.#input.focus(pane.target);
    this.#store.setState({ typing: true });
    if (this.#ct !== null) this.#tell(this.#ct);
  }

  #give(): void {
    if (!this.#typing) return;
    this.#typing = false;
    this.#open?.watch.give();
    this.#store.setState({ typing: false });
  }

  #fail(ct: number, error: unknown): void {
    const { code, message } = failureOf(error, ct);
    this.#store.setState({ watched: { ct, pane: null, silent: true, trouble: code === 'no-keeper' ? NO_KEEPER : message } });
  }

  #tell(ct: number): void {
    const pane = this.#open?.pane;
    if (pane === undefined || this.#ct !== ct) return;
    const ended = pane.state.is === 'ended' ? pane.state.text || 'ended' : '';
    if (ended !== '' && this.#typing) this.#leave();
    const info: PaneInfo = { ...AS_A_PANE, id: pane.id, ct, ended, writable: pane.writable, scrolled: pane.scrolled };
    this.#store.setState({ watched: { ct, pane: info, silent: this.#silent, trouble: '' } });
  }

  #leave(): void {
    this.#input.focus(null);
    this.#give();
  }

  close(): void {
    this.#asked = null;
    this.#ct = null;
    if (this.#typing) this.#leave();
    this.#open?.pane.close();
    this.#open = null;
    if (this.#store.getState().watched !== null) this.#store.setState({ watched: null });
  }
}

/** The way out of it is a key here. */
const NO_KEEPER = 'its keeper is gone; C gives it a new one';

const AS_A_PANE = { kind: 'console', name: '', pinned: false, marked: false, runs: '', copy: null } as const;

/** Begins when the engine is there; returns the end of it. */
export function watchConsoles(store: Store, console: WatchedConsole, engine: () => Watching): () => void {
  const look = (state: ManagerState, before: ManagerState | null): void => {
    if (state.engine === 'ready') console.look(engine(), state, state.sample !== before?.sample);
  };
  look(store.getState(), null);
  const unsubscribe = store.subscribe(look);
  return () => {
    unsubscribe();
    console.close();
  };
}
