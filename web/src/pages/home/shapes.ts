/** What is drawn on a lane, with its place in pixels: the same for SVG and for a canvas. */

import { meta } from '$lib/meta.svelte';
import type { Mark, Placed, Way } from './lanes';

export const ROW = 30;
export const PAD = 7;
export const FOLDED = 26;
const BAND = 21; // where in a row its line is

export type Form = 'dot' | 'span' | 'end' | 'promise';
export type Ring = 'corrected' | 'disputed' | 'contested' | null;

export interface DrawnMark {
  position: number;
  kind: string;
  form: Form;
  x: number;
  end: number;
  y: number;
  hollow: boolean;
  about: boolean;
  faint: boolean;
  ring: Ring;
}

export interface DrawnPiece {
  x: number;
  end: number;
  y: number;
  kind: string;
  way: Way;
}

export interface DrawnTitle {
  /** Where its thread begins. */
  from: number;
  x: number;
  y: number;
  text: string;
  key: string;
  over: boolean;
}

export interface Shapes {
  pieces: DrawnPiece[];
  marks: DrawnMark[];
  titles: DrawnTitle[];
}

export interface Scale {
  from: number;
  perPixel: number;
  width: number;
}

const LONGEST = 46;

export function shortened(title: string): string {
  return title.length > LONGEST ? `${title.slice(0, LONGEST - 1)}…` : title;
}

const measured = new Map<string, number>();
const pen = document.createElement('canvas').getContext('2d')!;
pen.font = '500 11.5px "Inter Variable", system-ui, sans-serif';

export function textWidth(text: string): number {
  let known = measured.get(text);
  if (known === undefined) measured.set(text, (known = pen.measureText(text).width));
  return known;
}

export function height(rows: number, folded: boolean): number {
  return folded ? FOLDED : Math.max(rows * ROW + 2 * PAD, 44);
}

export function shapes(placed: readonly Placed[], folded: boolean, scale: Scale): Shapes {
  const drawn: Shapes = { pieces: [], marks: [], titles: [] };
  const x = (time: number): number => (time - scale.from) / scale.perPixel;
  const right = scale.width + 20;
  const ends = new Map<number, number>(); // where in a row the next title may begin
  for (const { thread, row } of placed) {
    const left = x(thread.from);
    if (left > right || Math.max(x(thread.to), left + (folded ? 0 : 340)) < -20) continue;
    const y = folded ? FOLDED / 2 : PAD + row * ROW + BAND;
    if (!folded) {
      for (const piece of thread.pieces) {
        const from = Math.max(x(piece.from), -20);
        const end = Math.min(x(piece.to), right);
        if (end > from) drawn.pieces.push({ x: from, end, y, kind: thread.kind, way: piece.way });
      }
    }
    for (const one of thread.marks) {
      const from = x(one.from);
      const end = x(one.to);
      if (end > -20 && from < right) drawn.marks.push(shape(one, from, end, y));
    }
    if (!folded) {
      const text = shortened(thread.title);
      const long = textWidth(text);
      const last = x(thread.to);
      const own = left < 4 && last > 60 ? 4 : left - 4;
      // What begins near the right edge is told to the left of it, where there is room.
      const at = Math.max(Math.min(own, scale.width - long - 8), ends.get(row) ?? 4, left < 4 ? own : 4);
      ends.set(row, Math.max(last, at + long) + 8);
      if (at + long > 0) drawn.titles.push({ from: left, x: at, y: y - 9, text, key: thread.key, over: left < 4 });
    }
  }
  return drawn;
}

function shape(mark: Mark, x: number, end: number, y: number): DrawnMark {
  const { entry } = mark;
  const wide = !mark.exact && end - x > 9;
  const form: Form = wide
    ? 'span'
    : entry.type.startsWith('target.')
      ? 'promise'
      : meta.action(entry.type)?.ends
        ? 'end'
        : 'dot';
  return {
    position: entry.position,
    kind: entry.subject.kind,
    form,
    x: wide ? x : (x + end) / 2,
    end,
    y,
    hollow: entry.type === 'claim.reported',
    about: mark.about,
    faint: entry.status === 'retracted',
    ring:
      entry.status === 'disputed' ? 'disputed' : entry.contested ? 'contested' : entry.status === 'corrected' ? 'corrected' : null,
  };
}

/** The outline of a mark as an SVG path, around its own place. */
export function outline(one: DrawnMark): string {
  const { x, y } = one;
  switch (one.form) {
    case 'span': {
      const width = Math.max(one.end - x, 9);
      return `M${x + 4.5} ${y - 4.5}h${width - 9}a4.5 4.5 0 0 1 0 9h${9 - width}a4.5 4.5 0 0 1 0-9z`;
    }
    case 'end':
      return `M${x - 4} ${y - 4}h8v8h-8z`;
    case 'promise':
      return `M${x} ${y - 5.5}l5 5.5l-5 5.500l-5-5.500z`;
    default:
      return `M${x - 4.5} ${y}a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z`;
  }
}

/** The middle of a mark, for rings and for what points at it. */
export function middle(one: DrawnMark): number {
  return one.form === 'span' ? (one.x + one.end) / 2 : one.x;
}

const REACH = 11; // pixels from a mark at which a pointer still means it

/** Find the mark that a pointer means, and where its middle is. */
export function nearest(drawn: Shapes, x: number, y: number): { position: number; x: number; y: number } | null {
  let best = REACH;
  let found: DrawnMark | null = null;
  for (const one of drawn.marks) {
    const dx = one.form === 'span' ? Math.max(one.x - x, x - one.end, 0) : Math.abs(one.x - x);
    const away = Math.hypot(dx, (one.y - y) * 0.9);
    if (away < best) [best, found] = [away, one];
  }
  return found && { position: found.position, x: middle(found), y: found.y };
}

/** Draw on a canvas the marks that SVG would be too slow for. */
export function paint(context: CanvasRenderingContext2D, drawn: Shapes, colour: (name: string) => string, chosen: number | null): void {
  context.lineCap = 'round';
  for (const piece of drawn.pieces) {
    context.globalAlpha = piece.way === 'on' ? 0.4 : 0.3;
    context.strokeStyle = colour(`--kind-${piece.kind}`);
    context.lineWidth = piece.way === 'on' ? 5 : 2;
    context.setLineDash(piece.way === 'suspended' ? [2, 5] : []);
    context.beginPath();
    context.moveTo(piece.x, piece.y);
    context.lineTo(piece.end, piece.y);
    context.stroke();
  }
  context.setLineDash([]);
  for (const one of drawn.marks) {
    const tone = colour(`--kind-${one.kind}`);
    const path = new Path2D(outline(one));
    context.globalAlpha = one.faint ? 0.35 : 1;
    context.lineWidth = 1.5;
    context.fillStyle = one.hollow ? colour('--surface') : tone;
    context.strokeStyle = one.hollow || one.form === 'span' ? tone : colour('--surface');
    if (one.form === 'span') context.globalAlpha *= 0.35;
    context.fill(path);
    context.globalAlpha = one.faint ? 0.35 : 1;
    context.stroke(path);
    if (one.ring || one.position === chosen) {
      context.strokeStyle = colour(one.position === chosen ? '--accent' : one.ring === 'corrected' ? '--known' : '--bad');
      context.beginPath();
      context.arc(middle(one), one.y, 8, 0, 7);
      context.stroke();
    }
  }
}
