/** Forms of accounts: labelled fields, sentences tied to them, one submit at a time. */

import { sentence } from "./api";
import { fill, h, type Child } from "./dom";

export interface Field {
  name: string;
  label: string;
  type?: string;
  autocomplete?: string;
  value?: string;
  hint?: string;
  inputmode?: string;
  optional?: boolean;
  minlength?: number;
}

let serial = 0;

export class Form {
  readonly element = h("form", { class: "form", novalidate: true });
  readonly #said = h("p", { class: "form-said", role: "alert" });
  readonly #button: HTMLButtonElement;
  readonly #fields = new Map<string, { input: HTMLInputElement; trouble: HTMLElement; field: Field }>();
  readonly #label: string;

  /** `act` gets the values; what it returns is shown as troubles by field name, `""` for the whole form. */
  constructor(
    fields: Field[],
    label: string,
    act: (values: Record<string, string>) => Promise<Record<string, string> | void>,
    ...below: Child[]
  ) {
    this.#label = label;
    this.#button = h("button", { type: "submit", class: "button button-primary button-wide" }, label);
    fill(this.element, this.#said, ...fields.map((field) => this.#row(field)), this.#button, ...below);
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.#button.disabled) void this.#submit(act);
    });
  }

  #row(field: Field): HTMLElement {
    const id = `field-${(serial += 1)}`;
    const trouble = h("p", { class: "field-trouble", id: `${id}-trouble`, hidden: true });
    const hint = field.hint ? h("p", { class: "field-hint", id: `${id}-hint` }, field.hint) : null;
    const input = h("input", {
      id,
      name: field.name,
      type: field.type ?? "text",
      autocomplete: field.autocomplete,
      inputmode: field.inputmode,
      value: field.value,
      minlength: field.minlength,
      required: !field.optional,
      "aria-describedby": hint ? `${id}-hint ${id}-trouble` : `${id}-trouble`,
    });
    this.#fields.set(field.name, { input, trouble, field });
    const reveal = field.type === "password" ? revealer(input, field.label) : null;
    return h(
      "div",
      { class: "field" },
      h("label", { for: id }, field.label),
      hint,
      h("div", { class: "field-line" }, input, reveal),
      trouble,
    );
  }

  async #submit(act: (values: Record<string, string>) => Promise<Record<string, string> | void>): Promise<void> {
    const missing = this.#missing();
    if (this.#show(missing)) return;
    this.#button.disabled = true;
    this.#button.textContent = "One moment…";
    try {
      this.#show((await act(this.values())) ?? {});
    } catch (error) {
      this.#show({ "": sentence(error) });
    } finally {
      this.#button.disabled = false;
      this.#button.textContent = this.#label;
    }
  }

  values(): Record<string, string> {
    const values: Record<string, string> = {};
    for (const [name, { input }] of this.#fields) values[name] = input.type === "password" ? input.value : input.value.trim();
    return values;
  }

  #missing(): Record<string, string> {
    const troubles: Record<string, string> = {};
    for (const [name, { input, field }] of this.#fields) {
      if (!field.optional && !input.value.trim()) troubles[name] = `Fill in: ${field.label.toLowerCase()}.`;
      else if (field.type === "email" && !input.validity.valid) troubles[name] = "Write an address such as ada@example.org.";
      else if (field.minlength && input.value.length < field.minlength) {
        troubles[name] = `Use at least ${field.minlength} characters.`;
      }
    }
    return troubles;
  }

  /** Show troubles; true if there are any. The first field that has one is focused. */
  #show(troubles: Record<string, string>): boolean {
    const loose = Object.entries(troubles).filter(([name]) => !this.#fields.has(name));
    this.#said.textContent = loose.map(([, words]) => words).join(" ");
    let first: HTMLInputElement | null = null;
    for (const [name, { input, trouble }] of this.#fields) {
      const words = troubles[name] ?? "";
      trouble.textContent = words;
      trouble.hidden = !words;
      input.setAttribute("aria-invalid", String(Boolean(words)));
      if (words) first ??= input;
    }
    first?.focus();
    return Object.keys(troubles).length > 0;
  }

  focus(): void {
    this.#fields.values().next().value?.input.focus();
  }
}

function revealer(input: HTMLInputElement, label: string): HTMLElement {
  const button = h("button", { type: "button", class: "reveal", "aria-label": `Show ${label.toLowerCase()}`, "aria-pressed": "false" }, "Show");
  button.addEventListener("click", () => {
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
    button.textContent = shown ? "Show" : "Hide";
  });
  return button;
}

/** A one-time code from a message. */
export function codeField(): Field {
  return { name: "code", label: "Code", autocomplete: "one-time-code", hint: "From the message we sent you.", inputmode: "text" };
}

export function emailField(value = ""): Field {
  return { name: "email", label: "E-mail address", type: "email", autocomplete: "email", value };
}

export function newPasswordField(): Field {
  return {
    name: "password",
    label: "Password",
    type: "password",
    autocomplete: "new-password",
    hint: "At least 10 characters. A few words in a row make a good one.",
    minlength: 10,
  };
}
