/**
 * What was asked of the server: the answer, and how it stands.
 *
 *     const warnings = asked((signal) => get<Page>('/v1/warnings', { query: clocks.query(), signal }));
 *     {#if warnings.value} … {:else if warnings.problem} <Failed {…} /> {:else} <Loading /> {/if}
 *
 * It asks again when anything changes that the function read before its first await (clocks, filters,
 * language), never twice at once, and keeps the last answer until the next is there.
 */

import { behind, Problem } from './api';
import { reader } from './language.svelte';
import { live } from './live.svelte';
import { session } from './session.svelte';
import { connection } from './connection.svelte';

export interface Asked<T> {
  readonly value: T | undefined;
  readonly problem: Problem | null;
  readonly loading: boolean;
  again(): void;
}

export function asked<T>(ask: (signal: AbortSignal) => Promise<T> | null): Asked<T> {
  let value = $state.raw<T>();
  let problem = $state.raw<Problem | null>(null);
  let loading = $state(true);
  let turn = $state(0);

  // One question is on its way at a time and the newest waits: so sliders follow as fast as answers do.
  let before: Promise<void> = Promise.resolve();
  let waiting: AbortController | null = null;
  const last = new AbortController();

  $effect(() => () => last.abort());
  $effect(() => {
    void turn;
    void live.rebuilt;
    void reader.language; // answers tell in it
    void connection.returns; // a connection that is back asks again
    if (!session.me) return;
    waiting?.abort();
    const mine = (waiting = new AbortController());
    last.signal.addEventListener('abort', () => mine.abort(), { signal: mine.signal });
    const gate = before.then(() => {
      if (waiting === mine) waiting = null;
    });
    const question = behind(gate, () => ask(mine.signal));
    before = question ? question.then(nothing, nothing) : gate;
    if (!question) {
      loading = false;
      value = undefined;
      return;
    }
    loading = true;
    question.then(
      (answer) => {
        if (mine.signal.aborted) return;
        value = answer;
        problem = null;
        loading = waiting !== null;
      },
      (error: unknown) => {
        if (mine.signal.aborted) return;
        problem = error instanceof Problem ? error : new Problem({ detail: String(error) }, -1);
        loading = waiting !== null;
      },
    );
  });

  return {
    get value() {
      return value;
    },
    get problem() {
      return problem;
    },
    get loading() {
      return loading;
    },
    again: () => {
      turn += 1;
    },
  };
}

function nothing(): void {
  // How it ended is told to whoever asked.
}
