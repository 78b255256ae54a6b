// What a surface shows: rows of ready SGR text. Knows no React and no terminal.

/** Cells, zero-based from the upper left corner of the screen. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Zero-based cell. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * Rows of a rectangle, composed outside React. A row may hold printable text and SGR sequences, nothing else; what is too wide is cut,
 * what is too short is filled with blanks. A row starts with default attributes.
 */
export interface SurfaceSource {
  /** At most `height` rows. The same array object as last time means that nothing has changed. */
  lines(width: number, height: number): readonly string[];
  /** Calls the listener after each change; returns the unsubscriber. */
  subscribe(listener: () => void): () => void;
  /** Where the terminal's cursor stands inside the surface while it is the one that has the keyboard; null or absent = no cursor. */
  cursor?(): Point | null;
  /** Where the surface is on the screen, at first and at each change, before `lines` is asked for its size; null = not shown any more. */
  placed?(rect: Rect | null): void;
  /** True while changes come so fast that ten frames a second are enough. */
  flooding?(): boolean;
}
