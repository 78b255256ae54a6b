// All live parts, in the order in which their steps are applied and their lines are printed: what is refused most often first.

import { ADDRESSES } from './addresses.ts';
import { DEVICES, PCI } from './devices.ts';
import { LIMITS } from './limits.ts';
import { LINKS } from './links.ts';
import { LOCKED_MEMORY } from './locked-memory.ts';
import { MOUNTS } from './mounts.ts';
import { NAMES } from './names.ts';
import type { LivePart } from './part.ts';
import { REFUSALS } from './refusals.ts';
import { SHARED_MEMORY } from './shared-memory.ts';
import { SOCKETS } from './sockets.ts';
import { TCP_BUFFERS } from './tcp-buffers.ts';
import { TERMINALS } from './terminals.ts';
import { VETHS } from './veths.ts';

export const PARTS: readonly LivePart[] = [
  LIMITS,
  REFUSALS,
  SOCKETS,
  TERMINALS,
  SHARED_MEMORY,
  TCP_BUFFERS,
  PCI,
  DEVICES,
  MOUNTS,
  ...LINKS,
  ADDRESSES,
  NAMES,
  VETHS,
  LOCKED_MEMORY,
];
