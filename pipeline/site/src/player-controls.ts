/** The controls of the player: buttons, sliders and lists that the browser knows how to speak. */

import { fill, h, icon, type IconName } from "./dom";

export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];

/** `4:05`, `1:02:09`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const two = (n: number) => String(n).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** The same for ears: `4 minutes 5 seconds`. */
function spoken(seconds: number): string {
  const whole = Math.floor(seconds || 0);
  return `${Math.floor(whole / 60)} minutes ${whole % 60} seconds`;
}

export function button(name: IconName, label: string, act: () => void): HTMLButtonElement {
  const element = h("button", { type: "button", class: "player-button" });
  relabel(element, name, label);
  element.addEventListener("click", act);
  return element;
}

export function relabel(element: HTMLButtonElement, name: IconName, label: string): void {
  if (element.getAttribute("aria-label") === label) return;
  element.setAttribute("aria-label", label);
  element.title = label;
  fill(element, icon(name));
}

export class Slider {
  readonly element: HTMLInputElement;
  #held = false;

  constructor(label: string, max: number, step: number, move: (value: number) => void, readonly say: (value: number) => string) {
    this.element = h("input", { type: "range", class: "player-slider", min: 0, max, step, value: 0, "aria-label": label });
    this.element.addEventListener("input", () => {
      this.#draw();
      move(this.element.valueAsNumber);
    });
    this.element.addEventListener("pointerdown", () => (this.#held = true));
    this.element.addEventListener("pointerup", () => (this.#held = false));
    this.element.addEventListener("pointercancel", () => (this.#held = false));
  }

  /** Follow the video, unless a finger holds the slider. */
  show(value: number, max?: number): void {
    if (max) this.element.max = String(max);
    if (this.#held) return;
    this.element.valueAsNumber = value;
    this.#draw();
  }

  #draw(): void {
    const share = this.element.valueAsNumber / (Number(this.element.max) || 1);
    this.element.style.setProperty("--share", `${(share * 100).toFixed(2)}%`);
    this.element.setAttribute("aria-valuetext", this.say(this.element.valueAsNumber));
  }
}

export function seekSlider(move: (value: number) => void): Slider {
  return new Slider("Position", 1, 0.1, move, spoken);
}

export function volumeSlider(move: (value: number) => void): Slider {
  return new Slider("Volume", 1, 0.05, move, (value) => `${Math.round(value * 100)} %`);
}

/** A labelled list. `options` are value and words. */
export class List {
  readonly element: HTMLElement;
  readonly select: HTMLSelectElement;

  constructor(label: string, options: [string, string][], chosen: string, choose: (value: string) => void) {
    this.select = h("select", {});
    this.element = h("label", { class: "player-choice" }, h("span", {}, label), this.select);
    this.offer(options, chosen);
    this.select.addEventListener("change", () => choose(this.select.value));
  }

  offer(options: [string, string][], chosen: string): void {
    fill(this.select, ...options.map(([value, words]) => h("option", { value, selected: value === chosen }, words)));
    this.element.hidden = options.length < 2;
  }

  show(value: string): void {
    this.select.value = value;
  }
}
