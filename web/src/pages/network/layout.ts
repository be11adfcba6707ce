/** Where organizations stand in the picture: forces let partners attract and all others repel each other. */

import { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY } from 'd3-force';
import type { Schemas } from '$lib/api';

export type Node = Schemas['Node'];

export interface Spot {
  key: string;
  title: string;
  roles: string[];
  degree: number;
  radius: number;
  x: number;
  y: number;
}

export interface Tie {
  source: Spot;
  target: Spot;
  count: number;
}

export interface Picture {
  spots: Spot[];
  ties: Tie[];
  /** The corner and the size of what is drawn. */
  box: [x: number, y: number, width: number, height: number];
}

const TICKS = 260; // after which nothing moves that anybody would see
const MARGIN = 60;

/** Lay out a network; the same network is laid out the same way. */
export function picture(nodes: readonly Node[], around: string): Picture {
  const near = around ? nodes.find((one) => one.subject.key === around) : undefined;
  const kept = new Set(near ? [around, ...near.partners.map((one) => one.subject.key)] : nodes.map((one) => one.subject.key));
  const spots = nodes
    .filter((one) => kept.has(one.subject.key))
    .map((one, at): Spot => {
      const degree = one.partners.length;
      const turn = at * 2.4; // the golden angle spreads them evenly to begin with
      const radius = 5 + 2.6 * Math.sqrt(degree);
      return { key: one.subject.key, title: one.title, roles: one.roles, degree, radius, x: 9 * Math.sqrt(at) * Math.cos(turn), y: 9 * Math.sqrt(at) * Math.sin(turn) };
    });
  const by = new Map(spots.map((one) => [one.key, one]));
  const ties: Tie[] = nodes.flatMap((one) =>
    one.partners
      .filter((other) => one.subject.key < other.subject.key && by.has(one.subject.key) && by.has(other.subject.key))
      .map((other) => ({ source: by.get(one.subject.key)!, target: by.get(other.subject.key)!, count: other.via.length })),
  );
  forceSimulation(spots)
    .force('tie', forceLink<Spot, Tie>(ties).distance(70).strength(0.5))
    .force('apart', forceManyBody().strength(-190).distanceMax(420))
    .force('room', forceCollide<Spot>((one) => one.radius + 14))
    .force('x', forceX(0).strength(0.045))
    .force('y', forceY(0).strength(0.075))
    .stop()
    .tick(TICKS);
  const xs = spots.map((one) => one.x);
  const ys = spots.map((one) => one.y);
  const left = Math.min(...xs, 0) - MARGIN;
  const top = Math.min(...ys, 0) - MARGIN / 2;
  return { spots, ties, box: [left, top, Math.max(...xs, 0) + MARGIN - left, Math.max(...ys, 0) + MARGIN / 2 - top] };
}
