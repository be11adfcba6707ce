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
}

const KEY = Symbol('form');

export const giveForm = (around: Around): Around => setContext(KEY, around);
export const useForm = (): Around => getContext<Around>(KEY);
