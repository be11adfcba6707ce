/** Moving through time by hand: one pointer drags, two pinch, a wheel pans or zooms. */

import { panned, zoomed, type Stretch } from './zoom';

/** What is moved: where it begins on the screen, how wide it is, and what it shows. */
export interface Ground {
  left(): number;
  width(): number;
  stretch(): Stretch;
  onstretch(to: Stretch): void;
  /** The pointer that drags is held, and what lies under it follows up and down. */
  hold(event: PointerEvent): void;
  scroll(by: number): void;
}

const STILL = 5; // pixels by which a hand may move while it clicks
const CLOSEST = 20; // pixels: fingers that are closer would zoom without end

export class Dragging {
  #ground: Ground;
  #held = new Map<number, { x: number; y: number }>();
  #moved = false;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  down(event: PointerEvent): void {
    if (event.button || (event.target as Element).closest('button')) return;
    this.#held.set(event.pointerId, { x: event.clientX, y: event.clientY });
    this.#moved = false;
  }

  /** Follow a pointer; false where it only hovers. */
  move(event: PointerEvent): boolean {
    const was = this.#held.get(event.pointerId);
    if (!was) return false;
    const dx = event.clientX - was.x;
    const dy = event.clientY - was.y;
    if (!this.#moved && Math.abs(dx) + Math.abs(dy) < STILL) return true;
    if (!this.#moved) this.#ground.hold(event);
    this.#moved = true;
    if (this.#held.size === 2) this.#pinch(event, was.x);
    else this.#drag(event, dx, dy);
    this.#held.set(event.pointerId, { x: event.clientX, y: event.clientY });
    return true;
  }

  /** Let go; true if it was a click. */
  up(event: PointerEvent): boolean {
    return this.#held.delete(event.pointerId) && !this.#moved;
  }

  cancel(event: PointerEvent): void {
    this.#held.delete(event.pointerId);
  }

  wheel(event: WheelEvent, zooms: boolean): void {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    const along = sideways ? event.deltaX : event.shiftKey ? event.deltaY : 0;
    const zoom = event.ctrlKey || event.metaKey || (zooms && !along);
    if (!zoom && !along) return;
    event.preventDefault();
    const { width, stretch, onstretch } = this.#ground;
    if (zoom) this.#zoom(Math.exp(event.deltaY * 0.0022), event.clientX);
    else onstretch(panned(stretch(), along / width()));
  }

  #drag(event: PointerEvent, dx: number, dy: number): void {
    const { width, stretch, onstretch, scroll } = this.#ground;
    onstretch(panned(stretch(), -dx / width()));
    if (event.pointerType === 'mouse') scroll(-dy);
  }

  #pinch(event: PointerEvent, was: number): void {
    const other = [...this.#held].find(([id]) => id !== event.pointerId)![1];
    const before = Math.max(Math.abs(was - other.x), CLOSEST);
    const after = Math.max(Math.abs(event.clientX - other.x), CLOSEST);
    this.#zoom(before / after, (event.clientX + other.x) / 2);
  }

  #zoom(factor: number, around: number): void {
    const { left, width, stretch, onstretch } = this.#ground;
    onstretch(zoomed(stretch(), factor, (around - left()) / width()));
  }
}
