/** How a record stands at a stage, in the five ways that drawings tell apart. */

import { meta } from './meta.svelte';

export type Standing = 'planned' | 'running' | 'halted' | 'over' | 'unknown';

const PLANNED = new Set(['rumoured', 'announced', 'proposed', 'applied', 'negotiating', 'forecast', 'identified']);
const HALTED = new Set(['suspended', 'issuance_frozen', 'operations_suspended']);

export function standing(kind: string, stage: string): Standing {
  if (stage === 'unknown') return 'unknown';
  if (meta.kind(kind)?.stages.find((one) => one.name === stage)?.end) return 'over';
  if (HALTED.has(stage)) return 'halted';
  return PLANNED.has(stage) ? 'planned' : 'running';
}
