// The open panes and whose they are; what frames and keys need of them goes into the store.
import { type CtSample, decide, type Engine, type TerminalLink } from '../../engine/index.ts';
import type { Pane } from '../panes/pane.ts';
import type { PaneSet } from '../panes/pane-set.ts';
import type { InputTarget, TargetModes } from '../screen/input-target.ts';
import type { Input } from '../screen/screen.ts';
import { clean } from '../screen/text.ts';
import { ctLabel } from '../store/notices.ts';
import type { KeptPanes, PaneInfo } from '../store/pane-info.ts';
import { sizeOfOpened, withOpened, withPanes } from '../store/pane-places.ts';
import { panesIn, renamed, type Split } from '../store/pane-tree.ts';
import type { ManagerState } from '../store/state.ts';
import type { Store } from '../store/store.ts';
import { showView } from '../store/views.ts';
import { WatchedConsole } from './watched-console.ts';

interface Owned {
  readonly ct: number;
  readonly kind: PaneInfo['kind'];
}

type Labelled = { readonly id: number; readonly name: string };

/** The console's number for the keeper; ttys follow. */
const CONSOLE = 1;
/** What the panes' emulator is called in terminfo. */
const TERM = 'xterm-256color';
/** Until the layout gives them their places. */
const FIRST_SIZE = { columns: 80, rows: 24 } as const;
/** A program's name as frames and questions say it. */
const NAME = 32;
const PLAIN: TargetModes = {
  applicationCursorKeys: false,
  applicationKeypad: false,
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
  /** The console that its tab shows; it is none of the panes. */
  readonly watched: WatchedConsole;
  #opening: AbortController | null = null;
  /** Where the left button went down over a pane, in cells of the screen, and whether the pointer was drawn from there. */
  pressed: { readonly pane: number; readonly x: number; readonly y: number } | null = null;
  dragging = false;

  /** `clipboard` sets the person's own. */
  constructor(store: Store, set: PaneSet, input: Input, clipboard: (text: string) => string | null) {
    this.#store = store;
    this.#set = set;
    this.#input = input;
    this.watched = new WatchedConsole(store, set, input);
    set.subscribe(() => this.#sync());
    set.onClipboard = (id, text) => {
      const { paneClipboard, typing, paneCursor } = store.getState();
      // Only what one is looking at and typing into, so that one knows whom to ask about it.
      if (!paneClipboard || !typing || paneCursor !== id) return;
      store.setState({ hint: clipboard(text) ?? `The program in this pane has put ${[...text].length} characters on your clipboard` });
    };
    input.onLeave(() => {
      this.#opening?.abort();
      store.setState({ typing: false, broadcast: false, opening: '' });
      this.look();
    });
  }

  find(id: number | null): Pane | null {
    return this.#set.panes.find((pane) => pane.id === id) ?? null;
  }

  /** A root shell; `beside` = on that side of the pane under the cursor. Rejects with the engine's refusal, or with TooManyPanesError. */
  enter(engine: Pick<Engine, 'shell'>, ct: Labelled, beside: Split | null = null): Promise<void> {
    const size = sizeOfOpened(this.#store.getState(), beside);
    const open = (signal: AbortSignal): Promise<TerminalLink> => engine.shell(ct.id, TERM, size, signal);
    return this.#open(ct, 'enter', beside, open, (link) => this.#set.open(`${ctLabel(ct)} enter`, 'program', link, size));
  }

  /** The console. Rejects with the engine's refusal, or with TooManyPanesError. */
  console(engine: Pick<Engine, 'console'>, ct: Labelled): Promise<void> {
    const open = (): Promise<TerminalLink> => engine.console(ct.id, CONSOLE);
    return this.#open(ct, 'console', null, open, (link) => this.#set.open(`${ctLabel(ct)} console`, 'console', link));
  }

  /** Those that were kept, as they shared the screen; answers why some are missing. */
  async again(
    engine: Pick<Engine, 'shell' | 'console'>,
    kept: KeptPanes,
    ctOf: (ct: number) => CtSample | null,
  ): Promise<readonly string[]> {
    this.#store.setState({ opening: 'the panes of last time', lastPanes: null });
    const refusals: string[] = [];
    const ids: (number | null)[] = [];
    for (const { ct, kind } of kept.panes) {
      const row = ctOf(ct);
      ids.push(null);
      if (row === null || 'refuse' in decide(kind, row.state)) continue;
      try {
        const link = await (kind === 'enter' ? engine.shell(ct, TERM, FIRST_SIZE) : engine.console(ct, CONSOLE));
        const pane = this.#set.open(`${ctLabel(row)} ${kind}`, kind === 'enter' ? 'program' : 'console', link, FIRST_SIZE);
        this.#owned.set(pane.id, { ct, kind });
        ids[ids.length - 1] = pane.id;
      } catch (error) {
        refusals.push(`${ct}: ${error instanceof Error ? error.message : error}`);
      }
    }
    this.#sync();
    const none = ids.every((id) => id === null);
    this.#store.setState((state) => ({ opening: '', ...(none ? { lastPanes: kept } : asKept(state, kept, ids)) }));
    return refusals;
  }

  /** What is typed meanwhile is the pane's: views would take it for theirs. The leave chord gives up, as a frozen container never answers. */
  async #open(
    ct: Labelled,
    kind: PaneInfo['kind'],
    beside: Split | null,
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
      this.#store.setState((state) => ({
        ...showView(state, { name: 'panes' }),
        arrangement: withOpened(state, pane.id, beside),
        paneCursor: pane.id,
        lastPanes: null,
        zoomed: state.zoomed && beside === null,
      }));
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

  /** Gives the keyboard to a pane; with `others`, what is typed goes to those as well. */
  type(id: number, others: readonly number[] = []): void {
    const pane = this.find(id);
    const open = pane?.state.is === 'open';
    pane?.endCopy();
    const more = others.flatMap((other) => (other === id ? [] : (this.find(other)?.target ?? [])));
    this.#input.focus(open ? (more.length === 0 ? pane.target : together(pane.target, more)) : null);
    if (open) this.#store.setState({ typing: true, broadcast: more.length > 0 });
  }

  leave(): void {
    this.#input.focus(null);
    this.#store.setState({ typing: false, broadcast: false });
  }

  /** Looks what runs in the shells now: questions speak of it. */
  look(): void {
    this.#store.setState(({ panes }) => {
      const runs = panes.map((pane) => clean(this.find(pane.id)?.foreground() ?? '', NAME));
      return panes.some((pane, i) => pane.runs !== runs[i]) ? { panes: panes.map((pane, i) => ({ ...pane, runs: runs[i] ?? '' })) } : {};
    });
  }

  close(id: number): void {
    const pane = this.find(id);
    if (pane !== null) this.#set.close(pane);
    this.#owned.delete(id);
    this.#sync();
  }

  closeAll(): void {
    this.#opening?.abort();
    this.watched.close();
    this.#set.closeAll();
  }

  #sync(): void {
    const state = this.#store.getState();
    const infos = this.#set.panes.flatMap((pane): readonly PaneInfo[] => {
      const owned = this.#owned.get(pane.id);
      if (owned === undefined) return [];
      const known = state.panes.find((one) => one.id === pane.id) ?? NEW;
      const ended = pane.state.is === 'ended' ? pane.state.text || 'ended' : '';
      return [{ ...known, id: pane.id, ...owned, ended, writable: pane.writable, scrolled: pane.scrolled, copy: pane.copy }];
    });
    const next = withPanes(state, infos);
    const current = infos.find((pane) => pane.id === next.paneCursor);
    const stillTyping = state.typing && (this.watched.typing || (current?.id === state.paneCursor && current?.ended === ''));
    if (state.typing && !stillTyping) this.#input.focus(null);
    this.#store.setState({ ...next, typing: stillTyping, broadcast: state.broadcast && stillTyping });
  }
}

const NEW = { name: '', pinned: false, marked: false, runs: '' } as const;

/** One target that is typed into together with others. */
const together = (target: InputTarget, others: readonly InputTarget[]): InputTarget => ({
  write: (bytes) => target.write(bytes),
  modes: () => target.modes(),
  rect: () => target.rect(),
  onModes: (listener) => target.onModes(listener),
  others,
});

/** Names, pins and places of the panes that were opened in the order of those that were kept. */
function asKept(state: ManagerState, kept: KeptPanes, ids: readonly (number | null)[]): Partial<ManagerState> {
  const panes = state.panes.map((pane) => {
    const known = kept.panes[ids.indexOf(pane.id)];
    return known === undefined ? pane : { ...pane, name: known.name, pinned: known.pinned };
  });
  const arrangement = renamed(kept.arrangement, (place) => ids[place] ?? null);
  const paneCursor = ids[kept.chosen] ?? panesIn(arrangement)[0] ?? panes[0]?.id ?? null;
  return { ...showView(state, { name: 'panes' }), ...withPanes({ ...state, arrangement, paneCursor }, panes), zoomed: kept.zoomed };
}
