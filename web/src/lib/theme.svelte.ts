/** Light, dark, or as the system has it. */

export type Theme = 'auto' | 'light' | 'dark';
const KEPT = 'farshore.theme';

class Look {
  #theme = $state<Theme>((localStorage.getItem(KEPT) as Theme | null) ?? 'auto');

  constructor() {
    this.#apply();
  }

  get theme(): Theme {
    return this.#theme;
  }

  set theme(chosen: Theme) {
    this.#theme = chosen;
    localStorage.setItem(KEPT, chosen);
    this.#apply();
  }

  #apply(): void {
    if (this.#theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.#theme;
  }
}

export const look = new Look();
