// Waiting for what no event tells a test: another process changes files and mounts. The wait ends with the test's own time limit.

const LOOK_AGAIN_MS = 10;

export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
}
