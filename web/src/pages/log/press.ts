/**
 * What is done when a control is left may move what lies beneath the pointer. While a button of it is
 * down that waits, or the click that left the control would miss what it was meant for.
 */

let pressed = false;
addEventListener('pointerdown', () => (pressed = true), true);
for (const end of ['pointerup', 'pointercancel'] as const) addEventListener(end, () => (pressed = false), true);

export function afterPress(act: () => unknown): void {
  if (!pressed) return void act();
  const stop = new AbortController();
  const ended = (): void => {
    stop.abort();
    setTimeout(act);
  };
  for (const end of ['pointerup', 'pointercancel'] as const) addEventListener(end, ended, { signal: stop.signal, capture: true });
}
