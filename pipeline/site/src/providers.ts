/** Sign-in with Google or GitHub: a form the browser itself sends to the API, which leads on to the provider. */

import { next, ROOT } from "./allauth";
import type { Session } from "./contract";
import { h, page } from "./dom";

const NAMES: Record<string, string> = { google: "Google", github: "GitHub" };

/** The buttons of the providers this school offers, or null if it offers none. */
export function providers({ csrf, providers }: Session): HTMLElement | null {
  if (!providers.length) return null;
  const back = `${location.origin}${location.pathname}?next=${encodeURIComponent(next())}`;
  const forms = providers.map((provider) =>
    h(
      "form",
      { method: "post", action: `${page.api}${ROOT}/auth/provider/redirect` },
      h("input", { type: "hidden", name: "provider", value: provider }),
      h("input", { type: "hidden", name: "process", value: "login" }),
      h("input", { type: "hidden", name: "callback_url", value: back }),
      h("input", { type: "hidden", name: "csrfmiddlewaretoken", value: csrf }),
      h("button", { type: "submit", class: "button button-wide" }, `Continue with ${NAMES[provider] ?? provider}`),
    ),
  );
  return h("div", { class: "providers" }, ...forms, h("p", { class: "or" }, h("span", {}, "or")));
}
