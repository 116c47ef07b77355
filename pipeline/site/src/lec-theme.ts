/** `<lec-theme>`: light or dark. Without a choice the page follows the system. */

import { h, icon } from "./dom";

const KEY = "lectern.theme";

class Theme extends HTMLElement {
  readonly #system = matchMedia("(prefers-color-scheme: dark)");

  connectedCallback(): void {
    this.#draw();
    this.#system.addEventListener("change", () => this.#draw());
  }

  get #dark(): boolean {
    const chosen = document.documentElement.dataset["theme"];
    return chosen ? chosen === "dark" : this.#system.matches;
  }

  #draw(): void {
    const label = this.#dark ? "Use the light theme" : "Use the dark theme";
    const button = h("button", { type: "button", class: "icon-button", "aria-label": label, title: label });
    button.append(icon(this.#dark ? "sun" : "moon"));
    button.addEventListener("click", () => this.#toggle());
    this.replaceChildren(button);
  }

  #toggle(): void {
    const theme = this.#dark ? "light" : "dark";
    document.documentElement.dataset["theme"] = theme;
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // It holds for this page.
    }
    this.#draw();
    this.querySelector("button")?.focus();
  }
}

export function define(): void {
  customElements.define("lec-theme", Theme);
}
