// Writes that may fail for want of room without anything being lost by it: what is noted so can be seen elsewhere, or is only told.

const NO_ROOM = new Set(['ENOSPC', 'EDQUOT', 'EROFS']);

/** The file system is full, the quota used up, or nothing may be written at all. */
export const isNoRoom = (error: unknown): boolean => NO_ROOM.has((error as { code?: string } | null)?.code ?? '');

/** false: there was no room for it. Other errors are thrown. */
export function ifRoom(write: () => void): boolean {
  try {
    write();
    return true;
  } catch (error) {
    if (isNoRoom(error)) return false;
    throw error;
  }
}
