/** The keys of the player, where they are expected from elsewhere. */

export interface Acts {
  toggle(): void;
  seek(by: number): void;
  seekTo(share: number): void;
  volume(by: number): void;
  mute(): void;
  captions(): void;
  fullscreen(): void;
  speed(steps: number): void;
}

/** True if the key did something. Fields that need the key themselves keep it. */
export function press(event: KeyboardEvent, acts: Acts): boolean {
  if (event.altKey || event.ctrlKey || event.metaKey) return false;
  const target = event.target as HTMLElement;
  if (target.matches("select, input[type=text]")) return false;
  // A focused button is pressed by the space bar, a focused slider moved by its arrows.
  if (event.key === " " && target.matches("button")) return false;
  if (event.key.startsWith("Arrow") && target.matches("input")) return false;
  const act = acting(event.key, acts);
  if (!act) return false;
  act();
  return true;
}

function acting(key: string, acts: Acts): (() => void) | null {
  switch (key) {
    case " ":
    case "k":
      return acts.toggle;
    case "ArrowLeft":
      return () => acts.seek(-5);
    case "ArrowRight":
      return () => acts.seek(5);
    case "j":
      return () => acts.seek(-10);
    case "l":
      return () => acts.seek(10);
    case "ArrowUp":
      return () => acts.volume(0.1);
    case "ArrowDown":
      return () => acts.volume(-0.1);
    case "m":
      return acts.mute;
    case "c":
      return acts.captions;
    case "f":
      return acts.fullscreen;
    case "<":
      return () => acts.speed(-1);
    case ">":
      return () => acts.speed(1);
  }
  return /^\d$/.test(key) ? () => acts.seekTo(Number(key) / 10) : null;
}
