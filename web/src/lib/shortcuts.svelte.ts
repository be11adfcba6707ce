/** Keys that do something everywhere on a page: one key, or two in a row like `g m`. */

import { untrack } from 'svelte';

export interface Shortcut {
  keys: string;
  label: () => string;
  run: () => void;
}

class Shortcuts {
  all = $state.raw<Shortcut[]>([]);
  #before = '';
  #at = 0;

  press(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target as Element | null)) return;
    const before = event.timeStamp - this.#at < 1200 ? this.#before : '';
    this.#before = event.key;
    this.#at = event.timeStamp;
    const both = `${before} ${event.key}`;
    const found =
      this.all.findLast((one) => one.keys === both) ?? this.all.findLast((one) => one.keys === event.key);
    if (!found) return;
    event.preventDefault();
    this.#before = '';
    found.run();
  }
}

function typing(target: Element | null): boolean {
  if (document.querySelector('dialog[open]')) return true;
  return !!target?.closest('input, textarea, select, [contenteditable], [role=combobox], [role=listbox], [role=slider]');
}

export const shortcuts = new Shortcuts();

/** Offer keys while a component is shown; the sheet of help (`?`) lists them. */
export function offer(...offered: Shortcut[]): void {
  $effect(() => {
    untrack(() => (shortcuts.all = [...shortcuts.all, ...offered]));
    return () => {
      shortcuts.all = shortcuts.all.filter((one) => !offered.includes(one));
    };
  });
}
