// An account as a ledger gives it that knows of no other life.
import { type CtLedger, emptyLedger, looked, merged, overAllLives } from '../../../src/engine/spec/ubc-ledger.ts';
import type { CtUbc } from '../../../src/engine/spec/ubc-rows.ts';

export function ofOneLife(ubc: CtUbc): CtLedger {
  const none = emptyLedger(0);
  return overAllLives(merged(none, looked(none, 'life', 0, ubc.rows)), ubc);
}
