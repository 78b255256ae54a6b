// The beat of the sampler: a timer that schedules itself, skips beats when it is late and never runs twice at once.

export interface Clock {
  /** Milliseconds. */
  now(): number;
  /** Calls back once after so many milliseconds; returns the canceller. */
  after(milliseconds: number, call: () => void): () => void;
}

const systemClock: Clock = {
  now: () => performance.now(),
  after: (milliseconds, call) => {
    const timer = setTimeout(call, milliseconds);
    return () => clearTimeout(timer);
  },
};

export class Ticker {
  readonly #clock: Clock;
  #period: number;
  readonly #beat: () => void;
  readonly #mayBeat: () => boolean;
  #running = false;
  #cancel: () => void = () => {};
  #next = 0;

  /** `mayBeat` false (nobody can see it): the beat is left out. */
  constructor(period: number, beat: () => void, mayBeat: () => boolean = () => true, clock: Clock = systemClock) {
    this.#period = period;
    this.#beat = beat;
    this.#mayBeat = mayBeat;
    this.#clock = clock;
  }

  /** The first beat is at once. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#next = this.#clock.now();
    this.#run();
  }

  stop(): void {
    this.#running = false;
    this.#cancel();
  }

  /** A beat now, because something has just changed; the rhythm stays. */
  extra(): void {
    if (this.#running && this.#mayBeat()) this.#beat();
  }

  /** Another period, from the last beat on. */
  every(period: number): void {
    if (period === this.#period) return;
    const last = this.#next - this.#period;
    this.#period = period;
    if (!this.#running) return;
    this.#cancel();
    this.#next = Math.max(last + period, this.#clock.now());
    this.#cancel = this.#clock.after(this.#next - this.#clock.now(), () => this.#run());
  }

  #run(): void {
    if (this.#mayBeat()) this.#beat();
    if (!this.#running) return;
    const now = this.#clock.now();
    this.#next += this.#period;
    if (this.#next <= now) this.#next += Math.ceil((now - this.#next + 1) / this.#period) * this.#period;
    this.#cancel = this.#clock.after(this.#next - now, () => this.#run());
  }
}
