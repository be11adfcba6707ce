/** Where a column can go: the fields of every kind, by their paths, with what they are called. */

import { meta, type Schema } from '$lib/meta.svelte';
import { parts, shape, type Shape } from '../log/shapes';
import { words as logging } from '../log/words';

export interface Target {
  path: string;
  label: string;
  kinds: string[];
}

/** These take a cell whole: their parts are read from what it says. */
const WHOLE = new Set(['party', 'organization', 'subject', 'money', 'quantity', 'event']);

/** Give all targets, those of the event itself first. */
export function targets(): Target[] {
  const all = new Map<string, Target>();
  const add = (path: string, label: string, kind?: string): void => {
    const known = all.get(path);
    if (known) kind && !known.kinds.includes(kind) && known.kinds.push(kind);
    else all.set(path, { path, label, kinds: kind ? [kind] : [] });
  };
  add('occurred_on', logging().when.replace(/[?？]$/, ''));
  add('subject', logging().key);
  add('reason', logging().reason);
  add('ref', 'ref');
  add('details', shape('details', {}).label);
  const source = parts({ $ref: '#/schemas/Source' } as Schema);
  for (const one of source) add(`sources.${one.name}`, `${logging().source}: ${one.label}`);
  for (const kind of meta.kinds) for (const one of parts(kind.fields)) walk(one, '', '', kind.name, add);
  return [...all.values()];
}

type Add = (path: string, label: string, kind?: string) => void;

function walk(one: Shape, before: string, called: string, kind: string, add: Add): void {
  const path = before + one.name;
  const label = called + one.label;
  const inner = one.item ?? one;
  if (inner.control === 'place') {
    add(path, label, kind);
    for (const part of parts(inner.schema)) add(`${path}.${part.name}`, `${label}: ${part.label}`, kind);
  } else if (inner.control === 'group' && !before.includes('.')) {
    for (const part of inner.parts) walk(part, `${path}.`, `${label}: `, kind, add);
  } else if (WHOLE.has(inner.control) || inner.control !== 'group') add(path, label, kind);
}
