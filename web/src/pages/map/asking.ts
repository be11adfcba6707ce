/** What the map asks for: what lies where on the day, and what moved from where to where. */

import { get, pages, type Page, type Query, type Schemas } from '$lib/api';
import { meta } from '$lib/meta.svelte';
import { standing, type Standing } from '$lib/standing';
import type { Place } from '$lib/values';
import { find, type Found, type Point } from './where';

/** The kinds that are shown where nothing else is said: what stands or drives somewhere, and may. */
export const USUAL = ['rd_center', 'site', 'service', 'permit'];

export interface Thing {
  id: string;
  subject: Schemas['Subject'];
  title: string;
  stage: string;
  standing: Standing;
  place: Place;
  found: Found | null;
}

export interface Move {
  position: number;
  subject: Schemas['Subject'];
  headline: string;
  day: string;
  from: Point;
  to: Point;
}

export async function things(query: Query, signal: AbortSignal): Promise<Thing[]> {
  const all = await pages<Schemas['PlaceOfSubject']>('/v1/places', { query, signal }, 5000);
  return Promise.all(
    all.items.map(async (one, at) => ({
      id: `${one.subject.id}/${at}`,
      subject: one.subject,
      title: one.title,
      stage: one.stage,
      standing: standing(one.subject.kind, one.stage),
      place: one.place as Place,
      found: await find(one.place as Place),
    })),
  );
}

/** Types of events that tell from where to where something went. */
function moving(): string[] {
  const between = (data: { $ref: string }): boolean => {
    const of = meta.schema(data)?.properties;
    return !!of?.from && !!of.to;
  };
  return meta.kinds.flatMap((kind) => kind.actions.filter((one) => !one.universal && between(one.data)).map((one) => one.type));
}

/** Moves drawn at once. */
const MOST = 60;

export async function moves(query: Query, signal: AbortSignal): Promise<Move[]> {
  const lists = await Promise.all(
    moving().map((type) => pages<Schemas['Entry']>('/v1/timeline', { query: { ...query, type }, signal }, 200)),
  );
  const entries = lists.flatMap((one) => one.items).slice(-MOST);
  const histories = new Map(
    await Promise.all(
      [...new Map(entries.map((one) => [one.subject.id, one.subject])).values()].map(async (subject) => {
        const { known_position } = query;
        const path = `/v1/${meta.kind(subject.kind)?.path}/${subject.key}/history`;
        const page = await get<Page<Schemas['HistoryEntry']>>(path, { query: { known_position }, signal });
        return [subject.id, page.items] as const;
      }),
    ),
  );
  const found = entries.map(async (entry): Promise<Move | null> => {
    const told = histories.get(entry.subject.id)?.find((one) => one.position === entry.position);
    const data = told?.data as { from?: Place; to?: Place } | undefined;
    if (entry.status === 'retracted' || !entry.effective_day || !data?.from || !data.to) return null;
    const [from, to] = await Promise.all([find(data.from), find(data.to)]);
    if (!from || !to) return null;
    const { position, subject, headline } = entry;
    return { position, subject, headline, day: entry.effective_day, from: from.point, to: to.point };
  });
  return (await Promise.all(found)).filter((one) => one !== null);
}
