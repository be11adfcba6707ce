/** The reader's language: what the page says in it, and how it writes numbers and days. */

export type Language = 'en' | 'zh';
const KEPT = 'farshore.language';

function first(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === 'en' || kept === 'zh') return kept;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

class Reader {
  #language = $state<Language>(first());

  get language(): Language {
    return this.#language;
  }

  set language(chosen: Language) {
    this.#language = chosen;
    localStorage.setItem(KEPT, chosen);
  }

  /** The reader's own locale where it is of the language, else the language's usual one. */
  get locale(): string {
    const own = navigator.languages.find((one) => one.toLowerCase().startsWith(this.#language));
    return own ?? (this.#language === 'zh' ? 'zh-CN' : 'en-GB');
  }
}

export const reader = new Reader();

/**
 * Make the words of a page: `const words = speak({ en: {…}, zh: {…} })`, used as `words().title`.
 * Both languages have the same entries, or the types do not fit. An entry that takes something is a
 * function.
 */
export function speak<Words extends object>(all: { en: Words; zh: NoInfer<Words> }): () => Words {
  return () => all[reader.language];
}

const formats = new Map<string, Intl.NumberFormat>();

/** Write a number as the reader does. */
export function number(value: number, options: Intl.NumberFormatOptions = {}): string {
  const key = reader.locale + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(reader.locale, options));
  return formats.get(key)!.format(value);
}
