// All live parts, in the order in which their steps are applied and their lines are printed: what is refused most often first.

import { HOSTNAME } from './hostname.ts';
import { LIMITS } from './limits.ts';
import type { LivePart } from './part.ts';

export const PARTS: readonly LivePart[] = [LIMITS, HOSTNAME];
