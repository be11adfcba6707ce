/** Days and numbers as people say them, read into what the ledger keeps. */

import { iso, span, today, DAY } from '$lib/dates';

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const SEASONS: Record<string, number> = { spring: 21, summer: 22, autumn: 23, fall: 23, winter: 24, 春: 21, 夏: 22, 秋: 23, 冬: 24 };
const NUMERALS = '一二三四五六七八九十';

const two = (said: string | number): string => String(said).padStart(2, '0');

function month(said: string): string | null {
  const at = MONTHS.indexOf(said.slice(0, 3).toLowerCase());
  return at < 0 ? null : two(at + 1);
}

function numeral(said: string): number {
  return /^\d$/.test(said) ? Number(said) : NUMERALS.indexOf(said) + 1;
}

type Rule = [RegExp, (...found: string[]) => string | null];

const ONE: Rule[] = [
  [/^(today|今天)$/i, () => today()],
  [/^(yesterday|昨天)$/i, () => iso(Date.parse(today()) - DAY)],
  [/^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/, (_, y, m, d) => `${y}-${two(m!)}-${two(d!)}`],
  [/^(\d{4})年(\d{1,2})月(\d{1,2})[日号]?$/, (_, y, m, d) => `${y}-${two(m!)}-${two(d!)}`],
  [/^(\d{4})年(\d{1,2})月份?$/, (_, y, m) => `${y}-${two(m!)}`],
  [/^(\d{4})[/.](\d{1,2})$/, (_, y, m) => `${y}-${two(m!)}`],
  [/^(\d{1,2})[/.](\d{4})$/, (_, m, y) => (Number(m) <= 12 ? `${y}-${two(m!)}` : null)],
  [/^(\d{4})年$/, (_, y) => y!],
  [/^(\d{1,2})(?:st|nd|rd|th)?\.? ([a-z]{3,9})\.?,? (\d{4})$/i, (_, d, m, y) => (month(m!) ? `${y}-${month(m!)}-${two(d!)}` : null)],
  [/^([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})$/i, (_, m, d, y) => (month(m!) ? `${y}-${month(m!)}-${two(d!)}` : null)],
  [/^([a-z]{3,9})\.?,? (\d{4})$/i, (_, m, y) => (month(m!) ? `${y}-${month(m!)}` : null)],
  [/^(?:q|第)?([1-4一二三四])(?:st|nd|rd|th)? ?(?:q|quarter)?(?: of)? (\d{4})$/i, (_, q, y) => `${y}-${32 + numeral(q!)}`],
  [/^(\d{4})[ -]?q([1-4])$/i, (_, y, q) => `${y}-${32 + Number(q)}`],
  [/^(\d{4})年?第?([1-4一二三四])季度?$/, (_, y, q) => `${y}-${32 + numeral(q!)}`],
  [/^h([12]) ?(\d{4})$/i, (_, h, y) => `${y}-${39 + Number(h)}`],
  [/^(\d{4})[ -]?h([12])$/i, (_, y, h) => `${y}-${39 + Number(h)}`],
  [/^(first|1st|second|2nd) half(?: of)? (\d{4})$/i, (_, h, y) => `${y}-${/^[f1]/i.test(h!) ? 40 : 41}`],
  [/^(\d{4})年?([上下])半年$/, (_, y, h) => `${y}-${h === '上' ? 40 : 41}`],
  [/^(spring|summer|autumn|fall|winter)(?: of)? (\d{4})$/i, (_, s, y) => `${y}-${SEASONS[s!.toLowerCase()]}`],
  [/^(\d{4})年?([春夏秋冬])[天季]?$/, (_, y, s) => `${y}-${SEASONS[s!]}`],
  [/^(early|mid|middle of|late|end of)[ -](\d{4})$/i, (_, p, y) => `${y}-${/^e[a]/i.test(p!) ? 37 : /^m/i.test(p!) ? 38 : 39}`],
  [/^(\d{4})年?(年?[初中底末])$/, (_, y, p) => `${y}-${p!.endsWith('初') ? 37 : p!.endsWith('中') ? 38 : 39}`],
];

function oneDate(said: string): string | null {
  if (span(said).first !== null && !said.includes('/')) return said;
  for (const [form, make] of ONE) {
    const found = form.exec(said);
    const made = found && make(...found);
    if (made && span(made).first !== null) return made;
  }
  return null;
}

/** Read a date as somebody says it; null where it says none. “Q3 2025” is `2025-35`. */
export function readDate(text: string): string | null {
  const said = text.trim().replaceAll(/\s+/g, ' ');
  if (!said) return null;
  const edtf = span(said);
  if (/^\S+$/.test(said) && said.includes('/') && (edtf.first !== null || edtf.last !== null) && /\d{4}/.test(said)) {
    if (said.split('/').every((one) => one === '..' || one === '' || span(one).first !== null)) return said;
  }
  const about = /^(?:about|around|circa|ca\.?|c\.|~|约|大约) ?(.+)$/i.exec(said) ?? /^(.+?)(?:左右|~)$/.exec(said);
  if (about) return ended(oneDate(about[1]!), '~');
  const by = /^(?:by|before|until|no later than|不晚于) (.+)$/i.exec(said) ?? /^(.+)(?:之前|以前|前)$/.exec(said);
  if (by) return begun('../', oneDate(by[1]!));
  const since = /^(?:since|from|after) (\S+(?: \S+)?)$/i.exec(said) ?? /^(.+)(?:起|以来)$/.exec(said);
  if (since) return ended(oneDate(since[1]!), '/..');
  const between = /^(?:between |from )?(.+?) ?(?: to | and | until |–|—|至|到) ?(.+)$/i.exec(said);
  if (between) {
    const [from, to] = [oneDate(between[1]!), oneDate(between[2]!)];
    return from && to ? `${from}/${to}` : null;
  }
  return oneDate(said);
}

const ended = (said: string | null, end: string): string | null => said && said.replace(/~$/, '') + end;
const begun = (start: string, said: string | null): string | null => said && start + said;

const SCALES: Record<string, number> = { k: 3, thousand: 3, m: 6, mn: 6, mio: 6, million: 6, b: 9, bn: 9, billion: 9, 万: 4, 亿: 8, 千万: 7, 百万: 6 };

/** Read a number with its scale as plain digits: “1.2bn” is 1200000000. */
export function readNumber(text: string): string | null {
  const found = /^(\d[\d,  '’]*(?:\.\d+)?) ?(k|thousand|m|mn|mio|million|b|bn|billion|万|亿|千万|百万)?$/i.exec(text.trim());
  if (!found) return null;
  const [whole = '', part = ''] = found[1]!.replaceAll(/[,  '’]/g, '').split('.');
  const scale = found[2] ? SCALES[found[2].toLowerCase()]! : 0;
  const digits = whole + part.padEnd(scale, '0').slice(0, scale);
  const rest = part.slice(scale).replace(/0+$/, '');
  return digits.replace(/^0+(?=\d)/, '') + (rest && `.${rest}`);
}

export interface Amount {
  qualifier?: string;
  from: string;
  to?: string;
}

const QUALIFIERS: [RegExp, string][] = [
  [/^(?:~|about|around|some|约|大约) ?/i, '~'],
  [/^(?:>=?|over|more than|超过|逾) ?/i, '>'],
  [/^(?:<=?|under|fewer than|less than|up to|不到) ?/i, '<'],
];

/** Read how much: “~50”, “more than 1,000”, “40–60”. */
export function readAmount(text: string): Amount | null {
  let said = text.trim();
  let qualifier: string | undefined;
  for (const [form, sign] of QUALIFIERS) {
    if (form.test(said)) [said, qualifier] = [said.replace(form, ''), sign];
  }
  if (/^.+\+$/.test(said)) [said, qualifier] = [said.slice(0, -1), '>'];
  const range = /^(\S+) ?(?:-|–|—| to |至|到) ?(\S+)$/.exec(said);
  if (range) {
    const [from, to] = [readNumber(range[1]!), readNumber(range[2]!)];
    return from && to ? { from, to, qualifier } : null;
  }
  const from = readNumber(said);
  return from === null ? null : { from, qualifier };
}
