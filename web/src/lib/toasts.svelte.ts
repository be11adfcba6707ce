/** Short messages at the edge, read out by screen readers, gone by themselves. */

import { Problem } from './api';

export interface Toast {
  id: number;
  text: string;
  tone: 'plain' | 'good' | 'bad';
  href?: string;
  label?: string;
}

class Toasts {
  all = $state<Toast[]>([]);
  #last = 0;

  show(text: string, options: Partial<Omit<Toast, 'id' | 'text'>> = {}): void {
    const id = (this.#last += 1);
    this.all = [...this.all.slice(-3), { id, text, tone: 'plain', ...options }];
    setTimeout(() => this.drop(id), options.tone === 'bad' ? 12_000 : 7_000);
  }

  /** Say what went wrong. */
  failed(error: unknown): void {
    this.show(error instanceof Problem ? error.message : String(error), { tone: 'bad' });
  }

  drop(id: number): void {
    this.all = this.all.filter((one) => one.id !== id);
  }
}

export const toasts = new Toasts();
