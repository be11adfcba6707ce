/** What a form shows for a JSON Schema: found out from the schema alone, for every type of event alike. */

import { reader } from '$lib/language.svelte';
import { meta, type Kind, type Schema } from '$lib/meta.svelte';
import { labelled, word } from '$lib/values';

export type Control =
  | 'text'
  | 'long'
  | 'word'
  | 'number'
  | 'flag'
  | 'choice'
  | 'choices'
  | 'date'
  | 'address'
  | 'country'
  | 'currency'
  | 'organization'
  | 'subject'
  | 'party'
  | 'place'
  | 'money'
  | 'quantity'
  | 'event'
  | 'list'
  | 'group';

export interface Shape {
  name: string;
  control: Control;
  label: string;
  help?: string;
  example?: string;
  options: { value: string; label: string }[];
  /** The schema that it comes from, without the choice of null. */
  schema: Schema;
  /** Of a list: what each is. */
  item?: Shape;
  /** Of a group: its parts. */
  parts: Shape[];
  required: boolean;
  /** What a subject it refers to is. */
  refersTo?: string;
}

/** The types of value that have a control of their own, by the name of their schema. */
const VALUES: Record<string, Control> = {
  Party: 'party',
  Place: 'place',
  Money: 'money',
  Quantity: 'quantity',
  ByPosition: 'event',
};
const FORMATS: Record<string, Control> = {
  edtf: 'date',
  uri: 'address',
  'iso-3166-1': 'country',
  'iso-4217': 'currency',
};

/** Tell what a form shows for a member of an object. */
export function shape(name: string, given: Schema, required = false): Shape {
  const { schema, refs, choices } = unwrap(given);
  const control = controlOf(schema, refs, choices);
  return {
    name,
    control,
    label: labelled(name, schema),
    help: schema.description,
    example: schema.examples?.length ? String(schema.examples[0]) : undefined,
    options: options(control === 'choices' ? unwrap(schema.items!).schema : schema),
    schema,
    item: control === 'list' ? shape(name, schema.items!) : undefined,
    parts: control === 'group' ? parts(schema) : [],
    required,
    refersTo: refersTo([schema, ...choices]),
  };
}

/** Tell the members of an object. */
export function parts(given: Schema | undefined): Shape[] {
  const schema = meta.schema(given);
  const required = schema?.required ?? [];
  return Object.entries(schema?.properties ?? {}).map(([name, one]) => shape(name, one, required.includes(name)));
}

interface Unwrapped {
  schema: Schema;
  refs: string[];
  choices: Schema[];
}

/** Follow references and leave out null; what an outer schema says of itself goes before the inner. */
function unwrap(given: Schema): Unwrapped {
  let schema: Schema = given;
  const refs: string[] = [];
  let choices: Schema[] = [];
  for (;;) {
    const { $ref, anyOf, ...said } = schema;
    if ($ref) {
      refs.push($ref.split('/').pop() ?? '');
      schema = { ...meta.schema({ $ref }), ...said };
      continue;
    }
    const left = (anyOf ?? []).filter((one) => one.type !== 'null');
    if (left.length === 1) {
      schema = { ...said, ...left[0], title: said.title ?? left[0]!.title };
      if (left[0]!.description === undefined) schema.description = said.description;
      continue;
    }
    if (left.length) choices = left;
    return { schema: { ...said, description: said.description ?? left[0]?.description }, refs, choices };
  }
}

function controlOf(schema: Schema, refs: string[], choices: Schema[]): Control {
  const named = [...refs, ...choices.map((one) => one.$ref?.split('/').pop() ?? '')].find((one) => VALUES[one]);
  if (named) return VALUES[named]!;
  const to = refersTo([schema, ...choices]);
  if (to) return to === 'organization' ? 'organization' : 'subject';
  if (schema.enum) return 'choice';
  if (schema.format && FORMATS[schema.format]) return FORMATS[schema.format]!;
  if (schema.type === 'array') return unwrap(schema.items ?? {}).schema.enum ? 'choices' : 'list';
  if (schema.type === 'object') return 'group';
  if (schema.type === 'number' || schema.type === 'integer') return 'number';
  if (schema.type === 'boolean') return 'flag';
  if (String(schema.pattern ?? '').startsWith('^[a-z0-9]+(_')) return 'word';
  return Number(schema.maxLength ?? 0) >= 2000 ? 'long' : 'text';
}

function refersTo(schemas: Schema[]): string | undefined {
  return schemas.map((one) => one['x-refers-to'] as string | undefined).find(Boolean);
}

function options(schema: Schema): Shape['options'] {
  return (schema.enum ?? []).map((one) => ({ value: String(one), label: word(String(one), schema) }));
}

/** What a kind is called within a sentence. */
export function noun(kind: Kind): string {
  return reader.language === 'zh' ? meta.kindLabel(kind.name) : kind.noun;
}

/** Leave out what nobody filled in: what is sent says only what is known. */
export function bare(value: unknown): unknown {
  if (value === null || value === undefined || value === '') return undefined;
  if (Array.isArray(value)) {
    const left = value.map(bare).filter((one) => one !== undefined);
    return left.length ? left : undefined;
  }
  if (typeof value === 'object') {
    const left = Object.entries(value).map(([name, one]) => [name, bare(one)] as const);
    const kept = left.filter(([, one]) => one !== undefined);
    return kept.length ? Object.fromEntries(kept) : undefined;
  }
  return typeof value === 'string' ? value.trim() || undefined : value;
}
