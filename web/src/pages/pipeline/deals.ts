/** Partnerships as a pipeline: where each stands, what it is worth, what is to be done next and by when. */

import type { Schemas, State } from '$lib/api';
import { day, span } from '$lib/dates';
import { meta, type Action, type Kind } from '$lib/meta.svelte';
import { paid, placed, type Money, type Place } from '$lib/values';

export const KIND = 'partnership';

export interface Deal {
  key: string;
  subject: State['subject'];
  title: string;
  stage: string;
  mode: string | null;
  markets: string;
  value: Money | null;
  probability: number | null;
  owner: string | null;
  nextStep: string | null;
  nextOn: string | null;
  /** The last day by which the next step was to be taken; null where nobody said. */
  due: number | null;
  overdue: boolean;
  contested: boolean;
  warned: boolean;
}

/** Tell a deal of a state, as it stands on a day. */
export function dealOf(state: State, at: string): Deal {
  const told = state.state as Record<string, unknown>;
  const due = told.next_step_on ? span(told.next_step_on as string).last : null;
  const stage = state.stage ?? 'unknown';
  return {
    key: state.subject.key,
    subject: state.subject,
    title: state.title,
    stage,
    mode: (told.mode as string | undefined) ?? null,
    markets: ((told.markets as Place[] | undefined) ?? []).map(placed).join(' · '),
    value: (told.value as Money | undefined) ?? null,
    probability: (told.probability as number | undefined) ?? null,
    owner: (told.owner as string | undefined) ?? null,
    nextStep: (told.next_step as string | undefined) ?? null,
    nextOn: (told.next_step_on as string | undefined) ?? null,
    due,
    overdue: due !== null && due < day(at) && !isEnd(stage),
    contested: state.contested,
    warned: state.warnings.length > 0,
  };
}

/** How a deal is counted: by its way abroad, or, while it is not formed, or never was, by its stage. */
export function countedAs(deal: Deal): string {
  const ladder = kind()?.ladder ?? [];
  const rung = ladder.indexOf(deal.stage);
  const apart = deal.stage === 'abandoned' || (rung >= 0 && rung < ladder.indexOf('formed'));
  return apart ? `${STAGE}${deal.stage}` : (deal.mode ?? 'none');
}

export const STAGE = 'stage:';

/** Give the year in which each deal was formed, or else begun. */
export function begun(lines: readonly Schemas['Entry'][]): Map<string, number> {
  const first = new Map<string, number>();
  const formed = lines.filter((one) => one.type === 'partnership.formed');
  for (const { subject, effective_day } of [...formed, ...lines]) {
    if (effective_day && !first.has(subject.key)) first.set(subject.key, Number(effective_day.slice(0, 4)));
  }
  return first;
}

/** What is overdue comes first, then what is due next; the rest by name. */
export function byUrgency(one: Deal, other: Deal): number {
  return (one.due ?? Infinity) - (other.due ?? Infinity) || one.title.localeCompare(other.title);
}

function kind(): Kind | undefined {
  return meta.kind(KIND);
}

function isEnd(stage: string): boolean {
  return kind()?.stages.find((one) => one.name === stage)?.end ?? false;
}

export interface Column {
  stage: string;
  end: boolean;
  deals: Deal[];
}

/** Put deals into a column a stage: the ladder from first to last, then the other stages somebody is in. */
export function columns(deals: readonly Deal[]): Column[] {
  const of = kind();
  if (!of) return [];
  const aside = of.stages.map((one) => one.name).filter((name) => !of.ladder.includes(name));
  return [...of.ladder, ...aside]
    .map((stage) => ({ stage, end: isEnd(stage), deals: deals.filter((one) => one.stage === stage) }))
    .filter((one) => of.ladder.includes(one.stage) || one.deals.length)
    .map((one) => ({ ...one, deals: one.deals.toSorted(byUrgency) }));
}

/** The events that usually move a deal on, to one stage or to any other. */
export function ways(stage: string, to?: string): Action[] {
  const offered = new Set(kind()?.stages.find((one) => one.name === stage)?.verbs ?? []);
  return (kind()?.actions ?? []).filter(
    (one) =>
      one.leads_to &&
      one.leads_to !== stage &&
      offered.has(one.verb) &&
      !one.universal &&
      (to === undefined || one.leads_to === to),
  );
}

/** Sum amounts, each currency by itself: nothing is converted. */
export function sums(deals: readonly Deal[], weighed = false): string[] {
  const all = new Map<string, { amount: number; about: boolean }>();
  for (const { value, probability } of deals) {
    if (!value || (weighed && probability === null)) continue;
    const sum = all.get(value.currency) ?? { amount: 0, about: false };
    const share = weighed ? (probability ?? 0) / 100 : 1;
    all.set(value.currency, {
      amount: sum.amount + Number(value.amount) * share,
      about: sum.about || !!value.qualifier,
    });
  }
  return [...all].map(([currency, { amount, about }]) =>
    paid({ amount: String(Math.round(amount * 100) / 100), currency, qualifier: about ? '~' : null }),
  );
}
