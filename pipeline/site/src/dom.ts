/** Elements made without markup strings: text stays text, and nothing here is a Trusted Types sink. */

export type Child = Node | string | null | undefined | false;

type Props = Record<string, string | number | boolean | EventListener | null | undefined>;

/** An element. `on...` properties are listeners, `true` is an empty attribute, `false`, null and undefined are left out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  name: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(props)) {
    if (value === false || value === null || value === undefined) continue;
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...present(children));
  return element;
}

export function fill(parent: Element, ...children: Child[]): void {
  parent.replaceChildren(...present(children));
}

/** For sentences of the site in a page of any language: spoken as English, and read from its own side. */
export const ENGLISH = { lang: "en", dir: "auto" } as const;

function present(children: Child[]): (Node | string)[] {
  return children.filter((child): child is Node | string => Boolean(child));
}

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  check: "M4.5 10.5 8.5 14.5 15.5 6",
  cross: "M5.5 5.5l9 9M14.5 5.5l-9 9",
  sun: "M10 6.2a3.8 3.8 0 1 0 0 7.6 3.8 3.8 0 0 0 0-7.6zM10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6 16 16M16 4l-1.4 1.4M5.4 14.6 4 16",
  moon: "M16.5 12.2A7 7 0 0 1 7.8 3.5a7 7 0 1 0 8.7 8.7z",
  play: "M6.5 4v12l9.5-6z",
  pause: "M6.5 4v12M13.5 4v12",
  volume: "M3 7.8v4.4h3l4 3.3V4.5L6 7.8zM13 7.5a3.5 3.5 0 0 1 0 5M15.3 5.2a6.8 6.8 0 0 1 0 9.6",
  muted: "M3 7.8v4.4h3l4 3.3V4.5L6 7.8zM13.5 8l4 4M17.5 8l-4 4",
  captions: "M2.5 4.5h15v11h-15zM8.5 8.8a1.9 1.9 0 1 0 0 2.4M14.5 8.8a1.9 1.9 0 1 0 0 2.4",
  settings: "M3 6h8M15 6h2M3 14h2M9 14h8M13 4.2a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6zM7 12.2a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6z",
  picture: "M2.5 4.5h15v11h-15zM10 10h5.5v3.5H10z",
  expand: "M3 7.5V3h4.5M12.5 3H17v4.5M17 12.5V17h-4.5M7.5 17H3v-4.5",
  shrink: "M7.5 3v4.5H3M17 7.5h-4.5V3M12.5 17v-4.5H17M3 12.5h4.5V17",
  copy: "M7 7h9.5v9.5H7zM4 13H3.5V3.5H13V4",
  person: "M10 3.5a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 0 0 0-6.4zM3.5 16.5c.8-3 3.3-4.5 6.5-4.5s5.7 1.5 6.5 4.5",
} as const;

export type IconName = keyof typeof PATHS;

/** A line icon that says nothing to a screen reader: its button carries the words. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", "icon");
  svg.setAttribute("width", "20");
  svg.setAttribute("height", "20");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** What the page says about itself. */
const root = document.documentElement.dataset;
export const page = {
  api: root["api"] ?? "",
  base: root["base"] ?? "",
  course: root["course"] ?? "",
  lesson: root["lesson"] ?? "",
};

export function path(rest: string): string {
  return `${page.base}/${rest}`;
}
