/** `<lec-sign-up>`: an account by e-mail address and password, confirmed by a code. */

import { arrive, ask, door, next } from "./allauth";
import { sentence, session } from "./api";
import { fill, h } from "./dom";
import { emailField, Form, newPasswordField } from "./forms";
import { providers } from "./providers";

class SignUp extends HTMLElement {
  connectedCallback(): void {
    void this.#start();
  }

  async #start(): Promise<void> {
    fill(this, h("p", { class: "waiting", role: "status" }, "One moment…"));
    try {
      const found = await session(true);
      if (found.user) return location.replace(next());
      const form = new Form([emailField(), newPasswordField()], "Create my account", async ({ email, password }) => {
        const { signedIn, pending, troubles } = await ask("POST", "auth/signup", { email, password });
        if (signedIn) await arrive();
        else if (pending === "verify_email") location.assign(door("verify"));
        return troubles;
      });
      const links = h("ul", { class: "form-links", role: "list" }, h("li", {}, "You have an account? ", h("a", { href: door("sign-in") }, "Sign in")));
      fill(this, providers(found), form.element, links);
    } catch (error) {
      const again = h("button", { type: "button", class: "button", onclick: () => void this.#start() }, "Try again");
      fill(this, h("div", { class: "panel", role: "alert" }, h("p", {}, sentence(error)), again));
    }
  }
}

export function define(): void {
  customElements.define("lec-sign-up", SignUp);
}
