/**
 * What others record, as it happens: the stream of the timeline, or looking every ten seconds where
 * no stream can be had. `live.position` is the last position heard of: who reads it asks again.
 */

import { get, type Page, type Schemas } from './api';

export type Entry = Schemas['Entry'];
export type State = 'off' | 'live' | 'looking';
const EVERY = 10_000;
/** A stream is ended now and then, and comes back within a second. */
const PATIENCE = 4_000;

class Live {
  state = $state<State>('off');
  position = $state(0);
  /** The newest entries heard of since the page was opened, the newest first. */
  news = $state.raw<Entry[]>([]);
  /** How often a view was rebuilt meanwhile, so that what was read may read otherwise now. */
  rebuilt = $state(0);
  #source: EventSource | null = null;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Begin, from what the views know now. */
  async begin(): Promise<void> {
    this.end();
    const newest = await this.#look().catch(() => null);
    if (newest) this.position = Math.max(this.position, newest.known_position);
    this.#listen();
  }

  end(): void {
    this.#source?.close();
    this.#source = null;
    clearTimeout(this.#patience);
    this.#patience = undefined;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.state = 'off';
  }

  /** Take note of what one has recorded oneself. */
  heard(position: number): void {
    if (position > this.position) this.position = position;
  }

  #listen(): void {
    const source = new EventSource(`/v1/stream?after=${this.position}`);
    this.#source = source;
    source.onopen = () => {
      this.state = 'live';
      clearTimeout(this.#patience);
      this.#patience = undefined;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
    source.onmessage = (event: MessageEvent<string>) => this.#take(event.data);
    source.addEventListener('rebuilt', () => (this.rebuilt += 1));
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.#again(source), 30_000);
      this.#patience ??= setTimeout(() => this.#poll(), PATIENCE);
    };
  }

  #again(source: EventSource): void {
    if (this.#source === source) this.#listen();
  }

  #take(data: string): void {
    const entry = JSON.parse(data) as Entry;
    if (entry.position <= this.position) return;
    this.position = entry.position;
    this.news = [entry, ...this.news].slice(0, 100);
  }

  #poll(): void {
    if (this.#timer) return;
    this.state = 'looking';
    this.#timer = setInterval(() => void this.#catchUp(), EVERY);
  }

  async #catchUp(): Promise<void> {
    const page = await this.#look().catch(() => null);
    if (!page) return;
    const fresh = page.items.filter((one) => one.position > this.position);
    if (fresh.length) this.news = [...fresh, ...this.news].slice(0, 100);
    this.heard(page.known_position);
  }

  #look(): Promise<Page<Entry>> {
    return get('/v1/timeline', { query: { order: 'recorded', newest_first: true, limit: 20 } });
  }
}

export const live = new Live();
