/** `<lec-quiz>`: sends answers to the API, which grades them, and shows what it says. The page knows no answer. */

import { ApiError, call, sentence } from "./api";
import type { Attempt, QuestionResult } from "./contract";
import { ENGLISH, fill, h, icon, page } from "./dom";
import { explanation } from "./explanation";
import { invitation } from "./joining";
import { assume, follow, type Standing } from "./learner";
import { session as tab } from "./storage";

type Answer = string[] | string | number;
type Draft = Record<string, string[]>;

class Quiz extends HTMLElement {
  readonly #submit = h("button", { type: "submit", class: "button button-primary" }, "Check my answers");
  readonly #again = h("button", { type: "button", class: "button" }, "Try again");
  readonly #said = h("div", { class: "quiz-said", role: "status", tabindex: -1, ...ENGLISH });
  readonly #foot = h("div", { class: "quiz-foot" });
  /** The id of the attempt under way: sent again after a failure, so that the API counts it once; other answers are another attempt. */
  #attempt = crypto.randomUUID();
  #standing: Standing = { kind: "visitor" };
  /** Whether the learner enrols from this quiz. */
  #joined = false;

  connectedCallback(): void {
    const form = this.#form;
    if (!form || !page.api) return;
    form.append(this.#said, this.#foot);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send();
    });
    this.#foot.addEventListener("click", () => (this.#joined = this.#standing.kind === "reader"));
    form.addEventListener("input", () => {
      this.#attempt = crypto.randomUUID();
      this.#keep();
    });
    this.#again.addEventListener("click", () => this.#restart());
    this.#restore();
    follow(
      this,
      (now) => this.#show(now),
      (error) => this.#tell("trouble", sentence(error)),
    );
  }

  get #form(): HTMLFormElement | null {
    return this.querySelector("form");
  }

  get #item(): string {
    return this.dataset["item"] ?? "";
  }

  get #questions(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>(".question")];
  }

  #show(now: Standing): void {
    const same = this.#standing.kind === now.kind && this.#foot.hasChildNodes();
    this.#standing = now;
    if (same) return;
    if (now.kind === "enrolled") {
      fill(this.#foot, this.#submit);
      this.#best(now);
      // The button that was pressed is gone: without this the keyboard is back at the top of the page.
      if (this.#joined) this.querySelector<HTMLElement>(".question input")?.focus();
    } else {
      const gain = now.kind === "visitor" ? "Sign in to have your answers checked." : "Enrol to have your answers checked.";
      fill(this.#foot, invitation(now, gain));
    }
  }

  #best(now: Standing): void {
    if (now.kind !== "enrolled") return;
    const state = now.enrolment.items?.[this.#item];
    if (typeof state?.score === "number" && typeof state.points === "number") {
      const passed = state.state === "completed" ? ", passed" : "";
      this.#foot.append(h("p", { class: "quiz-best", ...ENGLISH }, `Your best so far: ${state.score} of ${state.points}${passed}`));
    }
  }

  // --- the draft: what was typed survives a reload and a sign-in, in this tab only ---

  #keep(): void {
    const draft: Draft = {};
    for (const question of this.#questions) draft[question.dataset["question"] ?? ""] = values(question);
    tab.set(`draft.${this.#item}`, draft);
  }

  #restore(): void {
    const draft = tab.get<Draft>(`draft.${this.#item}`);
    for (const question of this.#questions) {
      const kept = draft?.[question.dataset["question"] ?? ""] ?? [];
      for (const input of question.querySelectorAll("input")) {
        if (input.type === "text") input.value = kept[0] ?? "";
        else input.checked = kept.includes(input.value);
      }
    }
  }

  // --- sending ---

  async #send(): Promise<void> {
    if (this.#standing.kind !== "enrolled") return;
    const answers = this.#answers();
    if (!answers) return;
    this.#submit.disabled = true;
    this.#submit.textContent = "Checking…";
    try {
      const body = { id: this.#attempt, course: this.dataset["course"], answers };
      const attempt = await call<Attempt>("POST", `/v1/quizzes/${this.#item}/attempts`, body);
      tab.remove(`draft.${this.#item}`);
      this.#result(attempt);
    } catch (error) {
      const lost = error instanceof ApiError && error.trouble === "signed-out";
      this.#tell("trouble", lost ? `${sentence(error)} Your answers are kept here.` : sentence(error));
      this.#said.focus();
    } finally {
      this.#submit.disabled = false;
      this.#submit.textContent = "Check my answers";
    }
  }

  /** The answers, or null after saying what is missing. */
  #answers(): Record<string, Answer> | null {
    const answers: Record<string, Answer> = {};
    let first: HTMLElement | null = null;
    for (const question of this.#questions) {
      const given = values(question);
      const missing = given.length ? "" : "Answer this question.";
      const number = question.dataset["kind"] === "number" ? decimal(given[0] ?? "") : null;
      const trouble = missing || (number !== null && Number.isNaN(number) ? "Write a number, such as 12.5." : "");
      complain(question, trouble);
      if (trouble) first ??= question.querySelector("input");
      const text = question.dataset["kind"] === "short_text";
      answers[question.dataset["question"] ?? ""] = number ?? (text ? (given[0] ?? "") : given);
    }
    if (!first) return answers;
    this.#tell("trouble", "Some answers are missing.");
    first.focus();
    return null;
  }

  #result(attempt: Attempt): void {
    for (const question of this.#questions) {
      const result = attempt.questions.find(({ id }) => id === question.dataset["question"]);
      if (result) mark(question, result);
      for (const input of question.querySelectorAll("input")) input.disabled = true;
    }
    const words = attempt.passed ? "Passed" : "Not passed yet";
    fill(
      this.#said,
      h("p", { class: "quiz-score" }, h("strong", {}, `${attempt.score} of ${attempt.points} points`), h("span", {}, words)),
    );
    this.#said.className = `quiz-said ${attempt.passed ? "passed" : "failed"}`;
    fill(this.#foot, this.#again);
    this.#said.focus();
    if (attempt.passed) {
      assume({ [this.#item]: { state: "completed", score: attempt.score, points: attempt.points } });
    }
  }

  #restart(): void {
    this.#attempt = crypto.randomUUID();
    for (const question of this.#questions) {
      question.classList.remove("right", "wrong");
      question.querySelector(".verdict")?.remove();
      complain(question, "");
      for (const input of question.querySelectorAll("input")) input.disabled = false;
    }
    this.#form?.reset();
    tab.remove(`draft.${this.#item}`);
    fill(this.#said);
    this.#said.className = "quiz-said";
    fill(this.#foot, this.#submit);
    this.#questions[0]?.querySelector("input")?.focus();
  }

  #tell(kind: string, words: string): void {
    fill(this.#said, h("p", {}, words));
    this.#said.className = `quiz-said ${kind}`;
  }
}

function values(question: HTMLElement): string[] {
  return [...question.querySelectorAll("input")]
    .filter((input) => (input.type === "text" ? input.value.trim() : input.checked))
    .map((input) => input.value.trim());
}

/** A number as people write it: `12.5`, `12,5`, `−3`; NaN for anything else. */
function decimal(text: string): number {
  const plain = text.replace(/\s/g, "").replace("−", "-").replace(",", ".");
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
}

/** Show a sentence at a question and tie it to its fields; an empty one takes it away. */
function complain(question: HTMLElement, trouble: string): void {
  const id = `trouble-${question.dataset["question"]}`;
  question.querySelector(".field-trouble")?.remove();
  if (trouble) question.querySelector("fieldset")?.append(h("p", { class: "field-trouble", id, ...ENGLISH }, trouble));
  for (const input of question.querySelectorAll("input")) {
    input.toggleAttribute("aria-invalid", Boolean(trouble));
    if (trouble) input.setAttribute("aria-invalid", "true");
    if (trouble) input.setAttribute("aria-describedby", id);
    else input.removeAttribute("aria-describedby");
  }
}

function mark(question: HTMLElement, result: QuestionResult): void {
  question.classList.add(result.correct ? "right" : "wrong");
  const verdict = h(
    "div",
    { class: "verdict" },
    h("p", { class: "verdict-word", lang: "en" }, icon(result.correct ? "check" : "cross"), result.correct ? "Right" : "Not right"),
  );
  if (result.explanation_html) {
    const words = h("div", { class: "prose" });
    words.append(explanation(result.explanation_html));
    verdict.append(words);
  }
  question.append(verdict);
}

export function define(): void {
  customElements.define("lec-quiz", Quiz);
}
