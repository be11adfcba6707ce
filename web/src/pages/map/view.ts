/** Which part of the world is looked at: its middle, and how many times enlarged. */

import type { GeoProjection } from 'd3-geo';
import type { Codec } from '$lib/address.svelte';
import type { Point } from './where';

export interface View {
  lon: number;
  lat: number;
  k: number;
}

export const MOST = 400;

export function look(): Codec<View | null> {
  return {
    slides: true,
    read: (text) => {
      const [lon, lat, k] = (text ?? '').split(',').map(Number);
      if (![lon, lat, k].every(Number.isFinite) || text === null) return null;
      return { lon: lon!, lat: lat!, k: Math.min(Math.max(k!, 0.8), MOST) };
    },
    write: (view) => view && [view.lon.toFixed(3), view.lat.toFixed(3), view.k.toFixed(2)].join(','),
  };
}

/** Look at some points, with room around them. */
export function fitted(points: Point[], projection: GeoProjection, [w, h]: [number, number], most: number): View {
  const all = points.map((one) => projection(one)!);
  const [xs, ys] = [all.map((one) => one[0]), all.map((one) => one[1])];
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  const k = Math.min(w / ((right - left) * 1.5 + 1e-6), h / ((bottom - top) * 1.6 + 1e-6), most);
  const [lon, lat] = projection.invert!([(left + right) / 2, (top + bottom) / 2])!;
  return { lon, lat, k: Math.max(k, 1) };
}
