/** From entries to lanes, and on each lane rows of threads: the lives of subjects, with their events. */

import { DAY, day, span } from '$lib/dates';
import { meta } from '$lib/meta.svelte';
import { countries, type By, type Entry } from './entries';

export interface Mark {
  entry: Entry;
  /** Both ends of what the date may mean, as times; the end is behind the last day. */
  from: number;
  to: number;
  exact: boolean;
  about: boolean;
}

export type Way = 'planned' | 'on' | 'suspended';

export interface Piece {
  from: number;
  to: number;
  way: Way;
}

/** One subject: a line through its events, drawn as it stood between them. */
export interface Thread {
  key: string;
  kind: string;
  title: string;
  from: number;
  to: number;
  marks: Mark[];
  pieces: Piece[];
}

export interface Lane {
  key: string;
  kind: string | null;
  threads: Thread[];
  count: number;
}

// How a thread is drawn at a stage; at any other it is on.
const SUSPENDED = new Set(['suspended', 'operations_suspended', 'issuance_frozen']);
const PLANNED = new Set(['rumoured', 'announced', 'proposed', 'negotiating', 'mou', 'applied', 'identified', 'agreed']);
/** Subjects of these kinds go on until they end; others are over with what is told of them. */
const LASTING = new Set(['partnership', 'rd_center', 'site', 'service', 'permit', 'regulation', 'localization']);

export function mark(entry: Entry): Mark {
  const { first, last, about } = span(entry.occurred_on);
  const told = day(entry.effective_day!);
  const from = first ?? last ?? told;
  const to = (first === null ? from : (last ?? first)) + DAY;
  return { entry, from, to, exact: to - from <= DAY, about: about || entry.occurred_on === null };
}

/** What is said about another event acts on what is known, not in the world: the list tells it. */
export function drawn(entry: Entry): boolean {
  return entry.effective_day !== null && !entry.type.startsWith('event.');
}

export function threads(entries: readonly Entry[], horizon: number): Thread[] {
  const bySubject = new Map<string, Entry[]>();
  for (const entry of entries) {
    if (!drawn(entry)) continue;
    add(bySubject, entry.subject.id, entry);
  }
  return [...bySubject.values()].map((own) => thread(own, horizon)).sort((a, b) => a.from - b.from || (a.key < b.key ? -1 : 1));
}

function thread(entries: Entry[], horizon: number): Thread {
  const first = entries[0]!;
  const marks = entries.map(mark).sort((a, b) => a.from - b.from || a.entry.position - b.entry.position);
  const pieces = life(marks, first.subject.kind, horizon);
  const from = Math.min(marks[0]!.from, pieces[0]?.from ?? Infinity);
  const to = Math.max(...marks.map((one) => one.to), pieces.at(-1)?.to ?? 0);
  return { key: first.subject.key, kind: first.subject.kind, title: first.title, from, to, marks, pieces };
}

function life(marks: Mark[], kind: string, horizon: number): Piece[] {
  const counting = marks.filter((one) => one.entry.status !== 'retracted');
  const pieces: Piece[] = [];
  let way: Way | null = null;
  let since = 0;
  const close = (to: number): void => {
    if (way && to > since) pieces.push({ from: since, to, way });
  };
  for (const { entry, from } of counting) {
    const action = meta.action(entry.type);
    const stage = action?.leads_to;
    if (!stage && way) continue;
    close(from);
    since = from;
    way = action?.ends ? null : stage && SUSPENDED.has(stage) ? 'suspended' : stage && PLANNED.has(stage) ? 'planned' : 'on';
  }
  const last = counting.at(-1);
  if (last) close(LASTING.has(kind) ? Math.max(horizon, last.to) : last.from);
  return pieces;
}

function add<T>(lists: Map<string, T[]>, key: string, one: T): void {
  const list = lists.get(key);
  if (list) list.push(one);
  else lists.set(key, [one]);
}

export function lanes(all: readonly Thread[], by: By): Lane[] {
  if (by === 'partnership') return byPartnership(all);
  const found = new Map<string, Thread[]>();
  for (const one of all) {
    for (const key of keys(one, by)) add(found, key, one);
  }
  const made = [...found].map(([key, threads]) => lane(key, by === 'kind' ? key : null, threads));
  if (by !== 'kind') return made.sort((a, b) => b.count - a.count);
  const order = meta.ranked.map((kind) => kind.name);
  return made.sort((a, b) => order.indexOf(a.key) - order.indexOf(b.key));
}

function lane(key: string, kind: string | null, threads: Thread[]): Lane {
  return { key, kind, threads, count: threads.reduce((sum, one) => sum + one.marks.length, 0) };
}

function keys(one: Thread, by: By): string[] {
  const of = (entry: Entry): string[] => (by === 'organization' ? entry.organizations : countries(entry));
  if (by === 'kind') return [one.kind];
  return [...new Set(one.marks.flatMap((mark) => of(mark.entry)))];
}

/** A lane for each partnership, with whatever at least two of its parties have part in. */
function byPartnership(all: readonly Thread[]): Lane[] {
  const others = new Map<string, Thread[]>();
  for (const one of all) {
    if (one.kind !== 'partnership') for (const party of parties(one)) add(others, party, one);
  }
  return all
    .filter((one) => one.kind === 'partnership')
    .map((one) => lane(one.key, 'partnership', [one, ...shared(one, others)]))
    .sort((a, b) => b.count - a.count || b.threads[0]!.from - a.threads[0]!.from);
}

function parties(one: Thread): Set<string> {
  return new Set(one.marks.flatMap((mark) => mark.entry.organizations));
}

function shared(one: Thread, others: ReadonlyMap<string, Thread[]>): Thread[] {
  const seen = new Set<Thread>();
  const twice = new Set<Thread>();
  for (const other of [...parties(one)].flatMap((party) => others.get(party) ?? [])) {
    (seen.has(other) ? twice : seen).add(other);
  }
  return [...twice].sort((a, b) => a.from - b.from);
}

export interface Placed {
  thread: Thread;
  row: number;
}

/** Lay threads in as few rows as their titles allow, earlier ones first. */
export function packed(threads: readonly Thread[], perPixel: number, width: (title: string) => number): { placed: Placed[]; rows: number } {
  const ends: number[] = [];
  const placed = threads.map((thread) => {
    const end = Math.max(thread.to, thread.from + (width(thread.title) + 18) * perPixel) + 10 * perPixel;
    let row = ends.findIndex((one) => one <= thread.from);
    if (row < 0) row = ends.push(0) - 1;
    ends[row] = end;
    return { thread, row };
  });
  // The latest come first, as in the list.
  const rows = ends.length;
  return { placed: placed.map((one) => ({ ...one, row: rows - 1 - one.row })), rows };
}
