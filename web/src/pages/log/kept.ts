/** What is kept in the browser: drafts, what was logged last, and whom it was about. */

export interface Draft {
  kind: string;
  verb: string;
  subject: string | null;
  title: string;
  body: Record<string, unknown>;
  at: string;
}

function read<T>(name: string, otherwise: T): T {
  try {
    return (JSON.parse(localStorage.getItem(`farshore.${name}`) ?? 'null') as T | null) ?? otherwise;
  } catch {
    return otherwise;
  }
}

function keep(name: string, value: unknown): void {
  try {
    localStorage.setItem(`farshore.${name}`, JSON.stringify(value));
  } catch {
    // A full or forbidden store: the form works, it is only not remembered.
  }
}

export function draftId(kind: string, verb: string, subject: string | null): string {
  return `${kind}/${verb}/${subject ?? ''}`;
}

export const drafts = (): Record<string, Draft> => read('drafts', {});

export function keepDraft(draft: Draft): void {
  keep('drafts', { ...drafts(), [draftId(draft.kind, draft.verb, draft.subject)]: draft });
}

export function dropDraft(id: string): void {
  const { [id]: _, ...rest } = drafts();
  keep('drafts', rest);
}

const MOST = 6;

export function recent<T>(name: string): T[] {
  return read<T[]>(`recent.${name}`, []);
}

/** Put something at the front of what was used last. */
export function used<T>(name: string, thing: T, same: (one: T) => boolean): void {
  keep(`recent.${name}`, [thing, ...recent<T>(name).filter((one) => !same(one))].slice(0, MOST));
}
