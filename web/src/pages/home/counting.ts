/** How many events there are under each value of a filter: counted here, or by the server where there are too many. */

import type { Query, Schemas } from '$lib/api';
import { DOUBTS, FACETS, fits, values, type Chosen, type Doubt, type Entry, type Facet } from './entries';

/** Counts, the greatest first; what only a look at each event would tell is not among them. */
export type Counts = Record<Facet, Map<string, number>>;

/** Count entries under each value of each facet, as the other facets are chosen. */
export function counted(entries: readonly Entry[], chosen: Chosen, lastVisit: number): Counts {
  const counts = Object.fromEntries(FACETS.map((facet) => [facet, new Map<string, number>()])) as Counts;
  for (const entry of entries) {
    const missing = FACETS.filter((facet) => !fits(entry, facet, chosen, lastVisit));
    if (missing.length > 1) continue;
    for (const facet of missing.length ? missing : FACETS) {
      const own = counts[facet];
      for (const value of values(entry, facet, lastVisit)) own.set(value, (own.get(value) ?? 0) + 1);
    }
  }
  for (const facet of FACETS) counts[facet] = falling(counts[facet]);
  return counts;
}

/** Take the counts that the server made. */
export function told(facets: Schemas['Facets']): Counts {
  const of = ({ items }: Schemas['Facets']['kind']): Map<string, number> => new Map(items.map((one) => [one.value, one.events]));
  const doubts = new Map<Doubt, number>();
  const contested = of(facets.contested).get('true');
  const rumours = of(facets.type).get(RUMOUR);
  if (contested) doubts.set('disputed', contested);
  if (rumours) doubts.set('rumour', rumours);
  return { kind: of(facets.kind), country: of(facets.country), organization: of(facets.organization), doubt: doubts };
}

/** What is chosen as the server is asked for it: it takes one value of each filter. */
export function asQuery(chosen: Chosen): Query {
  const only = (facet: Facet): string | undefined => (chosen[facet].length === 1 ? chosen[facet][0] : undefined);
  const country = only('country');
  const doubt = only('doubt');
  return {
    kind: only('kind'),
    organization: only('organization'),
    country: country && COUNTRY.test(country) ? country : undefined,
    contested: doubt === 'disputed' || undefined,
    type: doubt === 'rumour' ? RUMOUR : undefined,
  };
}

/** Give the doubts that some event is under, or that are chosen; without a count where none is known. */
export function doubtful(counts: Counts, chosen: Chosen, all: boolean): Doubt[] {
  return DOUBTS.filter((one) => counts.doubt.has(one) || chosen.doubt.includes(one) || (all && !COUNTED.has(one)));
}

const RUMOUR = 'claim.reported';
const COUNTRY = /^[A-Z]{2}$/;
const COUNTED = new Set<Doubt>(['disputed', 'rumour']); // by the server

function falling(counts: Map<string, number>): Map<string, number> {
  return new Map([...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])));
}
