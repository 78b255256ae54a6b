// What each word of vzdeck net is called with.
import type { Engine, RunOptions } from '../../engine/index.ts';

export interface NetCall {
  readonly engine: Engine;
  readonly json: boolean;
  readonly dryRun: boolean;
  readonly run: RunOptions;
}
