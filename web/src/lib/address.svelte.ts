/**
 * The address of the page is its state: what is in it can be copied, sent and gone back to.
 *
 * A page declares what it keeps there once, and reads and sets it like fields:
 *
 *     const view = inAddress({ by: choice(['kind', 'country'], 'kind'), q: text() });
 *     view.by = 'country';            // the address says ?by=country, and Back undoes it
 *
 * The two clocks (`at`, `known`) belong to every page: see clocks.svelte.ts. `href()` takes them along.
 */

/** How a value is written in the address; `null` leaves it out. */
export interface Codec<T> {
  read(text: string | null): T;
  write(value: T): string | null;
  /** Whether a change replaces the entry of the history instead of adding one: for what slides. */
  slides?: boolean;
}

export function text(otherwise = ''): Codec<string> {
  return {
    read: (text) => text ?? otherwise,
    write: (value) => (value === otherwise ? null : value),
  };
}

export function choice<const T extends string>(all: readonly T[], otherwise: NoInfer<T>): Codec<T> {
  return {
    read: (text) => all.find((one) => one === text) ?? otherwise,
    write: (value) => (value === otherwise ? null : value),
  };
}

export function flag(): Codec<boolean> {
  return { read: (text) => text === '1', write: (value) => (value ? '1' : null) };
}

export function whole(): Codec<number | null> {
  return {
    read: (text) => (text && /^\d{1,15}$/.test(text) ? Number(text) : null),
    write: (value) => (value === null ? null : String(value)),
  };
}

/** Several words, written with commas between. */
export function many(): Codec<string[]> {
  return {
    read: (text) => text?.split(',').filter(Boolean) ?? [],
    write: (value) => value.join(',') || null,
  };
}

export function sliding<T>(codec: Codec<T>): Codec<T> {
  return { ...codec, slides: true };
}

class Address {
  path = $state(location.pathname);
  query = $state.raw(new URLSearchParams(location.search));

  constructor() {
    addEventListener('popstate', () => this.#read());
  }

  #read(): void {
    this.path = location.pathname;
    this.query = new URLSearchParams(location.search);
  }

  /** Go to an address of the application. */
  go(to: string, { replace = false }: { replace?: boolean } = {}): void {
    this.#flush();
    if (to === location.pathname + location.search) return;
    history[replace ? 'replaceState' : 'pushState'](null, '', to);
    const moved = this.path !== location.pathname;
    this.#read();
    if (moved) scrollTo(0, 0);
  }

  /** Change parameters: null takes one out. What slides is written to the bar a little later. */
  set(changes: Record<string, string | null>, { replace = false }: { replace?: boolean } = {}): void {
    const query = new URLSearchParams(this.query);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) query.delete(name);
      else query.set(name, value);
    }
    if (String(query) === String(this.query)) return;
    if (!replace) this.#flush();
    this.query = query;
    if (replace) this.#later();
    else history.pushState(null, '', this.#written());
  }

  // Browsers allow some 100 changes of the address in 30 seconds; a slider makes 60 a second.
  #timer: ReturnType<typeof setTimeout> | undefined;

  #later(): void {
    this.#timer ??= setTimeout(() => this.#flush(), 350);
  }

  #flush(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    history.replaceState(null, '', this.#written());
  }

  #written(): string {
    const query = String(this.query).replaceAll('%2C', ',').replaceAll('%3A', ':');
    return this.path + (query && `?${query}`);
  }
}

export const address = new Address();

/** Give the values of a page, read from and written to the address. */
export function inAddress<V extends object>(spec: { [K in keyof V]: Codec<V[K]> }): V {
  const values = {} as V;
  for (const [name, codec] of Object.entries(spec) as [string, Codec<unknown>][]) {
    // A value changes only when its own part of the address does.
    const said = $derived(address.query.get(name));
    const value = $derived(codec.read(said));
    Object.defineProperty(values, name, {
      enumerable: true,
      get: () => value,
      set: (next) => address.set({ [name]: codec.write(next) }, { replace: codec.slides }),
    });
  }
  return values;
}

/** The parameters that every link takes along: the two clocks. */
const KEPT = ['at', 'known'];

/** Make the address of a page, at the two clocks as they stand unless it says otherwise. */
export function href(path: string, query: Record<string, string | number | null | undefined> = {}): string {
  const all = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') all.set(name, String(value));
  }
  for (const name of KEPT) {
    const value = address.query.get(name);
    if (value !== null && !(name in query)) all.set(name, value);
  }
  const written = String(all).replaceAll('%2C', ',').replaceAll('%3A', ':');
  return path + (written && `?${written}`);
}

/** Let links within the application change the address without a new page. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return;
  const link = (event.target as Element | null)?.closest?.('a');
  if (!link || link.target || link.hasAttribute('download')) return;
  const to = new URL(link.href, location.href);
  const elsewhere = /^\/(v1|docs|openapi\.json|problems|healthz|readyz|metrics)(\/|$)/;
  if (to.origin !== location.origin || elsewhere.test(to.pathname)) return;
  if (to.hash && to.pathname === location.pathname) return;
  event.preventDefault();
  address.go(to.pathname + to.search);
}
