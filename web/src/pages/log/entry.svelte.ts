/** An event being written: what was filled in so far, and the body that it makes. */

import { parts, bare, type Shape } from './shapes';
import { draftId, drafts, dropDraft, keepDraft } from './kept';
import type { Action, Kind } from '$lib/meta.svelte';

/** What a form begins with, for what is not in the payload by the names of the body. */
export interface Given {
  occurred_on?: string;
  data?: Record<string, unknown>;
  sources?: unknown[];
  reason?: string;
  key?: string;
}

export class Entry {
  readonly kind: Kind;
  readonly action: Action;
  readonly subject: string | null;
  readonly shapes: Shape[];
  /** What the first event of a record needs: of each, one. */
  readonly needed: string[][];
  readonly id: string;

  occurredOn = $state<string | undefined>();
  data = $state<Record<string, unknown>>({});
  sources = $state<unknown[] | undefined>();
  reason = $state<string | undefined>();
  key = $state<string | undefined>();
  revealed = $state<string[]>([]);
  /** Makes sending it twice the same as once. */
  once = crypto.randomUUID();

  constructor(kind: Kind, action: Action, subject: string | null, given: Given = {}, kept = true) {
    this.kind = kind;
    this.action = action;
    this.subject = subject;
    this.needed = subject === null ? kind.opens_with : [];
    this.shapes = parts(action.data).sort((one, other) => this.#rank(one) - this.#rank(other));
    this.id = draftId(kind.name, action.verb, subject);
    const draft = kept ? (drafts()[this.id]?.body as Given | undefined) : undefined;
    const from = draft ?? given;
    this.occurredOn = from.occurred_on;
    this.data = { ...from.data };
    this.sources = from.sources;
    this.reason = from.reason;
    this.key = from.key;
  }

  /** What is needed comes first, a sentence of one's own last. */
  #rank(one: Shape): number {
    if (one.name === 'details') return 2;
    return one.required || this.needed.flat().includes(one.name) ? 0 : 1;
  }

  /** The fields that are there from the start: what is needed, usual, or filled in. */
  get shown(): Shape[] {
    const usual = new Set([...this.needed.flat(), ...Object.keys(this.action.example), ...this.revealed, 'details']);
    return this.shapes.filter((one) => one.required || usual.has(one.name) || bare(this.data[one.name]) !== undefined);
  }

  get hidden(): Shape[] {
    const shown = new Set(this.shown.map((one) => one.name));
    return this.shapes.filter((one) => !shown.has(one.name));
  }

  needs(name: string): boolean {
    return this.needed.some((any) => any.length === 1 && any[0] === name);
  }

  get empty(): boolean {
    return bare({ ...this.body, data: bare(this.data) }) === undefined;
  }

  get body(): Record<string, unknown> {
    return {
      ...(this.occurredOn && { occurred_on: this.occurredOn }),
      data: bare(this.data) ?? {},
      ...(bare(this.sources) !== undefined && { sources: bare(this.sources) }),
      ...(bare(this.reason) !== undefined && { reason: bare(this.reason) }),
      ...(this.subject === null && bare(this.key) !== undefined && { key: bare(this.key) }),
    };
  }

  /** Where it is sent. */
  get address(): string {
    const parts = ['/v1', this.kind.path, ...(this.subject === null ? [] : [encodeURIComponent(this.subject)]), this.action.verb];
    return parts.join('/');
  }

  keep(title: string): void {
    if (this.empty) return dropDraft(this.id);
    const { kind, action, subject } = this;
    keepDraft({ kind: kind.name, verb: action.verb, subject, title, body: this.body, at: new Date().toISOString() });
  }

  drop(): void {
    dropDraft(this.id);
  }
}
