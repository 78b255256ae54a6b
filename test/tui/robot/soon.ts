// Whoever waits says for what.

/** Milliseconds; in an emulated machine all but the clock is slower. */
const PATIENCE = 60_000 * Number(process.env['VZDECK_PATIENCE'] ?? 1);

/** Throws where it has not come for long; `what` is asked only then. */
export async function soon<T>(event: Promise<T>, what: () => string): Promise<T> {
  const never = Promise.withResolvers<never>();
  const patience = setTimeout(() => never.reject(new Error(`Waited for ${what()}`)), PATIENCE);
  try {
    return await Promise.race([event, never.promise]);
  } finally {
    clearTimeout(patience);
  }
}
