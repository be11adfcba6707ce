/** Whether the server can be reached; while it cannot, it is tried again and again. */

import { onAnswer } from './api';

class Connection {
  away = $state(false);
  /** How often it came back: who reads it asks again when it does. */
  returns = $state(0);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wait = 1000;

  constructor() {
    onAnswer((problem) => (problem?.status === 0 ? this.lost() : this.#back()));
    addEventListener('offline', () => this.lost());
    addEventListener('online', () => void this.retry());
  }

  lost(): void {
    this.away = true;
    this.#timer ??= setTimeout(() => void this.retry(), this.#wait);
  }

  async retry(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(5000) });
      this.#back();
    } catch {
      this.#wait = Math.min(this.#wait * 2, 15_000);
      this.lost();
    }
  }

  #back(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wait = 1000;
    if (!this.away) return;
    this.away = false;
    this.returns += 1;
  }
}

export const connection = new Connection();
