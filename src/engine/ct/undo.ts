// Undo of a verb: for each thing acquired its reverse is pushed; on failure all run in reverse order, on success they are dropped.

export class Undo {
  readonly #steps: (() => Promise<void> | void)[] = [];

  push(step: () => Promise<void> | void): void {
    this.#steps.push(step);
  }

  /** Runs all steps, last first, even when one fails; the failures are returned. */
  async run(): Promise<readonly unknown[]> {
    const failures: unknown[] = [];
    for (const step of this.#steps.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    return failures;
  }

  drop(): void {
    this.#steps.length = 0;
  }
}
