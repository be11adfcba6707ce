/** Which organizations a state names, and as what. */

import type { Schemas } from '$lib/api';
import { fieldSchema, plain } from '$lib/values';
import type { Schema } from '$lib/meta.svelte';

/** Keys of organizations, each with the fields that name it, in the order of the fields. */
export function named(state: Schemas['StateOfSubject']): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [field, value] of Object.entries(state.state)) gather(value, fieldSchema(state.subject.kind, field), field, found);
  return found;
}

function gather(value: unknown, schema: Schema | undefined, field: string, found: Map<string, string[]>): void {
  const of = plain(schema);
  if (Array.isArray(value)) for (const one of value) gather(one, of?.items, field, found);
  else if (typeof value === 'string' && refers(of)) {
    const fields = found.get(value) ?? [];
    if (!fields.includes(field)) found.set(value, [...fields, field]);
  } else if (typeof value === 'object' && value !== null)
    for (const [name, one] of Object.entries(value)) gather(one, of?.properties?.[name], field, found);
}

function refers(schema: Schema | undefined): boolean {
  return [schema, ...(schema?.anyOf ?? [])].some((one) => one?.['x-refers-to'] === 'organization');
}

/** One organization by which lists can be narrowed to few records around this one. */
export function anOrganization(state: Schemas['StateOfSubject']): string | undefined {
  if (state.subject.kind === 'organization') return state.subject.key;
  return named(state).keys().next().value;
}
