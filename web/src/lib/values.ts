/** Values of the ledger in words: places, money, quantities, and what fields are called. */

import { reader, number } from './language.svelte';
import { meta, sentence, type Schema } from './meta.svelte';
import { common } from '../words/common';

export interface Place {
  country?: string | null;
  region?: string | null;
  subdivision?: string | null;
  city?: string | null;
  town?: string | null;
  label?: string | null;
  lat?: number | null;
  lon?: number | null;
}

export interface Money {
  amount: string;
  currency: string;
  qualifier?: string | null;
}

export interface Quantity {
  value?: number | null;
  min?: number | null;
  max?: number | null;
  unit: string;
  qualifier?: string | null;
}

const countries = new Map<string, Intl.DisplayNames>();

/** “United Arab Emirates” of `AE`; as headlines call it, where they have a name of their own for it. */
export function country(code: string): string {
  const own = meta.free(code);
  if (own !== code) return own;
  let named = countries.get(reader.locale);
  if (!named) countries.set(reader.locale, (named = new Intl.DisplayNames(reader.locale, { type: 'region', style: 'short' })));
  try {
    return named.of(code) ?? code;
  } catch {
    return code;
  }
}

/** A country by its code, or a region by its name. */
export function territory(of: string): string {
  return /^[A-Z]{2}$/.test(of) ? country(of) : meta.free(of);
}

/** A place from the smallest to the greatest: “Yas Island, Abu Dhabi, United Arab Emirates”. */
export function placed(place: Place): string {
  const near = place.label || place.town || place.city ? null : place.subdivision;
  const land = place.country ? country(place.country) : place.region;
  const parts = [place.label, place.town, place.city, near, land].filter((one): one is string => !!one);
  return [...new Set(parts.map((one) => meta.free(one)))].join(reader.language === 'zh' ? '，' : ', ');
}

const SIGNS: Record<string, string> = { '~': '≈ ', '>': '> ', '<': '< ' };

function qualified(said: string, qualifier: string | null | undefined): string {
  if (!qualifier) return said;
  return qualifier in SIGNS ? SIGNS[qualifier] + said : `${said} (${qualifier})`;
}

/** Money as the reader writes it, in its own currency. */
export function paid(money: Money): string {
  const options: Intl.NumberFormatOptions = { style: 'currency', currency: money.currency, maximumFractionDigits: 2 };
  if (!money.amount.includes('.')) options.minimumFractionDigits = 0;
  return qualified(number(Number(money.amount), options), money.qualifier);
}

/** A quantity with its unit: “40–60 vehicles”. */
export function measured(of: Quantity): string {
  const { value, min, max } = of;
  let said = value != null ? number(value) : '';
  if (value == null && min != null && max != null) said = `${number(min)}–${number(max)}`;
  else if (value == null && min != null) said = `≥ ${number(min)}`;
  else if (value == null && max != null) said = `≤ ${number(max)}`;
  return qualified(`${said} ${meta.free(of.unit)}`, of.qualifier);
}

const UNITS: [RegExp, (said: string) => string][] = [
  [/_percent$/, (said) => `${said} %`],
  [/_km$/, (said) => `${said} km`],
  [/_m2$/, (said) => `${said} m²`],
];

/** A number of a field whose name ends in its unit. */
export function counted(value: number, field = ''): string {
  const unit = UNITS.find(([end]) => end.test(field));
  return unit ? unit[1](number(value)) : number(value);
}

/** The schema behind references and “or null”. */
export function plain(schema: Schema | undefined): Schema | undefined {
  const followed = meta.schema(schema);
  const some = followed?.anyOf?.filter((one) => one.type !== 'null');
  return some?.length === 1 ? plain(some[0]) : followed;
}

/** The schema of a field of the state of a kind. */
export function fieldSchema(kind: string, field: string): Schema | undefined {
  return meta.schema(meta.kind(kind)?.fields)?.properties?.[field];
}

/** What a schema calls itself, or the name of its field in words. */
export function labelled(name: string, schema: Schema | undefined): string {
  const title = schema?.title ?? '';
  const derived = !title || title.startsWith('Reference to');
  return derived ? common().ofPromise[name] ?? sentence(name).replace(/ (m2|km|percent)$/, '') : title;
}

/** What a field of a state is called, the computed ones too. */
export function fieldLabel(kind: string, field: string): string {
  const own = common().fields[field];
  if (own) return own;
  const [before, milestone] = field.split(':');
  if (before === 'target' && milestone) return common().target(sentence(meta.free(milestone)));
  return labelled(field, fieldSchema(kind, field));
}

/** A word of an enumeration, as the catalogue has it. */
export function word(value: string, schema?: Schema): string {
  const labels = schema?.['x-labels'] as Record<string, string> | undefined;
  return labels?.[value] ?? sentence(value);
}
