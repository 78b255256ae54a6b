// The only door to the engine: what cli and tui may see.

export { readUserPassword } from './ct/inside/passwords.ts';
export { newPassword } from './ct/password.ts';
export { NOT_IN_SAMPLES, sampleNameFault } from './ct/samples.ts';
export type { UserPassword } from './ct/set-request.ts';
export { statusLine } from './ct/status.ts';
export type { VerbEvent } from './ct/verb.ts';
export type * from './engine.ts';
export { drawable, ERRORS, type ErrorCode, VzError } from './errors.ts';
export { readEnd } from './launcher/outcome.ts';
export { LENS_KINDS } from './lens/lens.ts';
export { openEngine } from './open.ts';
export { quoteWords, secretless, withSecrets } from './spec/command-line.ts';
export { isCtid, isPattern, matchesPattern, parseCtid, parseRange, RESERVED_CTID } from './spec/ctid.ts';
export { systemRefusal } from './spec/errno.ts';
export { type Cell, CLASSIC_FIELDS, LIST_FIELDS, type ListField, type ListRow, listField } from './spec/list-fields.ts';
export { findListFields, listHelp } from './spec/list-help.ts';
export {
  CAPACITY,
  MEMORY_COLUMN_NAMES,
  MEMORY_COLUMNS,
  type MemoryColumn,
  type MemoryUse,
  memoryShares,
  memorySum,
  memoryUse,
  type NodeMemory,
  type OversellFlag,
  type OversellRow,
  type Oversold,
  oversell,
} from './spec/node-memory.ts';
export { soldOf } from './spec/node-promises.ts';
export { amountText, changeTo, isLimitAlone, setFlag, setLine, valueText } from './spec/params/change-to.ts';
export { collectChange } from './spec/params/collect.ts';
export { type Badge, badgeOf, enforcerText } from './spec/params/enforcer.ts';
export { parseNetif } from './spec/params/netif.ts';
export { configLine, faultOf, type Values } from './spec/params/read.ts';
export { parseSwitches } from './spec/params/rights.ts';
export { senseFault } from './spec/params/sense.ts';
export { flagOf, PARAMS, paramOf, type Section, sectionOf } from './spec/params/table.ts';
export type { Around, Change, Enforcer, Item, Items, Param, Unit } from './spec/params/types.ts';
export { fillPattern, isPatterned, PATTERN_HELP } from './spec/pattern.ts';
export { SCALED, type ScaleFactors, scaleValues } from './spec/scale.ts';
export {
  diskPairs,
  type Split,
  type SplitNode,
  SYSTEM_RESERVE,
  split,
  splitDisk,
  splitRefusal,
  splitVswap,
  threadsOf,
} from './spec/split.ts';
export { classicState, decide, type Verb } from './spec/states.ts';
export { TerminalGuard } from './spec/terminal-guard.ts';
export {
  mayBeEarlier,
  NO_TRAFFIC,
  type Traffic,
  type TrafficAccount,
  type TrafficByLink,
  type TrafficSpan,
  trafficSum,
} from './spec/traffic.ts';
export { BEANCOUNTERS, isVswap, pairOf } from './spec/ubc.ts';
export { uncountedText } from './spec/ubc-holds.ts';
export {
  type CtLedger,
  gapText,
  growthOf,
  type HistoryPoint,
  type HistorySpan,
  type LedgerGap,
  type LedgerRow,
} from './spec/ubc-ledger.ts';
export { ACCOUNT_ROWS, type CtUbc, type Enforced, ROW_ORDER, type UbcRow } from './spec/ubc-rows.ts';
export { type Advice, adviceFor, boundOf, NEAR, refusedText, UBC_SENSE, type UbcSense } from './spec/ubc-sense.ts';
export { inPages, isUnlimited, shortAmount, shortPercent } from './spec/ubc-short.ts';
export {
  bcResourcesText,
  ctResourcesText,
  parseUbcText,
  printUbcText,
  type TextRow,
  type TextUbc,
  textUbc,
  UBC_VERSION,
  type UbcText,
  userBeancountersText,
} from './spec/ubc-text.ts';
export { type Concern, concernOf, USUAL_WATERMARKS, type Watermarks } from './spec/ubc-watermarks.ts';
export { byText, knowsFailcnt, knowsMaxheld, unitOf } from './spec/ubc-word.ts';
export { humanBytes, PAGE, type Pair, printFixed, printG, printPair, UNIT_BYTES, UNLIMITED } from './spec/units.ts';
export { type BrokenRule, findingsIn, type NodeSize, repairText, type Step, validation } from './spec/validate/rules.ts';
export { ENGINE_VERSION } from './spec/version.ts';
export { loweredFrom, loweredText } from './spec/why/sentence.ts';
export type { NodeConfig } from './store/node-config.ts';
export { type KnownRecipe, RECIPES } from './template/recipes.ts';
