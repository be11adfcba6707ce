/** How much happened and how much was recorded when: what the sliders of the clocks lie over. */

import { get, type Query, type Schemas } from './api';
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
  /** Where in the ledger each instant, or day, of recording begins. */
  instants: { position: number; at: string }[];
}

class Narrowing {
  /** What a page that narrows counted itself; null where the whole timeline is to be counted. */
  given = $state.raw<Density | null>(null);
}

export const narrowing = new Narrowing();

const STRETCHES = 60;

interface Counts {
  items: { from: string; events: number }[];
  always: number;
}

/** Ask how much of the whole timeline there is when, or of what it is narrowed to. */
export async function density(signal: AbortSignal, narrow: Query = {}): Promise<Density> {
  const ask = (by: string, narrow: Query = {}): Promise<Counts> =>
    get('/v1/timeline/density', { query: { ...clocks.knowing(), ...narrow, by, unit: 'day' }, signal });
  const narrows = Object.values(narrow).some(Boolean);
  const [effective, everything, narrowed] = await Promise.all([
    ask('effective', narrow),
    ask('recorded'),
    narrows ? ask('recorded', narrow) : null,
  ]);
  const counts = narrowed && new Map(narrowed.items.map((one) => [one.from, one.events]));
  let before = 0;
  const days = everything.items.map(({ from, events }) => {
    const first = before + 1;
    before += events;
    return { from: first, to: before, count: counts ? (counts.get(from) ?? 0) : events, at: from };
  });
  return {
    days: effective.items.map((one) => day(one.from)),
    happened: byMonth(effective.items.map((one) => ({ on: one.from, events: one.events }))),
    recorded: days.flatMap((one) => pieces(one, before / STRETCHES)),
    instants: days.map((one) => ({ position: one.from, at: one.at })),
  };
}

/** Show a day of many positions as so many bars beside each other, each as high as the day. */
function pieces({ from, to, count }: Bin, length: number): Bin[] {
  const number = Math.max(1, Math.round((to + 1 - from) / length));
  const end = (n: number): number => from + Math.round(((to + 1 - from) * n) / number);
  return Array.from({ length: number }, (_, n) => ({ from: end(n), to: end(n + 1) - 1, count }));
}

/** Count what happened and what was recorded when. */
export function tally(entries: readonly Schemas['Entry'][], position: number): Density {
  const dated = entries.filter((one) => one.effective_day);
  const days = [...new Set(dated.map((one) => day(one.effective_day!)))].sort((a, b) => a - b);
  return {
    days,
    happened: byMonth(dated.map((one) => ({ on: one.effective_day!, events: 1 }))),
    recorded: byStretch(dated, position),
    instants: instants(entries.toSorted((a, b) => a.position - b.position)),
  };
}

function byMonth(counted: readonly { on: string; events: number }[]): Bin[] {
  const months = new Map<string, number>();
  for (const { on, events } of counted) {
    const month = on.slice(0, 7);
    months.set(month, (months.get(month) ?? 0) + events);
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
