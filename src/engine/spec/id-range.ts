// The range of user and group ids that a container's ids 0…65535 are mapped to while it runs.

/** Ids in a range; ranges begin at multiples of it. */
export const RANGE = 65_536;
/** Above what systemd-nspawn (0x00080000…0x6FFFFFFF) and subuid defaults use. */
export const FIRST_BASE = 0x7000_0000;
/** Ranges from FIRST_BASE on: up to 0xEFFFFFFF, well below the ids that the kernel refuses. */
export const RANGE_COUNT = 0x8000;
/** Places from which on prefixes count their containers; what they begin with stays below 0x80000000. */
const PREFIX_PLACES = 0xe00;

/**
 * Where a container's range is looked for first, as a number from FIRST_BASE on. Each prefix has a place of its own: of two on one machine the
 * other one would take what a container gives up for the moment of its restart.
 * @param tag of the prefix, hexadecimal; "" without one
 */
export const placeOf = (tag: string, id: number): number => (tag === '' ? 0 : Number.parseInt(tag, 16) % PREFIX_PLACES) + id - 1;
