/** The marks of an axis of time: years, months or days, as many as there is room for. */

import { utcTicks } from 'd3-time';
import { DAY } from '$lib/dates';
import type { Stretch } from './zoom';

export interface Tick {
  at: number;
  text: string;
}

const APART = 95; // pixels

export function ticks({ from, to }: Stretch, width: number, locale: string): Tick[] {
  const found = utcTicks(new Date(from), new Date(to), Math.max(2, width / APART)).map(Number);
  const apart = found.length > 1 ? found[1]! - found[0]! : DAY;
  const format = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
    new Intl.DateTimeFormat(locale, { timeZone: 'UTC', ...options });
  if (apart > 360 * DAY) return told(found, format({ year: 'numeric' }));
  if (apart > 27 * DAY) return told(found, format({ year: 'numeric', month: 'short' }));
  return told(found, format({ month: 'short', day: 'numeric' }), format({ year: 'numeric', month: 'short', day: 'numeric' }));
}

/** Write them; of days, the first ones of a year with the year. */
function told(times: readonly number[], format: Intl.DateTimeFormat, first = format): Tick[] {
  return times.map((at) => {
    const day = new Date(at);
    const begins = day.getUTCMonth() === 0 && day.getUTCDate() < 3;
    return { at, text: (begins ? first : format).format(at) };
  });
}
