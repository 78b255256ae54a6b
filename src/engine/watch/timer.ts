// The engine's only timers. Everything else waits for an event.

/** Resolves after `ms` milliseconds, or at once when the signal aborts; never rejects. */
export function after(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    if (signal?.aborted) done();
    else signal?.addEventListener('abort', done, { once: true });
  });
}

/** A signal that comes after `ms` milliseconds; nothing is kept alive for it. */
export const patience = (ms: number): AbortSignal => AbortSignal.timeout(ms);

/** Did the event come before the time was over? The event's wait is aborted when it did not. */
export async function within(ms: number, event: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
  const stop = new AbortController();
  const came = event(stop.signal).then(() => true);
  const over = after(ms, stop.signal).then(() => false);
  try {
    return await Promise.race([came, over]);
  } finally {
    stop.abort();
    // The loser ends with the abort; its rejection is nobody's news.
    came.catch(() => {});
  }
}
