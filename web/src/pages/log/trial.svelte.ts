/** A dry run of what is being typed: what it would change, or what stands against it. */

import { post, Problem, type Schemas } from '$lib/api';
import { connection } from '$lib/connection.svelte';
import type { Faults } from './faults.svelte';
import { afterPress } from './press';

export interface Change {
  from: unknown;
  to: unknown;
}

export type Tried = Omit<Schemas['Recorded'], 'changes'> & { changes?: Record<string, Change> | null };

const PAUSE = 300;

export class Trial {
  answer = $state.raw<Tried | null>(null);
  problem = $state.raw<Problem | null>(null);
  busy = $state(false);

  /** Try again whenever what would be sent changes; `to` gives null while there is nothing to try. */
  constructor(faults: Faults, to: () => string | null, body: () => unknown) {
    $effect(() => {
      const address = to();
      const sent = JSON.stringify(body());
      void connection.returns;
      const stop = new AbortController();
      if (address === null) {
        this.#tell(faults, null, null);
        return;
      }
      this.busy = true;
      const timer = setTimeout(() => void this.#try(faults, address, sent, stop.signal), PAUSE);
      return () => {
        clearTimeout(timer);
        stop.abort();
      };
    });
  }

  async #try(faults: Faults, address: string, sent: string, signal: AbortSignal): Promise<void> {
    try {
      const headers = { 'Content-Type': 'application/json' };
      const answer = await post<Tried>(address, sent, { query: { dry_run: true }, signal, headers });
      afterPress(() => signal.aborted || this.#tell(faults, answer, null));
    } catch (error) {
      const problem = error instanceof Problem ? error : null;
      afterPress(() => signal.aborted || this.#tell(faults, null, problem));
    }
  }

  #tell(faults: Faults, answer: Tried | null, problem: Problem | null): void {
    this.answer = answer;
    this.problem = problem;
    this.busy = false;
    faults.all = problem?.errors ?? [];
  }
}
