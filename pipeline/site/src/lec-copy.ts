/** `<lec-copy>`: copies the code of its figure. */

import { h, icon } from "./dom";

const SECONDS = 1000;

class Copy extends HTMLElement {
  connectedCallback(): void {
    // The clipboard exists in secure contexts only; a button that cannot work is not shown.
    if (!("clipboard" in navigator)) return;
    const words = h("span", {}, "Copy");
    const said = h("span", { class: "hidden", role: "status" });
    const button = h("button", { type: "button", class: "copy" }, icon("copy"), words);
    button.addEventListener("click", () => {
      const code = this.closest("figure")?.querySelector(".code-text")?.textContent ?? "";
      navigator.clipboard.writeText(code).then(
        () => (words.textContent = said.textContent = "Copied"),
        () => (words.textContent = said.textContent = "Could not copy"),
      );
      setTimeout(() => {
        words.textContent = "Copy";
        said.textContent = "";
      }, 2 * SECONDS);
    });
    this.replaceChildren(button, said);
  }
}

export function define(): void {
  customElements.define("lec-copy", Copy);
}
