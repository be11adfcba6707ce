/** What the fields of a form share: whose form it is, and how an organization is registered from within. */

import { getContext, setContext } from 'svelte';

export interface Named {
  key: string;
  title: string;
}

export interface Around {
  kind: string;
  subject: string | null;
  /** Ask for an organization to be registered; null where nobody did. */
  register: (name: string) => Promise<Named | null>;
  /** Have sending wait until what was typed last is understood. */
  settle: (until: Promise<unknown>) => void;
}

/** Gather what must be understood before the form is sent; `done` waits a moment for what a click left behind. */
export function settling(): { settle: Around['settle']; done: () => Promise<unknown> } {
  let waiting: Promise<unknown> = Promise.resolve();
  return {
    settle: (until) => (waiting = Promise.all([waiting, until])),
    done: () => new Promise((resolve) => setTimeout(() => resolve(waiting))),
  };
}

const KEY = Symbol('form');

export const giveForm = (around: Around): Around => setContext(KEY, around);
export const useForm = (): Around => getContext<Around>(KEY);
