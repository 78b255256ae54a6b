// The only door to the engine: what cli and tui may see.

export type { VerbEvent } from './ct/verb.ts';
export type * from './engine.ts';
export { ERRORS, type ErrorCode, VzError } from './errors.ts';
export type { NodeConfig } from './store/node-config.ts';
