/** Places to choose from: those on record, and every country. */

import { pages } from '$lib/api';
import { placed, type Place } from '$lib/values';
import { codes } from './codes';

let known: Promise<Place[]> | null = null;

async function load(): Promise<Place[]> {
  const page = await pages<{ place: Place }>('/v1/places', {}, 3000);
  const all = new Map<string, Place>();
  for (const { place } of page.items) {
    const { country, region, subdivision, city, town } = place;
    const rough = { country, region, subdivision, city, town };
    const given = Object.fromEntries(Object.entries(rough).filter(([, one]) => one)) as Place;
    const full = Object.fromEntries(Object.entries(place).filter(([, one]) => one !== null)) as Place;
    all.set(JSON.stringify(given), given);
    all.set(JSON.stringify(full), full);
  }
  return [...all.values()].sort((one, other) => Object.keys(one).length - Object.keys(other).length);
}

function countryOf(said: string): string | undefined {
  const low = said.trim().toLowerCase();
  const all = codes('country');
  return (all.find((one) => one.label.toLowerCase() === low || one.value.toLowerCase() === low) ?? undefined)?.value;
}

/** Read “Lagos, Nigeria” as a place nobody has recorded yet. */
function made(typed: string): Place | null {
  const parts = typed.split(/[,，]/).map((one) => one.trim()).filter(Boolean);
  const country = parts.length > 1 ? countryOf(parts.at(-1)!) : undefined;
  if (!country) return null;
  const [label, city] = parts.length > 2 ? [parts[0], parts[1]] : [undefined, parts[0]];
  return { country, city, ...(label && { label }) };
}

const same = (one: Place, other: Place): boolean => placed(one).toLowerCase() === placed(other).toLowerCase();

/** Give the places that fit what was typed, the likeliest first. */
export async function findPlaces(typed: string): Promise<Place[]> {
  known ??= load().catch(() => {
    known = null;
    return [];
  });
  const low = typed.toLowerCase();
  const fits = (place: Place): boolean => !low || placed(place).toLowerCase().includes(low);
  const starts = (place: Place): number => (placed(place).toLowerCase().startsWith(low) ? 0 : 1);
  const recorded = (await known).filter(fits).sort((one, other) => starts(one) - starts(other));
  const countries = codes('country')
    .map(({ value }) => ({ country: value }) as Place)
    .filter((one) => low && fits(one) && !recorded.some((other) => same(one, other)));
  const fresh = made(typed);
  const first = fresh && !recorded.some((one) => same(one, fresh)) ? [fresh] : [];
  const exact = countries.filter((one) => placed(one).toLowerCase().startsWith(low));
  return [...first, ...exact.slice(0, 3), ...recorded.slice(0, 10), ...countries.filter((one) => !exact.includes(one)).slice(0, 4)];
}
