/** Codes of countries and currencies with their names in the reader's language; the browser knows both. */

import { reader } from '$lib/language.svelte';
import { country } from '$lib/values';

export interface Code {
  value: string;
  label: string;
}

/** Regions of CLDR that are no countries of ISO 3166-1. */
const NO_COUNTRY = new Set('AC CP CQ DG EA EU EZ IC QO TA UN XA XB XK ZZ'.split(' '));
const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const made = new Map<string, Code[]>();

export function codes(of: 'country' | 'currency'): Code[] {
  const key = of + reader.locale;
  let all = made.get(key);
  if (!all) made.set(key, (all = of === 'country' ? countries() : currencies()));
  return all;
}

function countries(): Code[] {
  const real = (code: string): boolean =>
    !NO_COUNTRY.has(code) && country(code) !== code && new Intl.Locale(`und-${code}`).region === code;
  return LETTERS.flatMap((a) => LETTERS.map((b) => a + b))
    .filter(real)
    .map((value) => ({ value, label: country(value) }))
    .sort(byLabel);
}

function currencies(): Code[] {
  const names = new Intl.DisplayNames(reader.locale, { type: 'currency' });
  return Intl.supportedValuesOf('currency').map((value) => ({ value, label: `${value} · ${names.of(value)}` }));
}

function byLabel(one: Code, other: Code): number {
  return one.label.localeCompare(other.label, reader.locale);
}
