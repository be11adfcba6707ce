/** How much happened and how much was recorded when: what the sliders of the clocks lie over. */

import { pages, type Schemas } from './api';
import { clocks } from './clocks.svelte';
import { day, span } from './dates';

export interface Bin {
  from: number;
  to: number;
  count: number;
}

export interface Density {
  /** Days on which something happened, rising, each once. */
  days: number[];
  /** By month of the world. */
  happened: Bin[];
  /** By stretch of the ledger. */
  recorded: Bin[];
  /** Where in the ledger each instant of recording begins. */
  instants: { position: number; at: string }[];
  position: number;
}

class Narrowing {
  /** What a page that narrows shows itself, so that nobody else need ask. */
  given = $state.raw<Density | null>(null);
}

export const narrowing = new Narrowing();

const STRETCHES = 60;

/** Ask for what is told of the whole timeline. */
export async function density(signal: AbortSignal): Promise<Density> {
  const query = { ...clocks.knowing(), order: 'recorded' };
  const page = await pages<Schemas['Entry']>('/v1/timeline', { query, signal }, 5000);
  return tally(page.items, page.known_position);
}

/** Count what happened and what was recorded when. */
export function tally(entries: readonly Schemas['Entry'][], position: number): Density {
  const dated = entries.filter((one) => one.effective_day);
  const days = [...new Set(dated.map((one) => day(one.effective_day!)))].sort((a, b) => a - b);
  return {
    days,
    happened: byMonth(dated),
    recorded: byStretch(dated, position),
    instants: instants(entries.toSorted((a, b) => a.position - b.position)),
    position,
  };
}

function byMonth(entries: Schemas['Entry'][]): Bin[] {
  const months = new Map<string, number>();
  for (const one of entries) {
    const month = one.effective_day!.slice(0, 7);
    months.set(month, (months.get(month) ?? 0) + 1);
  }
  return [...months].sort().map(([month, count]) => {
    const { first, last } = span(month);
    return { from: first!, to: last!, count };
  });
}

function byStretch(entries: Schemas['Entry'][], end: number): Bin[] {
  const length = Math.max(1, Math.ceil(end / STRETCHES));
  const counts = new Array<number>(Math.ceil(end / length)).fill(0);
  for (const one of entries) counts[Math.floor((one.position - 1) / length)]! += 1;
  return counts.map((count, at) => ({ from: at * length + 1, to: (at + 1) * length, count }));
}

function instants(entries: Schemas['Entry'][]): { position: number; at: string }[] {
  const found: { position: number; at: string }[] = [];
  for (const one of entries) {
    if (found.at(-1)?.at !== one.recorded_at) found.push({ position: one.position, at: one.recorded_at });
  }
  return found;
}
