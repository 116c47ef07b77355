/** `<lec-verify>`: the code that proves an e-mail address. */

import { arrive, ask, door } from "./allauth";
import { sentence } from "./api";
import { fill, h } from "./dom";
import { codeField, Form } from "./forms";

class Verify extends HTMLElement {
  connectedCallback(): void {
    const said = h("p", { class: "said", role: "status" });
    const form = new Form([codeField()], "Confirm", async ({ code = "" }) => {
      const { signedIn, pending, troubles } = await ask("POST", "auth/email/verify", { key: code });
      if (signedIn) return arrive().then(() => ({}));
      const { key, ...others } = troubles;
      if (key) return { ...others, code: key };
      if (Object.keys(troubles).length) return troubles;
      // Confirmed in another browser than the one that signed up: the account is there, the session is not.
      if (pending !== "verify_email") location.assign(door("sign-in"));
      return { "": "That did not work. Start again from the sign-in page." };
    });
    const resend = h("button", { type: "button", class: "link" }, "Send a new code");
    resend.addEventListener("click", () => void this.#resend(said));
    const links = h("ul", { class: "form-links", role: "list" }, h("li", {}, resend), h("li", {}, h("a", { href: door("sign-in") }, "Back to sign in")));
    fill(this, form.element, links, said);
    form.focus();
  }

  async #resend(said: HTMLElement): Promise<void> {
    try {
      const { troubles } = await ask("POST", "auth/email/verify/resend");
      const trouble = Object.values(troubles)[0];
      said.textContent = trouble ? "No new code could be sent yet. Wait a little, or sign in to get one." : "A new code is on its way.";
    } catch (error) {
      said.textContent = sentence(error);
    }
  }
}

export function define(): void {
  customElements.define("lec-verify", Verify);
}
