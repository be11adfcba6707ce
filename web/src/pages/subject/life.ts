/** Where the life of a record is drawn: stages as bars, events as marks in as few rows as they need. */

import type { Schemas } from '$lib/api';
import { day, span } from '$lib/dates';

type Told = Schemas['FieldTold'];
type Past = Schemas['Entry'];

export interface Bar {
  stage: string;
  from: number;
  to: number | null;
  position: number;
}

export interface Mark {
  event: Past;
  from: number;
  to: number;
  row: number;
}

/** The stages one after the other: each lasts until the next begins. */
export function bars(stages: Told[], ends: (stage: string) => boolean): Bar[] {
  const dated = stages.filter((one) => one.effective_day).toReversed();
  return dated.map((one, at) => {
    const next = dated[at + 1];
    const stage = String(one.value);
    const from = day(one.effective_day!);
    return { stage, from, to: next ? day(next.effective_day!) : ends(stage) ? from : null, position: one.position };
  });
}

/** The days that an event may lie on; nothing for one that holds on every day. */
export function days(event: Past): [number, number] | null {
  if (!event.effective_day) return null;
  const { first, last } = span(event.occurred_on);
  const on = day(event.effective_day);
  return [first ?? on, last ?? on];
}

/** Lay events into rows so that no two of them touch; `x` tells where a day is, in pixels. */
export function laid(events: Past[], x: (day: number) => number, gap: number): Mark[] {
  const rows: number[] = [];
  const marks: Mark[] = [];
  for (const event of events) {
    const when = days(event);
    if (!when) continue;
    const left = x(when[0]);
    let row = rows.findIndex((end) => end + gap <= left);
    if (row < 0) row = rows.length;
    rows[row] = Math.max(x(when[1]), left);
    marks.push({ event, from: when[0], to: when[1], row });
  }
  return marks;
}
