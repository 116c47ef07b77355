/** `<lec-outline>`: ticks finished lessons and shows how far the course has come. */

import { ENGLISH, h, icon } from "./dom";
import { completed, follow, type Standing } from "./learner";

class Outline extends HTMLElement {
  readonly #bar = h("progress", { max: 100, value: 0, "aria-label": "Course progress" });
  readonly #words = h("span", ENGLISH);
  readonly #progress = h("p", { class: "progress-line" }, this.#bar, this.#words);

  connectedCallback(): void {
    follow(
      this,
      (now) => this.#show(now),
      () => undefined, // reading does not need it
    );
  }

  #show(now: Standing): void {
    if (now.kind !== "enrolled") return this.#progress.remove();
    const percent = Math.round(now.enrolment.percent);
    this.#bar.value = percent;
    this.#words.textContent = `${percent} % complete`;
    if (!this.#progress.isConnected) this.prepend(this.#progress);
    for (const row of this.querySelectorAll<HTMLElement>("[data-item]")) {
      this.#tick(row, completed(now, row.dataset["item"] ?? ""));
    }
  }

  #tick(row: HTMLElement, done: boolean): void {
    if (done === row.classList.contains("done")) return;
    row.classList.toggle("done", done);
    if (done) row.querySelector("a")?.prepend(h("span", { class: "tick" }, icon("check"), h("span", { class: "hidden" }, "Completed: ")));
    else row.querySelector(".tick")?.remove();
  }
}

export function define(): void {
  customElements.define("lec-outline", Outline);
}
