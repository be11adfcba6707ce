/** Where lanes lie, one below the other, and what of them is in view. */

import { packed, type Lane, type Placed } from './lanes';
import { ROW, height, shapes, shortened, textWidth, type Scale, type Shapes } from './shapes';

/** A lane of which nothing is drawn yet, with its place below the axis. */
export interface Laid {
  lane: Lane;
  folded: boolean;
  placed: Placed[];
  y: number;
  height: number;
}

/** A lane of which something is in view: what is drawn of it, and between which heights. */
export interface Seen extends Laid {
  drawn: Shapes;
  from: number;
  to: number;
}

const UNFOLDED = 14; // lanes that stand open at first; more are a strip each
const AROUND = 300; // pixels above and below the view that are drawn before one scrolls to them
export const STEP = 150; // pixels that one scrolls before what is drawn changes

/** How coarsely rows are laid out: in steps, so that nothing jumps while one pans or zooms a little. */
export interface Grain {
  perPixel: number;
  from: number;
  to: number;
}

/** What lies outside takes no row, and is left out and taken in by tenths of the view. */
export function grain({ from, perPixel, width }: Scale): Grain {
  const coarse = 2 ** (Math.round(Math.log2(perPixel) * 2) / 2);
  const tenth = (coarse * width) / 10;
  return {
    perPixel: coarse,
    from: Math.floor(from / tenth) * tenth,
    to: Math.ceil((from + perPixel * width) / tenth) * tenth,
  };
}

/** Lay lanes below each other; `head` is the height of a name that stands above its lane. */
export function lay(lanes: readonly Lane[], flipped: readonly string[], seen: Grain, head: number): Laid[] {
  let y = 0;
  return lanes.map((lane, n) => {
    const folded = n < UNFOLDED === flipped.includes(lane.key);
    const within = lane.threads.filter((one) => one.to >= seen.from && one.from <= seen.to);
    const { placed, rows } = packed(within, seen.perPixel, (title) => textWidth(shortened(title)));
    const one = { lane, folded, placed, y, height: height(rows, folded) };
    y = bottom([one], head);
    return one;
  });
}

/** Give where the last of some lanes ends, with the line below it. */
export function bottom(laid: readonly Laid[], head: number): number {
  const last = laid.at(-1);
  return last ? last.y + last.height + head + 1 : 0;
}

/** Draw what is between two heights, or soon will be. */
export function drawn(laid: readonly Laid[], top: number, bottom: number, scale: Scale): Seen[] {
  return laid
    .filter((one) => one.y + one.height > top - AROUND && one.y < bottom + AROUND)
    .map((one) => {
      const from = Math.max(top - AROUND - one.y, 0);
      const to = Math.min(bottom + AROUND - one.y, one.height);
      const rows = one.folded ? one.placed : one.placed.filter(({ row }) => row * ROW < to && (row + 2) * ROW > from);
      return { ...one, from, to, drawn: shapes(rows, one.folded, scale) };
    });
}

/** How far down the thread of an event lies. */
export function depth(laid: readonly Laid[], position: number): number | null {
  for (const one of laid) {
    const found = one.placed.find(({ thread }) => thread.marks.some(({ entry }) => entry.position === position));
    if (found) return one.y + (one.folded ? 0 : found.row * ROW);
  }
  return null;
}
