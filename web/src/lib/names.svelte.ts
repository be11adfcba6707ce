/**
 * What organizations are called at the two clocks: values name them by key alone. They are asked for once
 * for all that is shown, when the first page that needs them is opened.
 */

import { pages } from './api';
import { asked, type Asked } from './asked.svelte';
import { clocks } from './clocks.svelte';
import { sentence } from './meta.svelte';

interface Named {
  subject: { key: string };
  title: string;
}

class Names {
  #all!: Asked<Map<string, string>>;

  constructor() {
    $effect.root(() => {
      this.#all = asked(async (signal) => {
        const query = clocks.query();
        const found = await pages<Named>('/v1/organizations', { query, signal }, 5000);
        return new Map(found.items.map((one) => [one.subject.key, one.title]));
      });
    });
  }

  /** The title of an organization, or its key in words until that is known. */
  of(key: string): string {
    return this.#all.value?.get(key) ?? sentence(key);
  }
}

export const names = new Names();
