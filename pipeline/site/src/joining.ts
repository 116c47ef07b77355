/** What a visitor or a reader is offered where only an enrolled learner can go on. */

import { sentence } from "./api";
import { ENGLISH, h, path } from "./dom";
import { enrol, type Standing } from "./learner";
import { session as tab } from "./storage";

/** The sign-in page, which leads back to this place. */
export function signInLink(): string {
  return `${path("account/sign-in/")}?next=${encodeURIComponent(location.pathname + location.hash)}`;
}

/** Remember that the visitor wanted to enrol: the course page does it when they come back signed in. */
export function intend(course: string): void {
  tab.set("enrol", course);
}

export function intended(course: string): boolean {
  const wanted = tab.get<string>("enrol") === course;
  if (wanted) tab.remove("enrol");
  return wanted;
}

/** A line that says what is gained, with the one button that gets there. */
export function invitation(now: Standing, gain: string): HTMLElement {
  if (now.kind === "visitor") {
    return h(
      "p",
      { class: "invitation" },
      h("span", ENGLISH, gain),
      h("a", { class: "button", href: signInLink() }, "Sign in"),
    );
  }
  const trouble = h("span", { class: "trouble", role: "alert", ...ENGLISH });
  const button = h("button", { type: "button", class: "button" }, "Enrol");
  button.addEventListener("click", () => {
    button.disabled = true;
    enrol().catch((error: unknown) => {
      trouble.textContent = sentence(error);
      button.disabled = false;
    });
  });
  return h("p", { class: "invitation" }, h("span", ENGLISH, gain), button, trouble);
}
