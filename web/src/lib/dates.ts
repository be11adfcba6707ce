/** Days as the ledger writes them (EDTF): what they span, and how a reader would say them. */

import { reader } from './language.svelte';

/** Both ends inclusive, as UTC midnights in milliseconds; null for an open or unknown end. */
export interface Span {
  first: number | null;
  last: number | null;
  /** Said to be about then, or doubted. */
  about: boolean;
}

export const DAY = 86_400_000;

export function day(iso: string): number {
  return Date.parse(`${iso}T00:00:00Z`);
}

export function iso(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** Whether it is a day that there is, as addresses write it: not 2024-02-31. */
export function isDay(text: string): boolean {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? day(text) : NaN;
  return !Number.isNaN(time) && iso(time) === text;
}

/** Today, which is the UTC day as everywhere in Farshore. */
export function today(): string {
  return iso(Date.now());
}

const utc = (year: number, month: number, date: number): number => {
  const made = new Date(Date.UTC(2000, month, date));
  made.setUTCFullYear(year, month, date);
  return made.getTime();
};

function one(text: string): Span | null {
  const about = /[~?%]$/.test(text);
  const found = /^(-?\d{3}[\dX]|\d\dXX)(?:-(\d\d|XX)(?:-(\d\d|XX))?)?[~?%]?$/.exec(text);
  if (!found) return null;
  const [, years = '', month, date] = found;
  const from = Number(years.replaceAll('X', '0'));
  const to = Number(years.replaceAll('X', '9'));
  if (!month || month === 'XX') return { first: utc(from, 0, 1), last: utc(to, 11, 31), about };
  const [start, length] = months(Number(month));
  if (!date || date === 'XX') return { first: utc(from, start, 1), last: utc(from, start + length, 0), about };
  const only = utc(from, start, Number(date));
  return { first: only, last: only, about };
}

/** First month (from 0) and number of months: seasons 21–24, quarters 33–36, thirds 37–39, halves 40–41. */
function months(said: number): [number, number] {
  if (said <= 12) return [said - 1, 1];
  if (said >= 33 && said <= 36) return [(said - 33) * 3, 3];
  if (said >= 37 && said <= 39) return [(said - 37) * 4, 4];
  if (said >= 40 && said <= 41) return [(said - 40) * 6, 6];
  return [((said - 21) % 4) * 3 + 2, 3];
}

/** Tell what days a date may mean. */
export function span(edtf: string | null | undefined): Span {
  if (!edtf) return { first: null, last: null, about: false };
  const [from = '', to] = edtf.split('/');
  const left = one(from);
  if (to === undefined) return left ?? { first: null, last: null, about: false };
  const right = one(to);
  return { first: left?.first ?? null, last: right?.last ?? null, about: !!(left?.about || right?.about) };
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(time: number, options: Intl.DateTimeFormatOptions): string {
  const key = reader.locale + JSON.stringify(options);
  let made = formats.get(key);
  if (!made) formats.set(key, (made = new Intl.DateTimeFormat(reader.locale, { timeZone: 'UTC', ...options })));
  return made.format(time);
}

/** Write a day: 14 Nov 2025. */
export function writtenDay(time: number | string): string {
  const at = typeof time === 'string' ? day(time) : time;
  return format(at, { year: 'numeric', month: 'short', day: 'numeric' });
}

/** Write an instant in the reader's own time zone. */
export function writtenInstant(instant: string, seconds = false): string {
  const options: Intl.DateTimeFormatOptions = {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds && { second: '2-digit' }),
    timeZone: undefined,
  };
  return format(Date.parse(instant), options);
}

const WORDS = {
  en: {
    unknown: 'date unknown',
    about: (said: string) => `about ${said}`,
    since: (said: string) => `since ${said}`,
    by: (said: string) => `by ${said}`,
    between: (from: string, to: string) => `${from} – ${to}`,
    quarter: (n: number, year: string) => `Q${n} ${year}`,
    third: (n: number, year: string) => `${['early', 'mid', 'late'][n - 1]} ${year}`,
    half: (n: number, year: string) => `${n === 1 ? 'first' : 'second'} half of ${year}`,
    season: (n: number, year: string) => `${['spring', 'summer', 'autumn', 'winter'][n]} ${year}`,
    decade: (year: string) => `${year}s`,
  },
  zh: {
    unknown: '日期不详',
    about: (said: string) => `约${said}`,
    since: (said: string) => `${said}起`,
    by: (said: string) => `不晚于${said}`,
    between: (from: string, to: string) => `${from} 至 ${to}`,
    quarter: (n: number, year: string) => `${year}年第${'一二三四'[n - 1]}季度`,
    third: (n: number, year: string) => `${year}年${'初中末'[n - 1]}`,
    half: (n: number, year: string) => `${year}年${n === 1 ? '上' : '下'}半年`,
    season: (n: number, year: string) => `${year}年${'春夏秋冬'[n]}季`,
    decade: (year: string) => `${year}年代`,
  },
};

function say(text: string): string {
  const words = WORDS[reader.language];
  const bare = text.replace(/[~?%]$/, '');
  const [year = '', month, date] = bare.split('-');
  const found = one(bare);
  if (!found || found.first === null) return bare;
  let said: string;
  if (date && date !== 'XX') said = writtenDay(found.first);
  else if (!month || month === 'XX')
    said = year.includes('X') ? words.decade(year.replaceAll('X', '0')) : format(found.first, { year: 'numeric' });
  else {
    const n = Number(month);
    if (n <= 12) said = format(found.first, { year: 'numeric', month: 'short' });
    else if (n >= 40) said = words.half(n - 39, year);
    else if (n >= 37) said = words.third(n - 36, year);
    else if (n >= 33) said = words.quarter(n - 32, year);
    else said = words.season((n - 21) % 4, year);
  }
  return bare === text ? said : words.about(said);
}

/** Write a date as a reader would say it: `2025-34` is “Q2 2025”. */
export function written(edtf: string | null | undefined): string {
  const words = WORDS[reader.language];
  if (!edtf) return words.unknown;
  const [from = '', to] = edtf.split('/');
  if (to === undefined) return say(from);
  if (from === '..' || from === '') return words.by(say(to));
  if (to === '..' || to === '') return words.since(say(from));
  return words.between(say(from), say(to));
}

/** Write how long ago, in the largest unit that fits: “3 days ago”. */
export function ago(instant: string, now = Date.now()): string {
  const seconds = (Date.parse(instant) - now) / 1000;
  const units: [Intl.RelativeTimeFormatUnit, number][] = [
    ['year', 31_557_600],
    ['month', 2_629_800],
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ];
  const relative = new Intl.RelativeTimeFormat(reader.locale, { numeric: 'auto' });
  for (const [unit, length] of units) {
    if (Math.abs(seconds) >= length) return relative.format(Math.round(seconds / length), unit);
  }
  return relative.format(Math.round(Math.min(seconds, 0)), 'second');
}
