/** `<lec-done>`: marks a lesson as done, and takes it back. */

import { ApiError, sentence } from "./api";
import { ENGLISH, fill, h, icon } from "./dom";
import { invitation } from "./joining";
import { assume, completed, follow, type Standing } from "./learner";
import * as queue from "./queue";

class Done extends HTMLElement {
  readonly #said = h("p", { class: "said", role: "status", ...ENGLISH });
  readonly #place = h("div", { class: "done-place" });
  #shown = "";
  #kept = false;

  connectedCallback(): void {
    this.replaceChildren(this.#place, this.#said);
    follow(
      this,
      (now) => this.#show(now),
      (error) => (this.#said.textContent = sentence(error)),
    );
    document.addEventListener("lectern:progress", () => {
      if (this.#kept) this.#said.textContent = "Your progress has reached the school.";
      this.#kept = false;
    });
  }

  get #item(): string {
    return this.dataset["item"] ?? "";
  }

  #show(now: Standing): void {
    const done = completed(now, this.#item);
    const state = now.kind === "enrolled" ? `enrolled ${done}` : now.kind;
    if (state === this.#shown) return;
    // Replacing the button would lose the keyboard's place.
    const focused = this.#place.contains(document.activeElement);
    this.#shown = state;
    if (now.kind !== "enrolled") {
      const gain = now.kind === "visitor" ? "Sign in to keep your progress." : "Enrol to keep your progress.";
      return fill(this.#place, invitation(now, gain));
    }
    if (done) {
      fill(
        this.#place,
        h("p", { class: "done-mark" }, h("span", { class: "tick" }, icon("check")), "Done"),
        h("button", { type: "button", class: "button button-quiet", onclick: () => void this.#set(false) }, "Undo"),
      );
    } else {
      fill(
        this.#place,
        h(
          "button",
          { type: "button", class: "button button-primary", onclick: () => void this.#set(true) },
          icon("check"),
          "Mark as done",
        ),
      );
    }
    if (focused) this.#place.querySelector<HTMLElement>("button")?.focus();
  }

  async #set(done: boolean): Promise<void> {
    queue.record(this.dataset["course"] ?? "", this.#item, done ? "completed" : "reopened");
    assume({ [this.#item]: { state: done ? "completed" : "started" } });
    this.#said.textContent = done ? "Lesson marked as done." : "Lesson is open again.";
    try {
      await queue.send();
    } catch (error) {
      this.#kept = queue.unsent() > 0 && !(error instanceof ApiError && error.trouble === "signed-out");
      this.#said.textContent = this.#kept
        ? "Kept on this device. It is sent as soon as the school can be reached."
        : sentence(error);
    }
  }
}

export function define(): void {
  customElements.define("lec-done", Done);
}
