/** `<lec-enrol>`: enrol, continue or leave. Its first content is the link to the first lesson. */

import { sentence } from "./api";
import type { Enrolment } from "./contract";
import { ENGLISH, fill, h, path } from "./dom";
import { intend, intended, signInLink } from "./joining";
import { enrol, follow, leave, type Standing } from "./learner";

class Enrol extends HTMLElement {
  #first: HTMLAnchorElement | null = null;
  readonly #trouble = h("p", { class: "trouble", role: "alert", ...ENGLISH });

  connectedCallback(): void {
    this.#first = this.querySelector("a");
    follow(
      this,
      (now) => this.#show(now),
      (error) => {
        this.#trouble.textContent = sentence(error);
        this.append(this.#trouble);
      },
    );
  }

  get #course(): string {
    return this.dataset["course"] ?? "";
  }

  #show(now: Standing): void {
    this.#trouble.textContent = "";
    if (now.kind === "enrolled") return this.#enrolled(now.enrolment);
    // A retired course's page says in its own words that nobody can enrol.
    if ("closed" in this.dataset) return fill(this, this.#first, this.#trouble);
    this.#first?.classList.remove("button-primary");
    if (now.kind === "visitor") {
      const link = h("a", { class: "button button-primary", href: signInLink() }, "Enrol");
      link.addEventListener("click", () => intend(this.#course));
      return fill(this, link, this.#first, this.#trouble);
    }
    const button = h("button", { type: "button", class: "button button-primary" }, "Enrol");
    button.addEventListener("click", () => void this.#do(button, enrol));
    fill(this, button, this.#first, this.#trouble);
    if (intended(this.#course)) void this.#do(button, enrol);
  }

  #enrolled(enrolment: Enrolment): void {
    const percent = Math.round(enrolment.percent);
    const finished = enrolment.total > 0 && enrolment.completed >= enrolment.total;
    const to = enrolment.resume;
    const words = percent > 0 && !finished ? "Continue" : finished ? "Read it again" : "Start";
    const href = to && !finished ? path(`courses/${this.dataset["slug"]}/${to.slug}/`) : this.#first?.href;
    fill(
      this,
      href ? h("a", { class: "button button-primary", href }, words) : null,
      h("button", { type: "button", class: "button button-quiet", onclick: () => this.#ask() }, "Leave the course"),
      h(
        "p",
        { class: "enrolled-line", role: "status" },
        h("progress", { max: 100, value: percent, "aria-label": "Course progress" }),
        h("span", {}, finished ? "You have completed this course." : to ? `${percent} % · next: ${to.title}` : `${percent} %`),
      ),
      this.#trouble,
    );
  }

  #ask(): void {
    const stay = h("button", { type: "button", class: "button", value: "stay" }, "Stay");
    const go = h("button", { type: "button", class: "button button-danger" }, "Leave the course");
    const dialog = h(
      "dialog",
      { class: "dialog", "aria-labelledby": "leave-title", lang: "en", dir: "ltr" },
      h("h2", { id: "leave-title" }, "Leave this course?"),
      h("p", {}, "It disappears from your learning. Your progress is kept: enrol again and it is back."),
      h("p", { class: "dialog-actions" }, stay, go),
    );
    stay.addEventListener("click", () => dialog.close());
    go.addEventListener("click", () => {
      dialog.close();
      void this.#do(go, leave);
    });
    dialog.addEventListener("close", () => dialog.remove());
    this.append(dialog);
    dialog.showModal();
  }

  async #do(button: HTMLButtonElement, act: () => Promise<void>): Promise<void> {
    button.disabled = true;
    try {
      await act();
      this.querySelector<HTMLElement>(".button-primary")?.focus();
    } catch (error) {
      this.#trouble.textContent = sentence(error);
      button.disabled = false;
    }
  }
}

export function define(): void {
  customElements.define("lec-enrol", Enrol);
}
