/** What can be recorded, and the words for it: `/v1/meta`, in the reader's language. */

import { get } from './api';
import { reader } from './language.svelte';

export interface Action {
  type: string;
  verb: string;
  /** What to do: “Launch a service”. */
  label?: string;
  /** What was done: “Launched”. */
  happened?: string;
  description: string;
  headline: string;
  opens: boolean;
  universal: boolean;
  usual_from: (string | null)[];
  leads_to: string | null;
  ends: boolean;
  after_end: boolean;
  needs_reason: boolean;
  roles: string[];
  data: { $ref: string };
  example: Record<string, unknown>;
}

export interface Stage {
  name: string;
  label?: string;
  end: boolean;
  verbs: string[];
}

export interface Kind {
  name: string;
  path: string;
  noun: string;
  label?: string;
  plural?: string;
  title: string;
  description: string;
  fields: { $ref: string };
  opens_with: string[][];
  stages: Stage[];
  ladder: string[];
  actions: Action[];
}

/** A JSON Schema, as far as forms need it. */
export interface Schema {
  $ref?: string;
  title?: string;
  description?: string;
  type?: string | string[];
  format?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  examples?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  [extra: string]: unknown;
}

export interface Catalogue {
  kinds: Kind[];
  roles: string[];
  labels?: { roles?: Record<string, string>; warnings?: Record<string, string>; free?: Record<string, string> };
  schemas: Record<string, Schema>;
}

const FIRST = ['partnership', 'service', 'permit', 'rd_center', 'site', 'organization'];

class Meta {
  catalogue = $state.raw<Catalogue | null>(null);
  #language = '';

  /** Have the catalogue in the reader's language. */
  async load(): Promise<void> {
    const language = reader.language;
    if (this.#language === language) return;
    this.catalogue = await get<Catalogue>('/v1/meta');
    this.#language = language;
  }

  #kinds = $derived(new Map(this.catalogue?.kinds.map((kind) => [kind.name, kind])));
  #paths = $derived(new Map(this.catalogue?.kinds.map((kind) => [kind.path, kind])));
  #types = $derived(
    new Map(this.catalogue?.kinds.flatMap((kind) => kind.actions.map((one) => [one.type, one] as const))),
  );

  get kinds(): Kind[] {
    return this.catalogue?.kinds ?? [];
  }

  /** The kinds, those first that most people come for. */
  get ranked(): Kind[] {
    const rank = ({ name }: Kind): number => (FIRST.indexOf(name) + 1 || FIRST.length + 1);
    return this.kinds.toSorted((a, b) => rank(a) - rank(b));
  }

  kind(name: string): Kind | undefined {
    return this.#kinds.get(name);
  }

  /** The kind whose subjects live under a path: `rd-centers`. */
  at(path: string): Kind | undefined {
    return this.#paths.get(path);
  }

  action(type: string): Action | undefined {
    return this.#types.get(type);
  }

  /** “R&D centers”: what subjects of a kind are called. */
  kinds_of(name: string): string {
    const kind = this.kind(name);
    return kind?.plural ?? kind?.label ?? spaced(kind?.path ?? name);
  }

  kindLabel(name: string): string {
    const kind = this.kind(name);
    return kind?.label ?? sentence(kind?.noun ?? name);
  }

  typeLabel(type: string): string {
    return this.action(type)?.happened ?? sentence(type.split('.')[1] ?? type);
  }

  /** What a warning is called: “Promise overdue”. */
  warningLabel(code: string): string {
    return this.catalogue?.labels?.warnings?.[code] ?? sentence(code);
  }

  /** A word of a field that takes any: a milestone, a unit, the name of a place; itself where it is not known. */
  free(word: string): string {
    return this.catalogue?.labels?.free?.[word] ?? word;
  }

  /** What an organization, or a party, is in the matter: “Developer”. */
  roleLabel(role: string): string {
    const roles = this.schema(this.kind('organization')?.fields)?.properties?.roles?.items;
    return (roles?.['x-labels'] as Record<string, string> | undefined)?.[role] ?? sentence(role);
  }

  stageLabel(kind: string, stage: string): string {
    return this.kind(kind)?.stages.find((one) => one.name === stage)?.label ?? sentence(stage);
  }

  /** Follow a reference into the schemas. */
  schema(of: Schema | undefined): Schema | undefined {
    let found = of;
    while (found?.$ref) found = this.catalogue?.schemas[found.$ref.split('/').pop() ?? ''];
    return found;
  }
}

function spaced(name: string): string {
  return sentence(name).replace(/^Rd /, 'R&D ');
}

/** Make words of a name: `mou_signed` → “Mou signed”. */
export function sentence(name: string): string {
  const words = name.replaceAll(/[_-]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const meta = new Meta();
