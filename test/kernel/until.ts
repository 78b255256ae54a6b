// Waiting for what no event tells a test: another process changes files and mounts. The wait ends with the test's own time limit.

const LOOK_AGAIN_MS = 10;
/** So many times as long as a look took: what is awaited has to run as well, and the test machine has one slow processor for both. */
const REST = 3;

export async function until(holds: () => boolean): Promise<void> {
  for (let start = performance.now(); !holds(); start = performance.now()) {
    const took = performance.now() - start;
    await new Promise((resolve) => setTimeout(resolve, Math.max(LOOK_AGAIN_MS, REST * took)));
  }
}
