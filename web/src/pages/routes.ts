/**
 * Where each page is. A page is a folder here with a `Page.svelte`, which is loaded when it is first
 * gone to. `:name` in a path is handed to the page as a property. The first path that fits is taken.
 */

import type { Component } from 'svelte';
import type { IconName } from '$lib/icons';
import type { shell } from '../words/shell';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Loaded = { default: Component<any> };

export interface Route {
  path: string;
  /** Its name in `words/shell.ts`, also that of its place in the menu. */
  name: keyof ReturnType<typeof shell>['pages'];
  load: () => Promise<Loaded>;
  icon?: IconName;
  /** In which part of the menu it is; none for pages that only links lead to. */
  group?: 'see' | 'check' | 'do';
  /** The second of two keys, after `g`. */
  key?: string;
  /** Whether it counts for the sliders of the clocks what it shows (`narrowing.given`). */
  counts?: boolean;
  /** Whether it is only for who may record something. */
  writes?: boolean;
  /** Whether the clocks mean nothing on it. */
  timeless?: boolean;
}

export const routes: Route[] = [
  { path: '/', name: 'timeline', icon: 'timeline', group: 'see', key: 't', counts: true, load: () => import('./home/Page.svelte') },
  { path: '/map', name: 'map', icon: 'map', group: 'see', key: 'm', load: () => import('./map/Page.svelte') },
  { path: '/pipeline', name: 'pipeline', icon: 'pipeline', group: 'see', key: 'p', load: () => import('./pipeline/Page.svelte') },
  { path: '/network', name: 'network', icon: 'network', group: 'see', key: 'n', load: () => import('./network/Page.svelte') },
  { path: '/indicators', name: 'indicators', icon: 'indicators', group: 'see', key: 'v', load: () => import('./indicators/Page.svelte') },
  { path: '/coverage', name: 'coverage', icon: 'coverage', group: 'check', key: 'c', load: () => import('./coverage/Page.svelte') },
  { path: '/targets', name: 'targets', icon: 'targets', group: 'check', key: 'r', load: () => import('./targets/Page.svelte') },
  { path: '/warnings', name: 'warnings', icon: 'warnings', group: 'check', key: 'w', load: () => import('./warnings/Page.svelte') },
  { path: '/audit', name: 'audit', icon: 'audit', group: 'check', key: 'a', load: () => import('./audit/Page.svelte') },
  { path: '/diff', name: 'diff', icon: 'diff', group: 'see', key: 'd', load: () => import('./diff/Page.svelte') },
  { path: '/log', name: 'log', icon: 'log', group: 'do', key: 'l', timeless: true, writes: true, load: () => import('./log/Page.svelte') },
  { path: '/import', name: 'import', icon: 'import', group: 'do', key: 'u', timeless: true, writes: true, load: () => import('./import/Page.svelte') },
  { path: '/settings', name: 'settings', icon: 'settings', key: 's', timeless: true, load: () => import('./settings/Page.svelte') },
  // The records of every kind: its path, then a key. It fits any two names, so it comes last.
  { path: '/:kind/:key', name: 'subject', load: () => import('./subject/Page.svelte') },
];

export interface Found {
  route: Route;
  given: Record<string, string>;
}

export function find(path: string): Found | null {
  for (const route of routes) {
    const names: string[] = [];
    const form = route.path.replace(/:(\w+)/g, (_, name: string) => {
      names.push(name);
      return '([^/]+)';
    });
    const found = new RegExp(`^${form}/?$`).exec(path);
    if (found) {
      const given = Object.fromEntries(names.map((name, at) => [name, decoded(found[at + 1]!)]));
      return { route, given };
    }
  }
  return null;
}

/** What cannot be decoded stays as it is, and is the name of nothing. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
