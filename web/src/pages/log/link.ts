/** Addresses of the form: what others link to. */

import { href } from '$lib/address.svelte';

/** The form for an event of a kind; without a verb the choice of one, without a subject a new record. */
export function logHref(to: { kind?: string; verb?: string; subject?: string } = {}): string {
  return href('/log', { kind: to.kind, verb: to.verb, subject: to.subject });
}
