/** Since the last visit: the position that was known when the page was last left, kept by this browser. */

import { live } from './live.svelte';

const KEPT = 'farshore.visit';
const NOW = 'farshore.visit.now';

/** What was known at the last visit; 0 at the first. A reload is the same visit. */
export const lastVisit: number = begin();

function begin(): number {
  if (!sessionStorage.getItem(NOW)) sessionStorage.setItem(NOW, localStorage.getItem(KEPT) ?? '0');
  addEventListener('pagehide', () => {
    if (live.position) localStorage.setItem(KEPT, String(live.position));
  });
  return Number(sessionStorage.getItem(NOW));
}
