/** Where on earth a place of the ledger is, as closely as its words and the gazetteer tell. */

import lands from 'virtual:places';
import type { Place } from '$lib/values';

export type Point = [lon: number, lat: number];

export interface Found {
  point: Point;
  /** How closely it is known. */
  by: 'point' | 'city' | 'country' | 'region';
}

type Towns = Map<string, { division: string; point: Point }[]>;

/** Cities that are called otherwise at home, and one that is still being built. */
const CALLED: Record<string, string> = {
  'AT vienna': 'wien', 'BE antwerp': 'antwerpen', 'BE ghent': 'gent', 'CH geneva': 'geneve', 'CH lucerne': 'luzern',
  'CN macau': 'macao', 'DE cologne': 'koln', 'DE hanover': 'hannover', 'DE munich': 'munchen', 'DE nuremberg': 'nurnberg',
  'DK copenhagen': 'kobenhavn', 'ES seville': 'sevilla', 'HK hong kong': 'hong kong', 'IN bangalore': 'bengaluru',
  'IT florence': 'firenze', 'IT milan': 'milano', 'IT turin': 'torino', 'NL the hague': 'den haag', 'SE gothenburg': 'goteborg',
};
const UNBUILT: Record<string, Point> = { 'SA neom': [35.29, 28.11] };

/** Roughly the middle of what people mean by a region. */
const REGIONS: Record<string, Point> = {
  africa: [19, 5], americas: [-85, 18], asia: [90, 38], europe: [16, 50], oceania: [145, -22], world: [-30, 0],
  'middle east': [46, 26], gulf: [51, 25.5], 'middle east and north africa': [28, 27], 'southeast asia': [110, 6],
  'south-eastern asia': [110, 6], 'european union': [11, 48.5], 'nordic countries': [17, 63], 'north america': [-100, 45],
  'northern america': [-100, 50], 'south america': [-60, -15], 'latin america': [-70, -8], 'central asia': [66, 43],
  'western asia': [43, 33], 'eastern asia': [112, 35], 'southern asia': [77, 24], 'western europe': [5, 48],
  'eastern europe': [28, 52], 'northern europe': [18, 61], 'southern europe': [15, 41], caribbean: [-70, 19],
};

const fold = (name: string): string => name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().trim();
const known = new Map<string, Promise<Towns>>();

function towns(country: string): Promise<Towns> {
  let found = known.get(country);
  if (!found) known.set(country, (found = read(country)));
  return found;
}

async function read(country: string): Promise<Towns> {
  const all: Towns = new Map();
  const land = lands[country];
  if (!land) return all;
  for (const line of (await land[3]()).default.split('\n')) {
    const [name = '', division = '', lat, lon] = line.split(';');
    if (!name) continue;
    const key = fold(name);
    const point: Point = [Number(lon), Number(lat)];
    all.set(key, [...(all.get(key) ?? []), { division, point }]);
  }
  return all;
}

/** Find a place; null where no map can show it. */
export async function find(place: Place): Promise<Found | null> {
  if (place.lat != null && place.lon != null) return { point: [place.lon, place.lat], by: 'point' };
  const { country } = place;
  if (!country) {
    const point = REGIONS[fold(place.region ?? '')];
    return point ? { point, by: 'region' } : null;
  }
  const all = await towns(country).catch(() => new Map() as Towns);
  const division = place.subdivision?.split('-')[1];
  for (const name of [place.city, place.town, place.label?.split(',')[0]]) {
    if (!name) continue;
    const key = fold(name);
    const unbuilt = UNBUILT[`${country} ${key}`];
    if (unbuilt) return { point: unbuilt, by: 'city' };
    const same = all.get(key) ?? all.get(CALLED[`${country} ${key}`] ?? '');
    if (same) return { point: (same.find((one) => one.division === division) ?? same[0]!).point, by: 'city' };
  }
  const within = division && [...all.values()].flat().find((one) => one.division === division);
  if (within) return { point: within.point, by: 'country' };
  const land = lands[country];
  return land ? { point: [land[1], land[2]], by: 'country' } : null;
}

/** The country of a shape in the atlas. */
export function countryOf(id: string): string | undefined {
  if (!id) return undefined;
  return Object.keys(lands).find((code) => lands[code]![0] === id);
}
