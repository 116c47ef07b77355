/** The one way to the API: credentials, CSRF, and errors as sentences. */

import type { Session, User } from "./contract";
import { page } from "./dom";
import { local, session as tab } from "./storage";

export type Trouble = "offline" | "signed-out" | "missing" | "refused" | "fault";

export class ApiError extends Error {
  constructor(
    readonly trouble: Trouble,
    sentence: string,
    readonly status = 0,
    readonly code = "",
  ) {
    super(sentence);
  }
}

const MINUTES = 60_000;
const FRESH = 10 * MINUTES;

interface Kept {
  at: number;
  session: Session;
}

let asked: Promise<Session> | null = null;
/** The first user this page was for: it speaks for nobody else, however often it asks who is here. */
let whose: User["id"] | null = null;

/**
 * Who is here. Asks the API once a page at most, and not at all while this tab's answer is fresh, so that turning
 * a page costs no question. `fresh` asks anew. Throws ApiError if it is not the user this page was for any more.
 */
export function session(fresh = false): Promise<Session> {
  if (fresh) forget();
  const kept = tab.get<Kept>("session");
  const user = kept?.session.user;
  // Another tab may have signed out and somebody else in: what all tabs share says who is here.
  const current = user && Date.now() - kept.at < FRESH && local.get("signed-in") === user.id;
  if (!asked && current) asked = Promise.resolve(kept.session).then(belonging);
  asked ??= send("GET", "/v1/session").then(async (response) => {
    const found = belonging(await read<Session>(response));
    remember(found);
    return found;
  });
  // A failed question is asked again by whoever asks next.
  asked.catch(() => (asked = null));
  return asked;
}

/** What a page left open has to say, it would say in the name of whoever signed in since. */
function belonging(found: Session): Session {
  if (found.user) whose ??= found.user.id;
  if (!found.user || found.user.id === whose) return found;
  throw new ApiError("signed-out", "Somebody else has signed in on this device. Reload the page to go on.");
}

export function remember(found: Session): void {
  asked = Promise.resolve(found);
  if (found.user) {
    tab.set("session", { at: Date.now(), session: found } satisfies Kept);
    local.set("signed-in", found.user.id);
  } else {
    tab.remove("session");
    local.remove("signed-in");
  }
  document.dispatchEvent(new CustomEvent("lectern:session", { detail: found }));
}

export function forget(): void {
  asked = null;
  tab.remove("session");
}

/** True if this browser was signed in when it was last here: only then is a public page worth a question. */
export function probablySignedIn(): boolean {
  return Boolean(local.get("signed-in"));
}

export interface Options {
  keepalive?: boolean;
  signal?: AbortSignal;
}

/** A request to the API with a JSON or form body; the parsed answer. Throws ApiError, whose message is for people. */
export async function call<T>(method: string, path: string, body?: unknown, options: Options = {}): Promise<T> {
  return read<T>(await exchange(method, path, body, options));
}

/** Like `call`, but hands over the response whatever its status: for doors where 401 is an ordinary answer. */
export async function exchange(method: string, path: string, body?: unknown, options: Options = {}): Promise<Response> {
  if (method === "GET") return send(method, path, undefined, options);
  const first = await send(method, path, body, options, (await session()).csrf);
  if (first.status !== 403) return first;
  // The token changes at sign-in and ends with the session; one that was kept too long is asked for once more, unless
  // it was somebody else who signed in.
  const { csrf } = await session(true);
  return send(method, path, body, options, csrf);
}

async function send(method: string, path: string, body?: unknown, options: Options = {}, csrf = ""): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (csrf) headers["X-CSRFToken"] = csrf;
  const form = body instanceof FormData;
  if (body !== undefined && !form) headers["Content-Type"] = "application/json";
  const init: RequestInit = { method, headers, credentials: "include", ...options };
  if (body !== undefined) init.body = form ? body : JSON.stringify(body);
  try {
    return await fetch(`${page.api}${path}`, init);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    const sentence = navigator.onLine
      ? "The school cannot be reached at the moment. Please try again."
      : "You are offline. Please try again when you are connected.";
    throw new ApiError("offline", sentence);
  }
}

async function read<T>(response: Response): Promise<T> {
  if (!response.ok) throw await refusal(response);
  return (response.status === 204 ? null : await response.json().catch(() => null)) as T;
}

/** What an answer that is not 2xx means, for people and for programs. */
export async function refusal(response: Response): Promise<ApiError> {
  const answer: unknown = await response.json().catch(() => null);
  const { detail, code } = (answer ?? {}) as { detail?: unknown; code?: string };
  const sentence = typeof detail === "string" ? detail : "";
  if (response.status === 401) {
    forget();
    local.remove("signed-in");
    return new ApiError("signed-out", "You are signed out. Sign in and try again.", 401, code);
  }
  if (response.status === 404) return new ApiError("missing", sentence || "This is not here any more.", 404, code);
  if (response.status === 429) {
    return new ApiError("refused", "That was many tries in a short time. Please wait a minute and try again.", 429, code);
  }
  if (response.status < 500) {
    return new ApiError("refused", sentence || "The school did not accept this.", response.status, code);
  }
  return new ApiError("fault", "Something went wrong at the school. Please try again.", response.status, code);
}

/** The sentence of any error. */
export function sentence(error: unknown): string {
  return error instanceof ApiError ? error.message : "Something went wrong on this page. Reload it and try again.";
}
