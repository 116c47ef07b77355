/** The doors of accounts (django-allauth's headless browser API), where 401 means "not signed in yet", not failure. */

import { exchange, session } from "./api";
import { path } from "./dom";
import { local } from "./storage";

const ROOT = "/_allauth/browser/v1";

interface Flow {
  id: string;
  is_pending?: boolean;
}

interface Wire {
  data?: { flows?: Flow[] };
  errors?: { message: string; code: string; param?: string }[];
}

/** `signed in`, or the step that comes next, or what is wrong with which field (`""` is the form as a whole). */
export interface Outcome {
  signedIn: boolean;
  pending: string | null;
  troubles: Record<string, string>;
}

const SENTENCES: Record<string, string> = {
  email_password_mismatch: "That address and password do not belong together.",
  email_taken: "There is an account with this address already. Sign in instead.",
  incorrect_code: "That is not the code we sent. Check the newest message.",
  too_many_login_attempts: "That was too many tries. Please wait a few minutes and try again.",
  rate_limited: "That was too many tries. Please wait a few minutes and try again.",
};

export async function ask(method: string, door: string, body?: unknown): Promise<Outcome> {
  const response = await exchange(method, `${ROOT}/${door}`, body);
  const wire = ((await response.json().catch(() => null)) ?? {}) as Wire;
  const troubles: Record<string, string> = {};
  for (const { param, code, message } of wire.errors ?? []) troubles[param ?? ""] ??= SENTENCES[code] ?? message;
  if (response.ok) return { signedIn: true, pending: null, troubles };
  if (response.status === 401) {
    const pending = wire.data?.flows?.find((flow) => flow.is_pending)?.id ?? null;
    return { signedIn: false, pending, troubles };
  }
  if (!Object.keys(troubles).length) troubles[""] = unexplained(response.status);
  return { signedIn: false, pending: null, troubles };
}

function unexplained(status: number): string {
  if (status === 409) return "This step is over already. Start again.";
  if (status === 410) return "This took too long and has expired. Start again.";
  if (status === 429) return "That was too many tries. Please wait a few minutes and try again.";
  if (status === 403) return "This is not possible at the moment.";
  return "Something went wrong at the school. Please try again.";
}

/** Where to go after signing in: the place the visitor came from, if it is one of ours. */
export function next(): string {
  const wanted = new URLSearchParams(location.search).get("next") ?? "";
  if (!wanted.startsWith("/") || !URL.canParse(wanted, location.origin)) return path("learning/");
  // Judged as the browser will read it: `//host`, `/\\host` and `/<tab>/host` all look like a path and leave the site.
  const target = new URL(wanted, location.origin);
  return target.origin === location.origin ? target.pathname + target.search + target.hash : path("learning/");
}

/** The same page of accounts, with the way back kept. */
export function door(name: string): string {
  const query = new URLSearchParams(location.search);
  const wanted = query.get("next");
  return path(`account/${name}/`) + (wanted ? `?next=${encodeURIComponent(wanted)}` : "");
}

export async function arrive(): Promise<void> {
  local.set("signed-in", true);
  await session(true).catch(() => undefined);
  location.assign(next());
}

/** A form that leaves for a provider; the browser must send it, not a script, so that cookies follow. */
export { ROOT };
