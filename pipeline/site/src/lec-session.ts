/** `<lec-session>`: "Sign in", or the learner's name with a menu. Its first content is the link for visitors. */

import { ApiError, exchange, forget, probablySignedIn, refusal, remember, sentence, session } from "./api";
import type { Session, User } from "./contract";
import { h, icon, page, path } from "./dom";

class SessionMenu extends HTMLElement {
  #visitor: Node[] = [];

  connectedCallback(): void {
    this.#visitor = [...this.childNodes];
    const link = this.querySelector<HTMLAnchorElement>("a.sign-in");
    const here = location.pathname + location.hash;
    const away = (this.dataset["path"] ?? "").startsWith("account/");
    if (link && !away && location.pathname !== path("")) link.search = `?next=${encodeURIComponent(here)}`;
    if (!page.api) return;
    document.addEventListener("lectern:session", (event) => this.#show((event as CustomEvent<Session>).detail));
    if (probablySignedIn()) {
      session().then(
        (found) => this.#show(found),
        () => this.#show({ csrf: "", user: null, providers: [] }),
      );
    }
  }

  #show({ user }: Session): void {
    document.documentElement.classList.remove("signed-in-hint");
    if (user) this.replaceChildren(this.#learning(), this.#menu(user));
    else this.replaceChildren(...this.#visitor);
  }

  #learning(): HTMLElement {
    const href = path("learning/");
    return h("a", { href, "aria-current": location.pathname === href ? "page" : null }, "My learning");
  }

  #menu(user: User): HTMLElement {
    const name = user.name || user.email;
    const summary = h("summary", { class: "person-button", "aria-label": `Account of ${name}` }, portrait(user));
    const menu = h(
      "details",
      { class: "menu" },
      summary,
      h(
        "div",
        { class: "menu-body" },
        h("p", { class: "menu-name" }, h("strong", {}, name), user.name ? h("span", {}, user.email) : null),
        h("a", { href: path("account/") }, "Profile"),
        ...signOutButton(),
      ),
    );
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      summary.focus();
    });
    document.addEventListener("click", (event) => {
      if (!menu.contains(event.target as Node)) menu.open = false;
    });
    return menu;
  }

}

/** "Sign out", and the place where it says that it could not. */
export function signOutButton(props: { class?: string } = {}): [HTMLElement, HTMLElement] {
  const said = h("p", { class: "trouble", role: "alert" });
  const button = h("button", { type: "button", ...props }, "Sign out");
  button.addEventListener("click", () => {
    said.textContent = "";
    signOut().then(
      () => location.assign(path("")),
      (error: unknown) => (said.textContent = stillHere(error)),
    );
  });
  return [button, said];
}

/** End the session. Throws ApiError if it may live on: a page that looked signed out would invite the next person in. */
async function signOut(): Promise<void> {
  const response = await exchange("DELETE", "/_allauth/browser/v1/auth/session");
  // 401 is allauth's answer to a sign-out that worked.
  if (!response.ok && response.status !== 401) throw await refusal(response);
  remember({ csrf: "", user: null, providers: [] });
  forget();
}

function stillHere(error: unknown): string {
  const other = error instanceof ApiError && error.trouble === "signed-out";
  return other ? sentence(error) : `You are still signed in. ${sentence(error)}`;
}

/** The avatar, or the first letter of the name. */
export function portrait(user: User): HTMLElement {
  if (user.avatar) return h("img", { class: "avatar", src: user.avatar, alt: "", width: 36, height: 36 });
  const letter = [...(user.name || user.email)][0]?.toLocaleUpperCase();
  return h("span", { class: "avatar avatar-drawn", "aria-hidden": "true" }, letter ?? icon("person"));
}

export function define(): void {
  customElements.define("lec-session", SessionMenu);
}
