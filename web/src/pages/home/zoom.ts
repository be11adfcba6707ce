/** Which stretch of time is shown: its two ends, as times. */

import { DAY, day, iso } from '$lib/dates';
import type { Codec } from '$lib/address.svelte';

export interface Stretch {
  from: number;
  to: number;
}

/** From four days to five hundred years. */
const LEAST = 4 * DAY;
const MOST = 500 * 366 * DAY;
const EARLIEST = Date.UTC(1500, 0, 1);
const LATEST = Date.UTC(2500, 0, 1);

/** Written as `2024-01-01..2026-06-30`. */
export function stretch(): Codec<Stretch | null> {
  return {
    slides: true,
    read(text) {
      const [from, to] = (text ?? '').split('..').map(day);
      return from !== undefined && to !== undefined && to - from >= LEAST ? { from, to } : null;
    },
    write: (value) => value && `${iso(value.from)}..${iso(value.to)}`,
  };
}

function within(from: number, length: number): Stretch {
  const long = Math.min(Math.max(length, LEAST), MOST);
  const start = Math.min(Math.max(from, EARLIEST), LATEST - long);
  return { from: start, to: start + long };
}

/** Zoom by a factor (under 1 comes closer) around a point, from 0 at the left to 1 at the right. */
export function zoomed(now: Stretch, factor: number, around = 0.5): Stretch {
  const length = now.to - now.from;
  const long = Math.min(Math.max(length * factor, LEAST), MOST);
  return within(now.from + (length - long) * around, long);
}

/** Move by a part of what is shown. */
export function panned(now: Stretch, part: number): Stretch {
  const length = now.to - now.from;
  return within(now.from + length * part, length);
}

/** Move so that a time is shown, if it is not. */
export function showing(now: Stretch, time: number): Stretch {
  const length = now.to - now.from;
  if (time > now.from + length * 0.04 && time < now.to - length * 0.04) return now;
  return within(time - length / 2, length);
}
