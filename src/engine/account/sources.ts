// Who tells rows of an account beside control groups, the best first: what one does not know is asked of the next.
import { BPF_SOCKET_ROWS } from './bpf-sockets.ts';
import { DENIAL_ROWS } from './denial-rows.ts';
import { FILE_ROWS, TASK_ROWS } from './iterator-rows.ts';
import { LOCK_ROWS, PROCESS_ROWS } from './process-rows.ts';
import { REFUSAL_ROWS } from './refusal-rows.ts';
import type { SourceKind } from './row-source.ts';
import { RULE_ROWS } from './rule-rows.ts';
import { SOCKSTAT_ROWS } from './socket-rows.ts';
import { TERMINAL_ROWS } from './terminal-rows.ts';

export const SOURCES: readonly SourceKind[] = [
  REFUSAL_ROWS,
  DENIAL_ROWS,
  BPF_SOCKET_ROWS,
  TASK_ROWS,
  FILE_ROWS,
  LOCK_ROWS,
  TERMINAL_ROWS,
  RULE_ROWS,
  SOCKSTAT_ROWS,
  ...PROCESS_ROWS,
];

/** Those that know something of a life that is over. */
export const KEEPING: readonly SourceKind[] = SOURCES.filter(({ keeps }) => keeps);
