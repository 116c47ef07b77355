/** `<lec-sign-in>`: by password, by a code sent to the address, or through a provider. */

import { arrive, ask, door, next, type Outcome } from "./allauth";
import { sentence, session } from "./api";
import { fill, h } from "./dom";
import { codeField, emailField, Form } from "./forms";
import { providers } from "./providers";

class SignIn extends HTMLElement {
  #email = "";

  connectedCallback(): void {
    void this.#start();
  }

  async #start(): Promise<void> {
    fill(this, h("p", { class: "waiting", role: "status" }, "One moment…"));
    try {
      const found = await session(true);
      if (found.user) return location.replace(next());
      this.#password(providers(found));
    } catch (error) {
      const again = h("button", { type: "button", class: "button", onclick: () => void this.#start() }, "Try again");
      fill(this, h("div", { class: "panel", role: "alert" }, h("p", {}, sentence(error)), again));
    }
  }

  #password(others: HTMLElement | null): void {
    const failed = new URLSearchParams(location.search).get("error");
    const password = { name: "password", label: "Password", type: "password", autocomplete: "current-password" };
    const form = new Form([emailField(), password], "Sign in", async ({ email = "", password = "" }) => {
      this.#email = email;
      return this.#go(await ask("POST", "auth/login", { email, password }));
    });
    fill(
      this,
      failed ? h("p", { class: "form-said", role: "alert" }, "The other service did not sign you in. Try again, or use your e-mail address.") : null,
      others,
      form.element,
      h(
        "ul",
        { class: "form-links", role: "list" },
        h("li", {}, h("button", { type: "button", class: "link", onclick: () => this.#byCode(form.values()["email"]) }, "E-mail me a sign-in code")),
        h("li", {}, h("a", { href: door("reset") }, "I forgot my password")),
        h("li", {}, "New here? ", h("a", { href: door("sign-up") }, "Create an account")),
      ),
    );
  }

  #byCode(email = ""): void {
    const form = new Form([emailField(email)], "Send me a code", async ({ email: to = "" }) => {
      this.#email = to;
      return this.#go(await ask("POST", "auth/code/request", { email: to }));
    });
    fill(this, form.element, this.#back());
    form.focus();
  }

  #code(): void {
    const form = new Form([codeField()], "Sign in", async ({ code = "" }) =>
      this.#go(await ask("POST", "auth/code/confirm", { code })),
    );
    fill(this, h("p", { role: "status" }, `If ${this.#email} has an account here, a code is on its way to it.`), form.element, this.#back());
    form.focus();
  }

  #back(): HTMLElement {
    const back = h("button", { type: "button", class: "link", onclick: () => void this.#start() }, "Sign in with a password instead");
    return h("ul", { class: "form-links", role: "list" }, h("li", {}, back));
  }

  /** Go where the answer leads; what is wrong with the form otherwise. */
  async #go({ signedIn, pending, troubles }: Outcome): Promise<Record<string, string>> {
    if (signedIn) await arrive();
    else if (pending === "verify_email") location.assign(door("verify"));
    else if (pending === "login_by_code") {
      if (Object.keys(troubles).length) return troubles;
      this.#code();
    } else if (!Object.keys(troubles).length) return { "": "Signing in needs another step that this site does not offer." };
    return troubles;
  }
}

export function define(): void {
  customElements.define("lec-sign-in", SignIn);
}
