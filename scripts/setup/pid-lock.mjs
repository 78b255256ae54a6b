// A file that says which process has something for itself: taken by creating it, given back by removing it. Knows nothing of what it guards.
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';

/**
 * Takes the lock. The file of a process that is gone, or that does something else by now, does not count.
 * @param {string} file its directory is there
 * @param {string} script what stands in the command line of everybody who takes it
 * @returns {{ release: () => void, holder: 0 } | { release: null, holder: number }} `holder` is the process that has it
 */
export function takePidLock(file, script) {
  for (;;) {
    try {
      const fd = openSync(file, 'wx', 0o644);
      writeSync(fd, String(process.pid));
      closeSync(fd);
      return { release: () => rmSync(file, { force: true }), holder: 0 };
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const pid = Number(readOr(file, '0'));
    if (pid > 0 && readOr(`/proc/${pid}/cmdline`, '').includes(script)) return { release: null, holder: pid };
    rmSync(file, { force: true });
  }
}

function readOr(file, otherwise) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}
