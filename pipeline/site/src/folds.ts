/** The outline and the contents fold on narrow screens and stand open on wide ones, in every browser. */

export function folds(): void {
  // The stylesheet keeps them open by itself where the browser knows ::details-content.
  if (CSS.supports("selector(::details-content)")) return;
  for (const [selector, width] of [
    [".outline > .fold", "64rem"],
    [".contents > .fold", "84rem"],
  ] as const) {
    const fold = document.querySelector<HTMLDetailsElement>(selector);
    const wide = matchMedia(`(min-width: ${width})`);
    const follow = () => fold && (fold.open = wide.matches);
    wide.addEventListener("change", follow);
    follow();
  }
}
