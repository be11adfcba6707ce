/** A file on its way in: what it is, how its columns are read, what it would become, what became of it. */

import { get, post, Problem, write } from '$lib/api';
import { live } from '$lib/live.svelte';

export interface Column {
  column: string;
  to: string[];
  split?: string | null;
  values?: Record<string, string | null>;
  role?: string | null;
  kinds?: string[];
}

export interface SheetMapping {
  type: string | { column: string; values?: Record<string, string | null> };
  columns: Column[];
  constants?: Record<string, string>;
  subject?: string | null;
}

export interface Line {
  type: string;
  subject?: string;
  occurred_on?: string | null;
  data?: Record<string, unknown>;
  sources?: unknown[];
}

export interface Fault {
  row: number;
  title?: string;
  detail: string;
  errors?: { pointer: string; detail: string }[];
}

export interface Seen {
  row: number;
  line: Line | null;
  mentions: { mention: string; may_be: string[] }[];
  problem: Fault | null;
}

export interface Look {
  sheets: string[];
  sheet: string | null;
  columns: { name: string; samples: string[] }[];
  mapping: SheetMapping | null;
  rows: number;
  left_out: number;
  accepted: number;
  refused: number;
  /** Words that the mapping must say the meaning of. */
  unknown: { column: string; says: string; may_mean: string[]; rows: number }[];
  items: Seen[];
}

export interface Outcome {
  accepted: number;
  replayed: number;
  refused: number;
  left_out: number;
  position: number | null;
  batch: string;
  /** A file of the rows that were refused. */
  rest: { name: string; content: string; type: string } | null;
}

export interface Kept {
  name: string;
  mapping: SheetMapping;
}

const NDJSON = 'application/x-ndjson';
const SHOWN = 500;
const MOST_TRIED = 10_000;

export class Importing {
  readonly file: File;
  readonly lines: boolean;
  look = $state.raw<Look | null>(null);
  outcome = $state.raw<Outcome | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** How columns are read; that of the suggestion until somebody alters it. */
  mapping = $state<SheetMapping | null>(null);
  busy = $state(false);
  #content = '';
  #sheet: string | null = null;
  #turn = 0;
  #looked = '';

  constructor(file: File) {
    this.file = file;
    this.lines = /\.(ndjson|jsonl|json)$/i.test(file.name);
  }

  async begin(): Promise<void> {
    this.#content = this.lines ? await this.file.text() : await base64(this.file);
    await this.try();
  }

  async choose(sheet: string): Promise<void> {
    this.#sheet = sheet;
    this.mapping = null;
    await this.try();
  }

  /** Look at what it would become, as it is mapped now. */
  async try(): Promise<void> {
    const turn = (this.#turn += 1);
    this.busy = true;
    this.problem = null;
    try {
      const look = this.lines ? await this.#tryLines() : await this.#trySheet();
      if (turn !== this.#turn) return;
      this.look = look;
      if (!this.mapping) this.take(look.mapping);
    } catch (error) {
      if (turn !== this.#turn) return;
      if (!(error instanceof Problem)) throw error;
      this.problem = error;
    } finally {
      if (turn === this.#turn) this.busy = false;
    }
  }

  /** Map by this, without looking again: it is what was looked at. */
  take(mapping: SheetMapping | null): void {
    this.mapping = mapping;
    this.#looked = JSON.stringify(mapping);
  }

  /** Whether the mapping has changed since it was looked at. */
  get stale(): boolean {
    return !this.lines && !!this.mapping && JSON.stringify(this.mapping) !== this.#looked;
  }

  /** Whether it has more lines than the server tries out; it takes any number. */
  get untried(): boolean {
    return this.lines && !this.look && this.#content.split('\n').length > MOST_TRIED;
  }

  async #trySheet(): Promise<Look> {
    this.#looked = JSON.stringify(this.mapping);
    const body = { content: this.#content, mapping: this.mapping, sheet: this.#sheet };
    return post<Look>('/v1/imports/preview', body);
  }

  async #tryLines(): Promise<Look> {
    const headers = { 'Content-Type': NDJSON };
    const answer = await post<Lines>('/v1/events', this.#content, { query: { dry_run: true }, headers });
    const wrong = new Map(answer.errors.map((one) => [one.line, { ...one, row: one.line }]));
    const items = this.#content.split('\n').flatMap((text, at) => (text.trim() ? [seen(text, at + 1, wrong.get(at + 1) ?? null)] : []));
    const { accepted, refused } = answer;
    return { sheets: [], sheet: null, columns: [], mapping: null, rows: items.length, left_out: 0, accepted, refused, unknown: [], items: items.slice(0, SHOWN) };
  }

  async record(): Promise<void> {
    this.busy = true;
    try {
      this.outcome = this.lines ? await this.#recordLines() : await this.#recordSheet();
      if (this.outcome.position) live.heard(this.outcome.position);
      this.problem = null;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.problem = error;
    } finally {
      this.busy = false;
    }
  }

  async #recordSheet(): Promise<Outcome> {
    const body = { content: this.#content, mapping: this.mapping, sheet: this.#sheet };
    const told = await post<Outcome & { refused_rows: string | null }>('/v1/imports', body);
    const rest = told.refused_rows ? { name: this.#named('csv'), content: told.refused_rows, type: 'text/csv' } : null;
    return { ...told, rest };
  }

  async #recordLines(): Promise<Outcome> {
    const told = await post<Lines>('/v1/events', this.#content, { headers: { 'Content-Type': NDJSON } });
    const all = this.#content.split('\n');
    const refused = told.errors.map((one) => all[one.line - 1]).join('\n');
    const rest = told.refused ? { name: this.#named('ndjson'), content: `${refused}\n`, type: NDJSON } : null;
    return { ...told, left_out: 0, rest };
  }

  #named(end: string): string {
    return `${this.file.name.replace(/\.[^.]*$/, '')}-refused.${end}`;
  }
}

interface Lines {
  accepted: number;
  replayed: number;
  refused: number;
  position: number | null;
  batch: string;
  errors: { line: number; detail: string; title?: string; errors?: { pointer: string; detail: string }[] }[];
}

function seen(text: string, row: number, problem: Fault | null): Seen {
  let line: Line | null = null;
  try {
    line = JSON.parse(text) as Line;
  } catch {
    // The problem says so.
  }
  return { row, line, mentions: line ? mentions(line.data) : [], problem };
}

function mentions(value: unknown): Seen['mentions'] {
  if (Array.isArray(value)) return value.flatMap(mentions);
  if (typeof value !== 'object' || value === null) return [];
  const named = (value as { mention?: unknown }).mention;
  if (typeof named === 'string') return [{ mention: named, may_be: [] }];
  return Object.values(value).flatMap(mentions);
}

async function base64(file: File): Promise<string> {
  const read = new FileReader();
  await new Promise((resolve) => {
    read.onload = resolve;
    read.readAsDataURL(file);
  });
  return (read.result as string).split(',')[1] ?? '';
}

export async function keptMappings(signal?: AbortSignal): Promise<Kept[]> {
  return (await get<{ items: Kept[] }>('/v1/mappings', { signal })).items;
}

export async function keepMapping(name: string, mapping: SheetMapping): Promise<void> {
  await write('PUT', `/v1/mappings/${encodeURIComponent(name)}`, mapping);
}
