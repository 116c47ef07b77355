/** `<lec-reset>`: a new password, by a code sent to the address. */

import { arrive, ask, door } from "./allauth";
import { fill, h } from "./dom";
import { codeField, emailField, Form, newPasswordField } from "./forms";

class Reset extends HTMLElement {
  connectedCallback(): void {
    const form = new Form([emailField()], "Send me a code", async ({ email = "" }) => {
      const { pending, troubles } = await ask("POST", "auth/password/request", { email });
      if (pending !== "password_reset_by_code" && Object.keys(troubles).length) return troubles;
      this.#choose(email);
      return {};
    });
    fill(this, form.element, this.#links());
  }

  #choose(email: string): void {
    const form = new Form([codeField(), newPasswordField()], "Set my password", async ({ code = "", password = "" }) => {
      const { signedIn, troubles } = await ask("POST", "auth/password/reset", { key: code, password });
      const { key, ...others } = troubles;
      if (key) return { ...others, code: key };
      if (Object.keys(troubles).length) return troubles;
      if (signedIn) await arrive();
      else this.#finished();
      return {};
    });
    const words = `If ${email} has an account here, a code is on its way to it.`;
    fill(this, h("p", { role: "status" }, words), form.element, this.#links());
    form.focus();
  }

  #finished(): void {
    const link = h("a", { class: "button button-primary", href: door("sign-in") }, "Sign in");
    fill(this, h("div", { class: "panel", role: "status" }, h("p", {}, "Your password is changed."), link));
    link.focus();
  }

  #links(): HTMLElement {
    return h("ul", { class: "form-links", role: "list" }, h("li", {}, h("a", { href: door("sign-in") }, "Back to sign in")));
  }
}

export function define(): void {
  customElements.define("lec-reset", Reset);
}
