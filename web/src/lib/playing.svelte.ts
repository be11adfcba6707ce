/** Moving a clock by itself, or by one event. */

import { clocks } from './clocks.svelte';
import { DAY, day, iso } from './dates';
import { live } from './live.svelte';

export type Clock = 'at' | 'known';
export const SPEEDS = [1, 4, 16] as const;

/** At single speed: days of the world, or events of the ledger, a second. */
const PACE: Record<Clock, number> = { at: 60, known: 6 };
/** More steps a second are not seen, and each asks the server. */
const STEPS = 12;

class Playing {
  clock = $state<Clock | null>(null);
  speed = $state<(typeof SPEEDS)[number]>(1);
  #timer: ReturnType<typeof setInterval> | undefined;
  #exact = 0;

  /** Play a clock from where it stands, or from the start where it stands at the end. */
  start(clock: Clock, from: number, to: number): void {
    this.stop();
    this.clock = clock;
    const here = clock === 'at' ? day(clocks.at) : (clocks.known ?? to);
    this.#exact = here >= to ? from : here;
    this.#timer = setInterval(() => this.#step(clock, to), 1000 / STEPS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.clock = null;
  }

  #step(clock: Clock, to: number): void {
    const unit = clock === 'at' ? DAY : 1;
    this.#exact += (PACE[clock] * this.speed * unit) / STEPS;
    if (this.#exact >= to) {
      this.stop();
      return clock === 'at' ? clocks.setAt(null) : clocks.setKnown(null);
    }
    if (clock === 'at') clocks.setAt(iso(this.#exact), true);
    else clocks.setKnown(Math.floor(this.#exact), true);
  }

  /** Go to the day before or behind at which something happened. */
  stepAt(days: readonly number[], forward: boolean): void {
    const here = day(clocks.at);
    const to = forward ? days.find((one) => one > here) : days.findLast((one) => one < here);
    if (to !== undefined) clocks.setAt(iso(to));
  }

  /** Go one event on, or back, in what is known. */
  stepKnown(forward: boolean): void {
    const here = clocks.known ?? live.position;
    const to = here + (forward ? 1 : -1);
    if (to >= live.position) clocks.setKnown(null);
    else if (to >= 1) clocks.setKnown(to);
  }
}

export const playing = new Playing();
