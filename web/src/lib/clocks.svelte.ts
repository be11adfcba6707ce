/**
 * The two clocks of every page: the day in the world (`at`), and what was known (`known`, a position of
 * the ledger, the only order of knowledge). Neither in the address means today, and all that is known.
 */

import { address } from './address.svelte';
import { isDay, today } from './dates';
import { live } from './live.svelte';

class Clocks {
  #today = $state(today());

  constructor() {
    setInterval(() => (this.#today = today()), 60_000);
  }

  // Each follows its own part of the address alone: to move one clock asks nothing about the other.
  #saidAt = $derived(address.query.get('at') ?? '');
  #saidKnown = $derived(address.query.get('known') ?? '');
  #known = $derived(/^\d{1,15}$/.test(this.#saidKnown) ? Number(this.#saidKnown) : null);

  /** The day in the world that is looked at. */
  get at(): string {
    return this.atNow ? this.#today : this.#saidAt;
  }

  get today(): string {
    return this.#today;
  }

  get atNow(): boolean {
    return !isDay(this.#saidAt);
  }

  /** The last position that counts as known; null for all. */
  get known(): number | null {
    return this.#known;
  }

  get now(): boolean {
    return this.atNow && this.known === null;
  }

  setAt(day: string | null, slides = false): void {
    address.set({ at: day === this.#today ? null : day }, { replace: slides });
  }

  setKnown(position: number | null, slides = false): void {
    address.set({ known: position === null ? null : String(position) }, { replace: slides });
  }

  reset(): void {
    address.set({ at: null, known: null });
  }

  /** Both clocks as a question says them; with all known, it is asked again at every new event. */
  query(): { effective_at?: string; known_position?: number; min_position?: number } {
    return { ...(this.atNow ? {} : { effective_at: this.at }), ...this.knowing() };
  }

  /** The clock of knowledge alone: for the log, the timeline and histories. */
  knowing(): { known_position?: number; min_position?: number } {
    if (this.known !== null) return { known_position: this.known };
    return live.position ? { min_position: live.position } : {};
  }
}

export const clocks = new Clocks();
