/** Whether the page is being laid out for paper: then nothing is folded, cut or left for scrolling. */

import { flushSync } from 'svelte';

class Printing {
  now = $state(false);

  constructor() {
    // The browser lays the paper out as soon as the handlers return.
    addEventListener('beforeprint', () => flushSync(() => (this.now = true)));
    addEventListener('afterprint', () => (this.now = false));
  }
}

export const printing = new Printing();

/** Pixels that fit on upright A4 beside the margins of `app.css`; letter is a little wider. */
export const PAPER = 690;
