// The range of user and group ids that a container's ids 0…65535 are mapped to while it runs.

/** Ids in a range; ranges begin at multiples of it. */
export const RANGE = 65_536;
/** Above what systemd-nspawn (0x00080000…0x6FFFFFFF) and subuid defaults use. */
export const FIRST_BASE = 0x7000_0000;
/** Ranges from FIRST_BASE on: up to 0xEFFFFFFF, well below the ids that the kernel refuses. */
export const RANGE_COUNT = 0x8000;
