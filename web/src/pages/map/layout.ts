/** Where marks and their labels are drawn: near ones gathered, dense ones spread, labels kept apart. */

import { USUAL, type Thing } from './asking';

export type XY = readonly [x: number, y: number];

export interface Cluster {
  /** The places gathered in it. */
  things: Thing[];
  x: number;
  y: number;
  radius: number;
  /** Where each of its marks is; none where there are too many to tell apart. */
  spots: XY[];
}

/** The distance between marks that are spread, and how many are drawn one by one. */
const STEP = 11;
const MOST = 24;
const GOLDEN = Math.PI * (3 - Math.sqrt(5));

/** Places nearer to each other than this are drawn as one, until one is zoomed in. */
const NEAR = 20;

/** Lay marks around a point like seeds in a sunflower, so that none covers another. */
function spread(count: number): XY[] {
  if (count === 1) return [[0, 0]];
  return Array.from({ length: count }, (_, n) => {
    const r = STEP * 0.62 * Math.sqrt(n + 0.5);
    return [r * Math.cos(n * GOLDEN), r * Math.sin(n * GOLDEN)] as const;
  });
}

function reach(count: number): number {
  if (count > MOST) return 15 + Math.min(12, Math.sqrt(count));
  return count === 1 ? 7 : STEP * 0.62 * Math.sqrt(count) + 6;
}

/** Gather what is drawn: first by place, then places that lie on top of each other. */
export function gathered(things: Thing[], at: (thing: Thing) => XY | null): Cluster[] {
  const places = new Map<string, { things: Thing[]; x: number; y: number }>();
  for (const thing of things) {
    const xy = at(thing);
    if (!xy) continue;
    const key = thing.found!.point.join();
    const place = places.get(key) ?? { things: [], x: xy[0], y: xy[1] };
    place.things.push(thing);
    places.set(key, place);
  }
  const clusters: Cluster[] = [];
  for (const place of [...places.values()].sort((a, b) => b.things.length - a.things.length)) {
    const near = clusters.find((one) => Math.hypot(one.x - place.x, one.y - place.y) < NEAR);
    if (near) near.things.push(...place.things);
    else clusters.push({ ...place, radius: 0, spots: [] });
  }
  for (const one of clusters) {
    one.things.sort((a, b) => USUAL.indexOf(a.subject.kind) - USUAL.indexOf(b.subject.kind));
    one.radius = reach(one.things.length);
    if (one.things.length <= MOST) one.spots = spread(one.things.length);
  }
  parted(clusters);
  return clusters;
}

/** Push clusters apart that still touch, a little each, so that all can be hit. */
function parted(clusters: Cluster[]): void {
  for (let round = 0; round < 6; round += 1) {
    for (let i = 0; i < clusters.length; i += 1)
      for (let j = i + 1; j < clusters.length; j += 1) {
        const [a, b] = [clusters[i]!, clusters[j]!];
        const [dx, dy] = [b.x - a.x, b.y - a.y];
        const distance = Math.hypot(dx, dy) || 1;
        const overlap = a.radius + b.radius + 1 - distance;
        if (overlap <= 0) continue;
        const [mx, my] = [(dx / distance) * overlap * 0.5, (dy / distance) * overlap * 0.5];
        a.x -= mx;
        a.y -= my;
        b.x += mx;
        b.y += my;
      }
  }
}

export interface Label {
  cluster: Cluster;
  text: string;
  x: number;
  y: number;
  anchor: 'start' | 'end' | 'middle';
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const HEIGHT = 16;

const pen = document.createElement('canvas').getContext('2d');
const widths = new Map<string, number>();
void document.fonts.ready.then(() => widths.clear());

/** How wide a label will be, as the browser itself measures it. */
function width(text: string): number {
  let known = widths.get(text);
  if (known === undefined) {
    if (pen) pen.font = `580 12px ${getComputedStyle(document.body).fontFamily}`;
    widths.set(text, (known = (pen?.measureText(text).width ?? text.length * 7) + 3));
  }
  return known;
}

const apart = (a: Box, b: Box): boolean => a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top;

/** Label what there is room for, the greatest first: right of it, left, above or below. */
export function labelled(clusters: Cluster[], name: (cluster: Cluster) => string, size: XY): Label[] {
  const boxes: Box[] = clusters.map(({ x, y, radius: r }) => ({ left: x - r, right: x + r, top: y - r, bottom: y + r }));
  const taken: Box[] = [];
  const labels: Label[] = [];
  for (const cluster of clusters.toSorted((a, b) => b.things.length - a.things.length)) {
    const text = name(cluster);
    const w = width(text);
    const { x, y, radius } = cluster;
    const own = clusters.indexOf(cluster);
    const ways: [Label['anchor'], number, number, number][] = [
      ['start', x + radius + 3, y, x + radius + 3],
      ['end', x - radius - 3, y, x - radius - 3 - w],
      ['middle', x, y - radius - 8, x - w / 2],
      ['middle', x, y + radius + 9, x - w / 2],
    ];
    for (const [anchor, lx, ly, left] of ways) {
      const box = { left, right: left + w, top: ly - HEIGHT / 2, bottom: ly + HEIGHT / 2 };
      if (box.left < 2 || box.right > size[0] - 2 || box.top < 2 || box.bottom > size[1] - 2) continue;
      if (!taken.every((other) => apart(box, other))) continue;
      if (!boxes.every((other, n) => n === own || apart(box, other))) continue;
      taken.push(box);
      labels.push({ cluster, text, x: lx, y: ly + 4, anchor });
      break;
    }
  }
  return labels;
}
