/** What differs between two states of a record, or between two tellings of an event. */

import type { Schemas, State } from '$lib/api';
import { meta } from '$lib/meta.svelte';
import { fieldLabel, fieldSchema, labelled } from '$lib/values';
import type { Change } from './Changed.svelte';
import { words } from './words';

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** The fields of a state, its stage first. */
export function fields(state: State | null): Record<string, unknown> {
  if (!state) return {};
  return { stage: state.stage && meta.stageLabel(state.subject.kind, state.stage), ...state.state };
}

export function between(kind: string, before: State | null, after: State | null): Change[] {
  const [from, to] = [fields(before), fields(after)];
  return [...new Set([...Object.keys(to), ...Object.keys(from)])]
    .filter((name) => !same(from[name], to[name]))
    .map((name) => ({ name, label: fieldLabel(kind, name), schema: fieldSchema(kind, name), from: from[name], to: to[name] }));
}

type Told = Schemas['HistoryEntry'];

/** What a correction changed of the event that it is about. */
export function corrected(before: Told, after: Told): Change[] {
  const schema = meta.schema(meta.action(after.type)?.data);
  const found: Change[] = [];
  if (before.occurred_on !== after.occurred_on)
    found.push({ name: 'occurred_on', label: words().date, from: before.occurred_on, to: after.occurred_on });
  for (const name of new Set([...Object.keys(before.data), ...Object.keys(after.data)])) {
    const [from, to, of] = [before.data[name], after.data[name], schema?.properties?.[name]];
    if (!same(from, to)) found.push({ name, label: labelled(name, of), schema: of, from, to });
  }
  return found;
}
