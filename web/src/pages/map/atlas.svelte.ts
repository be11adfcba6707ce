/** The shapes of countries, each detail loaded when it is first looked at. */

import rough from 'world-atlas/countries-110m.json?url';
import fine from 'world-atlas/countries-50m.json?url';
import type { Feature } from 'geojson';
import { feature } from 'topojson-client';

class Atlas {
  #rough = $state.raw<Feature[]>([]);
  #fine = $state.raw<Feature[]>([]);
  #asked = new Set<string>();

  /** The shapes as they are now; better ones come by themselves. */
  shapes(near: boolean): Feature[] {
    this.#load(rough, (found) => (this.#rough = found));
    if (near) this.#load(fine, (found) => (this.#fine = found));
    return near && this.#fine.length ? this.#fine : this.#rough;
  }

  #load(url: string, keep: (found: Feature[]) => void): void {
    if (this.#asked.has(url)) return;
    this.#asked.add(url);
    void fetch(url)
      .then((answer) => answer.json())
      .then((topology) => {
        const found = feature(topology, topology.objects.countries) as unknown as { features: Feature[] };
        keep(found.features);
      })
      .catch(() => this.#asked.delete(url));
  }
}

export const atlas = new Atlas();
