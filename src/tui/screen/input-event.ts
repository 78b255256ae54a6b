// What the keyboard and mouse say, in words. Data only.

/**
 * One key press. `id` is what key tables match on: the character itself for printable keys ("a", "A", "?", "é"), a name for others, with
 * modifiers in front in this order: "ctrl-", "alt-", "shift-". Shift is never written for printable characters.
 * Names: enter tab escape space backspace delete insert up down left right home end pageup pagedown f1…f12.
 * Examples: "ctrl-c", "alt-x", "shift-tab", "ctrl-shift-up", "space", "ctrl-space".
 */
export interface KeyEvent {
  readonly type: 'key';
  readonly id: string;
  /** What the key would type into a text field: the printable character, " " for space, "" for everything else. */
  readonly text: string;
}

/** Text pasted in one piece; control characters but newline and tab are taken out. */
export interface PasteEvent {
  readonly type: 'paste';
  readonly text: string;
}

export interface MouseEvent {
  readonly type: 'mouse';
  readonly action: 'press' | 'release' | 'drag' | 'move' | 'wheel-up' | 'wheel-down';
  readonly button: 'left' | 'middle' | 'right' | 'none';
  /** Zero-based cell of the screen. */
  readonly x: number;
  readonly y: number;
}

/** The terminal window got or lost the keyboard. */
export interface FocusEvent {
  readonly type: 'focus';
  readonly gained: boolean;
}

export type InputEvent = KeyEvent | PasteEvent | MouseEvent | FocusEvent;

/** Answers true when it has taken the event; what nobody takes goes to Ink's own useInput. */
export type InputHandler = (event: InputEvent) => boolean;
