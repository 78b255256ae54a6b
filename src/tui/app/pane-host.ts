// The open panes and whose they are; what frames and keys need of them goes into the store.
import type { Engine, TerminalLink, TerminalSize } from '../../engine/index.ts';
import type { Pane } from '../panes/pane.ts';
import type { PaneSet } from '../panes/pane-set.ts';
import type { InputTarget, TargetModes } from '../screen/input-target.ts';
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
/** What the panes' emulator is called in terminfo. */
const TERM = 'xterm-256color';
const PLAIN: TargetModes = {
  applicationCursorKeys: false,
  bracketedPaste: false,
  mouse: 'none',
  mouseEncoding: 'default',
  focusReports: false,
};

export class PaneHost {
  readonly #store: Store;
  readonly #set: PaneSet;
  readonly #input: Input;
  readonly #owned = new Map<number, Owned>();
  #opening: AbortController | null = null;

  constructor(store: Store, set: PaneSet, input: Input) {
    this.#store = store;
    this.#set = set;
    this.#input = input;
    set.subscribe(() => this.#sync());
    input.onLeave(() => {
      this.#opening?.abort();
      store.setState({ typing: false, opening: '' });
    });
  }

  find(id: number): Pane | null {
    return this.#set.panes.find((pane) => pane.id === id) ?? null;
  }

  /** A root shell. Rejects with the engine's refusal, or with TooManyPanesError. */
  enter(engine: Pick<Engine, 'shell'>, ct: Labelled, size: TerminalSize): Promise<void> {
    const open = (signal: AbortSignal): Promise<TerminalLink> => engine.shell(ct.id, TERM, size, signal);
    return this.#open(ct, 'enter', open, (link) => this.#set.open(`${ctLabel(ct)} enter`, 'program', link, size));
  }

  /** The console. Rejects with the engine's refusal, or with TooManyPanesError. */
  console(engine: Pick<Engine, 'console'>, ct: Labelled): Promise<void> {
    const open = (): Promise<TerminalLink> => engine.console(ct.id, CONSOLE);
    return this.#open(ct, 'console', open, (link) => this.#set.open(`${ctLabel(ct)} console`, 'console', link));
  }

  /** What is typed meanwhile is the pane's: views would take it for theirs. The leave chord gives up, as a frozen container never answers. */
  async #open(
    ct: Labelled,
    kind: PaneInfo['kind'],
    open: (signal: AbortSignal) => Promise<TerminalLink>,
    show: (link: TerminalLink) => Pane,
  ): Promise<void> {
    const ahead: Uint8Array[] = [];
    const waiting: InputTarget = {
      write: (bytes) => void ahead.push(bytes),
      modes: () => PLAIN,
      rect: () => null,
      onModes: () => () => {},
    };
    const opening = new AbortController();
    this.#opening?.abort();
    this.#opening = opening;
    this.#input.focus(waiting);
    this.#store.setState({ opening: `${kind === 'enter' ? 'a shell in' : 'the console of'} ${ctLabel(ct)}`, hint: '' });
    try {
      const link = await open(opening.signal);
      if (opening.signal.aborted) return link.close();
      const pane = show(link);
      this.#owned.set(pane.id, { ct: ct.id, kind });
      this.#store.setState((state) => ({ ...showView(state, { name: 'panes' }), paneCursor: pane.id }));
      this.#sync();
      this.type(pane.id);
      for (const bytes of ahead) pane.target.write(bytes);
    } catch (error) {
      if (opening.signal.aborted) return;
      this.#input.focus(null);
      throw error;
    } finally {
      if (this.#opening === opening) {
        this.#opening = null;
        this.#store.setState({ opening: '' });
      }
    }
  }

  /** Gives the keyboard to a pane. */
  type(id: number): void {
    const pane = this.find(id);
    const open = pane?.state.is === 'open';
    this.#input.focus(open ? pane.target : null);
    if (open) this.#store.setState({ typing: true });
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
    this.#opening?.abort();
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
