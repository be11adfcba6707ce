/** What the page narrows by, and how an entry of the timeline is sorted into it. */

import type { Schemas } from '$lib/api';
import { reader } from '$lib/language.svelte';

export type Entry = Schemas['Entry'];
export const BY = ['kind', 'organization', 'country', 'partnership'] as const;
export type By = (typeof BY)[number];
export const DOUBTS = ['corrected', 'disputed', 'rumour', 'weak', 'fresh'] as const;
export type Doubt = (typeof DOUBTS)[number];
export type Facet = 'kind' | 'country' | 'organization' | 'doubt';

export type Chosen = Record<Facet, readonly string[]>;

export function countries(entry: Entry): string[] {
  const found = entry.places.map((place) => String(place.country ?? place.region ?? ''));
  return [...new Set(found.filter(Boolean))];
}

export function doubts(entry: Entry, lastVisit: number): Doubt[] {
  const found: Doubt[] = [];
  if (entry.status === 'corrected') found.push('corrected');
  if (entry.status === 'disputed' || entry.contested) found.push('disputed');
  if (entry.type === 'claim.reported') found.push('rumour');
  if (entry.confidence === 'possible' || entry.confidence === 'doubtful') found.push('weak');
  if (lastVisit && entry.position > lastVisit) found.push('fresh');
  return found;
}

/** Give what an entry is found by under each facet. */
function values(entry: Entry, facet: Facet, lastVisit: number): readonly string[] {
  if (facet === 'kind') return [entry.subject.kind];
  if (facet === 'country') return countries(entry);
  if (facet === 'organization') return entry.organizations;
  return doubts(entry, lastVisit);
}

const FACETS: Facet[] = ['kind', 'country', 'organization', 'doubt'];

function fits(entry: Entry, chosen: Chosen, lastVisit: number, but?: Facet): boolean {
  return FACETS.every((facet) => {
    if (facet === but || !chosen[facet].length) return true;
    return values(entry, facet, lastVisit).some((value) => chosen[facet].includes(value));
  });
}

export function narrowed(entries: readonly Entry[], chosen: Chosen, lastVisit: number): Entry[] {
  return entries.filter((entry) => fits(entry, chosen, lastVisit));
}

/** Count the entries under each value of a facet, as the other facets are chosen. */
export function counted(entries: readonly Entry[], facet: Facet, chosen: Chosen, lastVisit: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (const entry of entries) {
    if (!fits(entry, chosen, lastVisit, facet)) continue;
    for (const value of values(entry, facet, lastVisit)) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return new Map([...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])));
}

/** Name a country by its code, in the reader's language; a region is named as it is. */
export function placeName(code: string): string {
  if (!/^[A-Z]{2}$/.test(code)) return code;
  return new Intl.DisplayNames(reader.locale, { type: 'region' }).of(code) ?? code;
}
