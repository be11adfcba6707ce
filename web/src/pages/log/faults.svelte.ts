/** What is wrong where: the errors of a problem, each at the control that its JSON pointer names. */

import { getContext, setContext } from 'svelte';
import type { Fault } from '$lib/api';

export class Faults {
  all = $state.raw<Fault[]>([]);
  /** After trying to log: also what is missing is told at its place. */
  strict = $state(false);
  /** Where somebody types at this moment; nobody wants to be corrected mid-word. */
  focused = $state('');

  /** What to say at a control; of what is inside it too where it shows no parts of its own. */
  at(pointer: string, filled: boolean, within = false): string | undefined {
    if (!this.strict && (!filled || (this.focused !== '' && this.focused.startsWith(pointer)))) return undefined;
    const found = this.all.find(
      (one) => one.pointer === pointer || (within && one.pointer?.startsWith(`${pointer}/`)),
    );
    return found?.detail;
  }
}

const KEY = Symbol('faults');

export const giveFaults = (faults: Faults): Faults => setContext(KEY, faults);
export const useFaults = (): Faults => getContext<Faults>(KEY);

/** Bring the first control that is wrong into view, and the focus to it. */
export function toFirst(within: HTMLElement): void {
  const wrong = within.querySelector<HTMLElement>('[data-fault]');
  const control = wrong?.querySelector<HTMLElement>('input, select, textarea, button') ?? wrong;
  control?.focus();
  wrong?.scrollIntoView({ block: 'center', behavior: 'smooth' });
}
