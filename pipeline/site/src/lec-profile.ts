/** `<lec-profile>`: name, picture, language, time zone, password, sign out. */

import { ask } from "./allauth";
import { ApiError, call, sentence, session } from "./api";
import type { User } from "./contract";
import { fill, h, type Child } from "./dom";
import { Form } from "./forms";
import { signInLink } from "./joining";
import { portrait, signOutButton } from "./lec-session";

const LANGUAGES = ["en", "ar", "de", "es", "fr", "hi", "it", "ja", "nl", "pl", "pt", "tr", "uk", "zh"];
const MEGABYTES = 1_000_000;
const LARGEST = 5 * MEGABYTES;

class Profile extends HTMLElement {
  connectedCallback(): void {
    void this.#load();
  }

  async #load(): Promise<void> {
    fill(this, h("p", { class: "waiting", role: "status" }, "Fetching your profile…"));
    try {
      const { user } = await session(true);
      if (user) this.#show(user);
      else {
        const link = h("a", { class: "button button-primary", href: signInLink() }, "Sign in");
        fill(this, h("div", { class: "panel" }, h("p", {}, "Sign in to see your profile."), link));
      }
    } catch (error) {
      const again = h("button", { type: "button", class: "button", onclick: () => void this.#load() }, "Try again");
      fill(this, h("div", { class: "panel", role: "alert" }, h("p", {}, sentence(error)), again));
    }
  }

  #show(user: User): void {
    fill(
      this,
      section("Picture", avatar(user)),
      section("About you", about(user)),
      section("Password", password()),
      section("Session", h("p", {}, `You are signed in as ${user.email}.`), ...signOutButton({ class: "button" })),
    );
  }
}

function section(title: string, ...children: Child[]): HTMLElement {
  const id = `profile-${title.toLowerCase().replaceAll(" ", "-")}`;
  return h("section", { class: "panel", "aria-labelledby": id }, h("h2", { id }, title), ...children);
}

function avatar(user: User): HTMLElement {
  const shown = h("div", { class: "avatar-large" }, portrait(user));
  const said = h("p", { class: "said", role: "status" });
  const input = h("input", { id: "avatar", type: "file", class: "hidden-input", accept: "image/jpeg,image/png,image/webp" });
  const remove = h("button", { type: "button", class: "button button-quiet", hidden: !user.avatar }, "Remove");
  const act = async (work: () => Promise<unknown>, words: string) => {
    try {
      await work();
      const found = await session(true);
      if (found.user) fill(shown, portrait(found.user));
      remove.hidden = !found.user?.avatar;
      said.textContent = words;
    } catch (error) {
      fill(shown, portrait(user));
      said.textContent = sentence(error);
    }
  };
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (!file) return;
    if (file.size > LARGEST) {
      said.textContent = "This picture is larger than 5 MB. Choose a smaller one.";
      return;
    }
    const preview = URL.createObjectURL(file);
    fill(shown, h("img", { class: "avatar", src: preview, alt: "", width: 96, height: 96 }));
    const form = new FormData();
    form.append("file", file);
    said.textContent = "Uploading…";
    void act(() => call("POST", "/v1/me/avatar", form), "Your picture is changed.").finally(() => URL.revokeObjectURL(preview));
    input.value = "";
  });
  remove.addEventListener("click", () => void act(() => call("DELETE", "/v1/me/avatar"), "Your picture is removed."));
  const choose = h("label", { class: "button", for: "avatar" }, "Choose a picture");
  const hint = h("p", { class: "field-hint" }, "JPEG, PNG or WebP, up to 5 MB and 12 megapixels. It is cut to a square.");
  return h("div", { class: "avatar-row" }, shown, h("div", {}, h("p", { class: "actions" }, input, choose, remove), hint, said));
}

function about(user: User): HTMLElement {
  const said = h("p", { class: "said", role: "status" });
  const language = choice("Language", names(LANGUAGES, user.language), user.language);
  const zone = choice("Time zone", zones(user.time_zone), user.time_zone);
  const form = new Form(
    [{ name: "name", label: "Name", autocomplete: "name", value: user.name, optional: true }],
    "Save",
    async ({ name = "" }) => {
      said.textContent = "";
      try {
        await call("PATCH", "/v1/me", { name, language: language.select.value, time_zone: zone.select.value });
      } catch (error) {
        if (error instanceof ApiError && error.trouble === "refused") return { name: error.message };
        throw error;
      }
      await session(true);
      said.textContent = "Saved.";
      return {};
    },
  );
  // Between the name and the button.
  form.element.querySelector("button[type=submit]")?.before(language.element, zone.element);
  return h("div", {}, form.element, said);
}

function choice(label: string, options: [string, string][], value: string): { element: HTMLElement; select: HTMLSelectElement } {
  const id = `profile-${label.toLowerCase().replaceAll(" ", "-")}-field`;
  const select = h("select", { id }, ...options.map(([key, words]) => h("option", { value: key, selected: key === value }, words)));
  return { element: h("div", { class: "field" }, h("label", { for: id }, label), select), select };
}

function names(tags: string[], chosen: string): [string, string][] {
  const all = tags.includes(chosen) ? tags : [chosen, ...tags];
  return all.map((tag) => [tag, nameOf(tag)]);
}

function nameOf(tag: string): string {
  try {
    return new Intl.DisplayNames([tag], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

function zones(chosen: string): [string, string][] {
  const known = Intl.supportedValuesOf("timeZone");
  const all = known.includes(chosen) ? known : [chosen, ...known];
  return all.map((zone) => [zone, zone.replaceAll("_", " ")]);
}

function password(): HTMLElement {
  const said = h("p", { class: "said", role: "status" });
  const form = new Form(
    [
      { name: "current_password", label: "Current password", type: "password", autocomplete: "current-password" },
      { name: "new_password", label: "New password", type: "password", autocomplete: "new-password", minlength: 10 },
    ],
    "Change password",
    async (values) => {
      said.textContent = "";
      const { signedIn, troubles } = await ask("POST", "account/password/change", values);
      if (!Object.keys(troubles).length) {
        form.element.reset();
        said.textContent = signedIn ? "Your password is changed." : "Sign in again to change your password.";
        await session(true);
      }
      return troubles;
    },
  );
  return h("details", { class: "fold-plain" }, h("summary", {}, "Change your password"), form.element, said);
}

export function define(): void {
  customElements.define("lec-profile", Profile);
}
