import type { PaneInfo } from '../../../src/tui/store/pane-info.ts';

/** A shell that waits for its next command, but for what is said otherwise. */
export const paneInfo = (other: Partial<PaneInfo> = {}): PaneInfo => ({
  id: 1,
  ct: 101,
  kind: 'enter',
  ended: '',
  writable: true,
  scrolled: 0,
  name: '',
  pinned: false,
  marked: false,
  runs: '',
  copy: null,
  ...other,
});
