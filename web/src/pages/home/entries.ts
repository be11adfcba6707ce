/** What the page narrows by, and how an entry of the timeline is sorted into it. */

import type { Schemas } from '$lib/api';

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
export function values(entry: Entry, facet: Facet, lastVisit: number): readonly string[] {
  if (facet === 'kind') return [entry.subject.kind];
  if (facet === 'country') return countries(entry);
  if (facet === 'organization') return entry.organizations;
  return doubts(entry, lastVisit);
}

export const FACETS: readonly Facet[] = ['kind', 'country', 'organization', 'doubt'];

export function fits(entry: Entry, facet: Facet, chosen: Chosen, lastVisit: number): boolean {
  return !chosen[facet].length || values(entry, facet, lastVisit).some((value) => chosen[facet].includes(value));
}

export function narrowed(entries: readonly Entry[], chosen: Chosen, lastVisit: number): Entry[] {
  return entries.filter((entry) => FACETS.every((facet) => fits(entry, facet, chosen, lastVisit)));
}
