/** Who may do what where: permits and gaps in rows of organizations and columns of places. */

import type { Schemas, State } from '$lib/api';
import { meta } from '$lib/meta.svelte';
import { territory, type Place } from '$lib/values';

export type Permitted = Schemas['Permitted'];

/** A service that runs although no permit on record covers it. */
export interface Gap {
  subject: Schemas['Subject'];
  title: string;
  code: string;
  message: string;
  positions: number[];
  organizations: string[];
  places: Place[];
}

export interface Cell {
  permits: Permitted[];
  gaps: Gap[];
}

export interface Matrix {
  columns: string[];
  rows: { organization: string; cells: Map<string, Cell> }[];
}

/** The organizations that a permit is for: those who run cars under it, not who makes the technology. */
export function held(permit: Permitted): string[] {
  return keys([...permit.holders, ...permit.operators]);
}

export function keys(names: readonly unknown[]): string[] {
  const all = names.map((one) => (typeof one === 'string' ? one : ((one as { mention?: string }).mention ?? '')));
  return [...new Set(all.filter(Boolean))];
}

/** Make gaps of warnings, with what the states of their services tell. */
export function gapsOf(warnings: readonly Schemas['OpenWarning'][], services: readonly State[]): Gap[] {
  const known = new Map(services.map((one) => [one.subject.key, one.state]));
  return warnings
    .filter((one) => one.code === 'no_permit_on_record' || one.code === 'outside_every_permit')
    .map((one) => {
      const told = known.get(one.subject.key) ?? {};
      return {
        ...one,
        organizations: keys((told.operators as unknown[] | undefined) ?? []),
        places: (told.places as Place[] | undefined) ?? [],
      };
    });
}

/** The column of a place: its country, or within one country its city. */
export function column(place: Place | null, within: string): string | null {
  if (!place) return within ? null : '';
  if (!within) return place.country ?? place.region ?? '';
  return place.country === within ? (place.city ?? '') : null;
}

export function columnName(key: string, within: string, overall: string): string {
  if (within) return key ? meta.free(key) : overall;
  return key ? territory(key) : '–';
}

/** Arrange permits and gaps; what is fullest comes first. */
export function matrix(permits: readonly Permitted[], gaps: readonly Gap[], within: string): Matrix {
  const rows = new Map<string, Map<string, Cell>>();
  const widths = new Map<string, number>();
  function cell(organization: string, at: string): Cell {
    const row = rows.get(organization) ?? new Map<string, Cell>();
    rows.set(organization, row);
    const found = row.get(at) ?? { permits: [], gaps: [] };
    row.set(at, found);
    widths.set(at, (widths.get(at) ?? 0) + 1);
    return found;
  }
  for (const permit of permits) {
    const at = column(permit.place as Place | null, within);
    if (at !== null) for (const one of held(permit)) cell(one, at).permits.push(permit);
  }
  for (const gap of gaps) {
    const at = new Set(gap.places.map((place) => column(place, within)));
    for (const one of gap.organizations) for (const key of at) if (key !== null) cell(one, key).gaps.push(gap);
  }
  const size = (cells: Map<string, Cell>): number =>
    [...cells.values()].reduce((sum, one) => sum + one.permits.length + one.gaps.length, 0);
  return {
    columns: [...widths].toSorted((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([key]) => key),
    rows: [...rows]
      .toSorted((a, b) => size(b[1]) - size(a[1]) || a[0].localeCompare(b[0]))
      .map(([organization, cells]) => ({ organization, cells })),
  };
}
