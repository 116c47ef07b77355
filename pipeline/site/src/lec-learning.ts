/** `<lec-learning>`: my courses, how far I am in each, and the way back in. */

import { ApiError, call, sentence, session } from "./api";
import type { Enrolment } from "./contract";
import { fill, h, path } from "./dom";
import { signInLink } from "./joining";
import * as queue from "./queue";

class Learning extends HTMLElement {
  connectedCallback(): void {
    void this.#load();
  }

  async #load(): Promise<void> {
    fill(this, h("p", { class: "waiting", role: "status" }, "Fetching your courses…"));
    try {
      const { user } = await session();
      if (!user) return this.#visitor();
      // What a lesson could not send is sent first, so that the numbers are the learner's own.
      queue.own(user.id);
      await queue.send().catch(() => undefined);
      const { enrolments } = await call<{ enrolments: Enrolment[] }>("GET", "/v1/enrolments");
      if (enrolments.length) fill(this, h("ul", { class: "learning", role: "list" }, ...enrolments.map(row)));
      else this.#empty();
    } catch (error) {
      if (error instanceof ApiError && error.trouble === "signed-out") return this.#visitor();
      const again = h("button", { type: "button", class: "button", onclick: () => void this.#load() }, "Try again");
      fill(this, h("div", { class: "panel", role: "alert" }, h("p", {}, sentence(error)), again));
    }
  }

  #visitor(): void {
    fill(
      this,
      h(
        "div",
        { class: "empty" },
        h("h2", {}, "Sign in to see your courses"),
        h("p", {}, "Your place in every course is kept with your account."),
        h(
          "p",
          { class: "actions" },
          h("a", { class: "button button-primary", href: signInLink() }, "Sign in"),
          h("a", { class: "button", href: path("account/sign-up/") }, "Create an account"),
        ),
      ),
    );
  }

  #empty(): void {
    fill(
      this,
      h(
        "div",
        { class: "empty" },
        h("h2", {}, "Nothing here yet"),
        h("p", {}, "When you enrol in a course, it waits for you here, at the place where you stopped."),
        h("p", { class: "actions" }, h("a", { class: "button button-primary", href: path("") }, "Find a course")),
      ),
    );
  }
}

/** A course that was taken from its readers: what the school says, and what the learner had done. */
function closed({ title, note, standing, completed, total }: Enrolment): HTMLElement {
  const words = standing === "gone" ? "This course is no longer offered." : "This course was withdrawn.";
  return h(
    "li",
    { class: "learning-row learning-closed" },
    h("span", { class: "learning-cover learning-letter", "aria-hidden": "true" }, letter(title)),
    h("h2", {}, title),
    h("p", { class: "learning-state" }, `${completed} of ${total} done`),
    h("p", { class: "learning-next" }, h("span", {}, note ? `${words} ${note}` : words)),
  );
}

function row(enrolment: Enrolment): HTMLElement {
  if (enrolment.standing === "withdrawn" || enrolment.standing === "gone") return closed(enrolment);
  const { slug, title, resume, total, completed } = enrolment;
  const percent = Math.round(enrolment.percent);
  const finished = total > 0 && completed >= total;
  const course = path(`courses/${slug}/`);
  const state = finished ? "Completed" : `${percent} % · ${completed} of ${total} done`;
  return h(
    "li",
    { class: "learning-row" },
    cover(enrolment),
    h("h2", {}, h("a", { href: course }, title)),
    h("progress", { max: 100, value: percent, "aria-label": `Progress in ${title}` }),
    h("p", { class: "learning-state" }, state),
    resume && !finished
      ? h(
          "p",
          { class: "learning-next" },
          h("span", {}, `Next: ${resume.title}`),
          h(
            "a",
            { class: "button button-primary", href: `${course}${resume.slug}/` },
            percent > 0 ? "Continue" : "Start",
            h("span", { class: "hidden" }, ` ${title}`),
          ),
        )
      : h("p", { class: "learning-next" }, h("a", { class: "button", href: course }, "Open the course")),
  );
}

function cover({ cover: src, title }: Enrolment): HTMLElement {
  if (src) return h("img", { class: "learning-cover", src, alt: "", decoding: "async" });
  return h("span", { class: "learning-cover learning-letter", "aria-hidden": "true" }, letter(title));
}

function letter(title: string): string {
  const [first = ""] = title;
  return first.toLocaleUpperCase();
}

export function define(): void {
  customElements.define("lec-learning", Learning);
}
