// The open panes and whose they are; what frames and keys need of them goes into the store.
import type { Engine } from '../../engine/index.ts';
import type { Pane } from '../panes/pane.ts';
import type { PaneSet, PaneSize } from '../panes/pane-set.ts';
import type { Input } from '../screen/screen.ts';
import { ctLabel } from '../store/notices.ts';
import type { PaneInfo } from '../store/state.ts';
import type { Store } from '../store/store.ts';
import { showView } from '../store/views.ts';

interface Owned {
  readonly ct: number;
  readonly kind: PaneInfo['kind'];
}

type Labelled = { readonly id: number; readonly name: string };

/** The console's number for the keeper; ttys follow. */
const CONSOLE = 1;

export class PaneHost {
  readonly #store: Store;
  readonly #set: PaneSet;
  readonly #input: Input;
  readonly #owned = new Map<number, Owned>();

  constructor(store: Store, set: PaneSet, input: Input) {
    this.#store = store;
    this.#set = set;
    this.#input = input;
    set.subscribe(() => this.#sync());
    input.onLeave(() => store.setState({ typing: false }));
  }

  find(id: number): Pane | null {
    return this.#set.panes.find((pane) => pane.id === id) ?? null;
  }

  /** A root shell. @throws TooManyPanesError, or what node-pty has to say */
  enter(engine: Pick<Engine, 'enterCommand' | 'console'>, ct: Labelled, size: PaneSize): void {
    this.#show(this.#set.openProgram(`${ctLabel(ct)} enter`, engine.enterCommand(ct.id), size), { ct: ct.id, kind: 'enter' });
  }

  /** The console. Rejects with the engine's refusal. */
  async console(engine: Pick<Engine, 'enterCommand' | 'console'>, ct: Labelled): Promise<void> {
    const link = await engine.console(ct.id, CONSOLE);
    this.#show(this.#set.openConsole(`${ctLabel(ct)} console`, link), { ct: ct.id, kind: 'console' });
  }

  #show(pane: Pane, owned: Owned): void {
    this.#owned.set(pane.id, owned);
    this.#store.setState((state) => ({ ...showView(state, { name: 'panes' }), paneCursor: pane.id }));
    this.#sync();
    this.type(pane.id);
  }

  /** Gives the keyboard to a pane. */
  type(id: number): void {
    const pane = this.find(id);
    if (pane === null || pane.state.is === 'ended') return;
    this.#input.focus(pane.target);
    this.#store.setState({ typing: true });
  }

  leave(): void {
    this.#input.focus(null);
    this.#store.setState({ typing: false });
  }

  close(id: number): void {
    const pane = this.find(id);
    if (pane !== null) this.#set.close(pane);
    this.#owned.delete(id);
    this.#sync();
  }

  closeAll(): void {
    this.#set.closeAll();
  }

  #sync(): void {
    const panes = this.#set.panes.flatMap((pane): readonly PaneInfo[] => {
      const owned = this.#owned.get(pane.id);
      if (owned === undefined) return [];
      const ended = pane.state.is === 'ended' ? pane.state.text || 'ended' : '';
      return [{ id: pane.id, ...owned, ended, writable: pane.writable, scrolled: pane.scrolled }];
    });
    const { paneCursor, typing } = this.#store.getState();
    const current = panes.find((pane) => pane.id === paneCursor) ?? panes.at(-1) ?? null;
    const stillTyping = typing && current !== null && current.id === paneCursor && current.ended === '';
    if (typing && !stillTyping) this.#input.focus(null);
    this.#store.setState({ panes, paneCursor: current?.id ?? null, typing: stillTyping });
  }
}
