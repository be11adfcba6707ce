/** Numbers as people say them, read into what the ledger keeps; dates are read by the server. */

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
