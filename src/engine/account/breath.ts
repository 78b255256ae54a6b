// Long work in short pieces, so that whoever types meanwhile is answered: between two of them others come first.

/** Milliseconds after which others come first. */
const BREATH = 8;

/** Asked between pieces of work: null goes on at once, a promise resolves when the others have had their turn. */
export type Breath = () => Promise<void> | null;

export function openBreath(uptime: () => number): Breath {
  let since = uptime();
  const rest = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    since = uptime();
  };
  return () => (uptime() - since < BREATH ? null : rest());
}
