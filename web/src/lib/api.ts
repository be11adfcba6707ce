/** Calls to the server: typed by its own description, and every refusal as one kind of error. */

import createClient from 'openapi-fetch';
import { reader } from './language.svelte';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];

/** One state of a subject, of whatever kind; `state` holds the fields of the kind. */
export interface State {
  subject: Schemas['Subject'];
  title: string;
  stage: string | null;
  state: Record<string, unknown>;
  uncertain: boolean;
  contested: boolean;
  warnings: { code: string; message: string; positions: number[] }[];
  positions: number[];
  version: number;
  last_position: number;
  effective_at: string;
  known_at: string;
  known_position: number;
}

export interface Fault {
  pointer?: string;
  parameter?: string;
  detail: string;
}

/** What the server refused (RFC 9457), or that it could not be reached (status 0). */
export class Problem extends Error {
  readonly status: number;
  readonly type: string;
  readonly title: string;
  readonly errors: Fault[];
  readonly allowed: string[];
  readonly conflicting: number[];
  readonly effectiveFrom: string | null;

  constructor(told: Record<string, unknown>, status: number) {
    super(String(told.detail ?? told.title ?? status));
    this.name = 'Problem';
    this.status = status;
    this.type = String(told.type ?? 'about:blank');
    this.title = String(told.title ?? '');
    this.errors = (told.errors as Fault[] | undefined) ?? [];
    this.allowed = (told.allowed as string[] | undefined) ?? [];
    this.conflicting = (told.conflicting_positions as number[] | undefined) ?? [];
    this.effectiveFrom = (told.effective_from as string | undefined) ?? null;
  }

  /** Whether nobody answered, so that trying again is the thing to do. */
  get away(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

type Listener = (problem: Problem | null) => void;
const listeners = new Set<Listener>();

/** Be told of every answer: null for one that was right. */
export function onAnswer(listener: Listener): void {
  listeners.add(listener);
}

function say(problem: Problem | null): void {
  for (const listener of listeners) listener(problem);
}

let gate: Promise<void> | null = null;

/** Let the questions that `ask` sends first wait for a gate; aborted meanwhile they never leave. */
export function behind<T>(before: Promise<void>, ask: () => T): T {
  gate = before;
  try {
    return ask();
  } finally {
    gate = null;
  }
}

async function send(request: Request): Promise<Response> {
  if (gate) await gate;
  request.signal.throwIfAborted();
  request.headers.set('Accept-Language', reader.language === 'zh' ? 'zh' : 'en');
  let answer: Response;
  try {
    answer = await fetch(request);
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error;
    const problem = new Problem({ title: 'away', detail: 'away' }, 0);
    say(problem);
    throw problem;
  }
  if (answer.ok || answer.status === 304) {
    say(null);
    return answer;
  }
  const told = await answer.json().catch(() => ({}));
  const problem = new Problem(told as Record<string, unknown>, answer.status);
  say(problem);
  throw problem;
}

/** The typed calls: `(await api.GET('/v1/timeline', { params, signal })).data`. They throw `Problem`. */
export const api = createClient<paths>({ baseUrl: location.origin, fetch: send });

export type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>;

export interface Options {
  query?: Query;
  signal?: AbortSignal;
  headers?: Record<string, string>;
}

function addressed(path: string, query: Query = {}): string {
  const all = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === '' || value === false) continue;
    all.set(name, Array.isArray(value) ? value.join(',') : String(value));
  }
  const written = String(all);
  return location.origin + path + (written && `?${written}`);
}

/** Ask, where the path is put together: `get<Schemas['Entry']>(`/v1/${kind.path}/${key}`)`. */
export async function get<T>(path: string, { query, signal, headers }: Options = {}): Promise<T> {
  const answer = await send(new Request(addressed(path, query), { signal, headers }));
  return (await answer.json()) as T;
}

/** Write. An `Idempotency-Key` among the headers makes it safe to try again. */
export async function write<T>(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
  { query, signal, headers = {} }: Options = {},
): Promise<T> {
  const raw = typeof body === 'string' || body instanceof Blob || body instanceof FormData;
  const request = new Request(addressed(path, query), {
    method,
    signal,
    headers: raw || body === undefined ? headers : { 'Content-Type': 'application/json', ...headers },
    body: raw ? body : body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await send(request);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

export const post = <T>(path: string, body?: unknown, options: Options = {}): Promise<T> =>
  write<T>('POST', path, body, options);

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
  position: number;
  effective_at: string;
  known_at: string;
  known_position: number;
}

/** Ask for the pages of a list, one behind the other, up to so many items. */
export async function pages<T>(path: string, { query, signal }: Options, most = 2000): Promise<Page<T>> {
  let page = await get<Page<T>>(path, { query: { ...query, limit: 500 }, signal });
  const items = page.items;
  while (page.next_cursor && items.length < most) {
    page = await get<Page<T>>(path, { query: { ...query, limit: 500, cursor: page.next_cursor }, signal });
    items.push(...page.items);
  }
  return { ...page, items };
}
