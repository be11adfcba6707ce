/**
 * What organizations are called at the two clocks, and whom the ids in `recorded_by` stand for: values
 * name both by key alone. They are asked for once, when the first page that needs them is opened.
 */

import { get, pages, type Schemas } from './api';
import { asked, type Asked } from './asked.svelte';
import { clocks } from './clocks.svelte';
import { sentence } from './meta.svelte';

interface Named {
  subject: { key: string };
  title: string;
}

class Names {
  #all!: Asked<Map<string, string>>;
  #people!: Asked<Map<string, string>>;

  constructor() {
    $effect.root(() => {
      this.#all = asked(async (signal) => {
        const query = clocks.query();
        const found = await pages<Named>('/v1/organizations', { query, signal }, 5000);
        return new Map(found.items.map((one) => [one.subject.key, one.title]));
      });
      this.#people = asked(async (signal) => {
        const found = await get<{ items: Schemas['Principal'][] }>('/v1/principals', { signal });
        return new Map(found.items.map((one) => [one.id, one.display_name ?? one.id]));
      });
    });
  }

  /** The title of an organization, or its key in words until that is known. */
  of(key: string): string {
    return this.#all.value?.get(key) ?? sentence(key);
  }

  /** The name of who recorded something, or the id where that is all there is. */
  who(id: string): string {
    return this.#people.value?.get(id) ?? id;
  }
}

export const names = new Names();
