/**
 * Progress that must not be lost: each event is kept on this device until the API has accepted it.
 *
 * Every event has a storage key of its own, so that two tabs never overwrite each other's list, and belongs to one
 * user, so that nobody's progress is sent in another's name. The API knows events by their ids: sending twice is safe.
 */

import { ApiError, call, session } from "./api";
import type { EventKind, ProgressAnswer, ProgressEvent } from "./contract";
import { local } from "./storage";

interface Kept {
  course: string;
  event: ProgressEvent;
}

/** The most that one request carries. */
const BATCH = 50;
/** How long to wait before trying again by itself, in milliseconds: at first, and at most. */
const SOON = 15_000;
const LATE = 5 * 60_000;

/** What storage refused to keep: lost with the page, sent like the rest until then. */
const unkept = new Map<string, Kept>();

let user = "";
let sending: Promise<void> | null = null;
let delay = SOON;
let timer = 0;

/** Events are kept and sent for this user from now on. */
export function own(id: string | number): void {
  user = String(id);
}

function prefix(): string {
  return `event.${user}.`;
}

/** Keep an event. `send` sends it and all others that wait. */
export function record(course: string, item: string, kind: EventKind, position?: number): void {
  const event: ProgressEvent = { id: crypto.randomUUID(), item, kind, at: new Date().toISOString() };
  if (position !== undefined) event.position = Math.round(position * 10) / 10;
  // Of several positions in one item only the last says anything.
  if (kind === "position") {
    for (const [key, kept] of waiting()) {
      if (kept.event.kind === "position" && kept.event.item === item) discard(key);
    }
  }
  const key = prefix() + event.id;
  if (!local.set(key, { course, event } satisfies Kept)) unkept.set(key, { course, event });
}

function discard(key: string): void {
  local.remove(key);
  unkept.delete(key);
}

function waiting(): [string, Kept][] {
  const kept = local.keys(prefix()).map((key): [string, Kept | null] => [key, local.get<Kept>(key)]);
  return [...kept, ...unkept]
    .filter((entry): entry is [string, Kept] => Boolean(entry[1]?.event))
    .sort((one, other) => one[1].event.at.localeCompare(other[1].event.at));
}

/** The number of events that the API has not accepted yet. */
export function unsent(): number {
  return user ? waiting().length : 0;
}

/** Send what waits, course by course. Throws ApiError if the API cannot be reached; what was not accepted stays. */
export function send(keepalive = false): Promise<void> {
  if (!user) return Promise.resolve();
  // A page that goes away cannot wait for the request under way; the API drops what it gets twice.
  if (keepalive) return flush(true);
  sending ??= flush(false)
    .then(
      () => {
        delay = SOON;
      },
      (error: unknown) => {
        again(error);
        throw error;
      },
    )
    .finally(() => (sending = null));
  return sending;
}

/** The network may be well and the school away: the browser then never says "online", so time has to. */
function again(error: unknown): void {
  if (!unsent() || (error instanceof ApiError && error.trouble === "signed-out")) return;
  clearTimeout(timer);
  timer = window.setTimeout(() => void send().catch(() => undefined), delay);
  delay = Math.min(2 * delay, LATE);
}

/** A course whose events are refused does not keep those of the others waiting. Throws the first trouble at the end. */
async function flush(keepalive: boolean): Promise<void> {
  const troubles: unknown[] = [];
  const courses = new Set(waiting().map(([, kept]) => kept.course));
  for (const course of courses) {
    try {
      let batch: [string, Kept][];
      while ((batch = waiting().filter(([, kept]) => kept.course === course).slice(0, BATCH)).length) {
        await deliver(course, batch, keepalive);
      }
    } catch (error) {
      troubles.push(error);
      if (!refused(error)) break;
    }
  }
  if (troubles.length) throw troubles[0];
}

/** True if the school answered and said no, which says nothing about the next request. */
function refused(error: unknown): error is ApiError {
  return error instanceof ApiError && ["refused", "missing"].includes(error.trouble) && error.status !== 429;
}

/**
 * Send events of one course and discard what is done with: accepted, or refused by the API itself and for good. A
 * refusal that is not the API's, as of a proxy that is being set up, discards nothing.
 */
async function deliver(course: string, batch: [string, Kept][], keepalive: boolean): Promise<void> {
  try {
    const events = batch.map(([, kept]) => kept.event);
    const answer = await call<ProgressAnswer>("POST", "/v1/progress", { course, events }, { keepalive });
    batch.forEach(([key]) => discard(key));
    document.dispatchEvent(new CustomEvent("lectern:progress", { detail: { course, ...answer } }));
  } catch (error) {
    if (!refused(error)) throw error;
    const unfit = error.status === 422 && error.code !== "";
    if (unfit && batch.length > 1) return deliverSingly(course, batch, keepalive);
    if (unfit || error.code === "not_enrolled") batch.forEach(([key]) => discard(key));
    throw error;
  }
}

/** One event that the API cannot take makes it refuse the whole batch: by themselves the others are taken. */
async function deliverSingly(course: string, batch: [string, Kept][], keepalive: boolean): Promise<void> {
  for (const one of batch) {
    try {
      await deliver(course, [one], keepalive);
    } catch (error) {
      // The newest is what the reader just did, and wants to hear about; an older one is dropped in silence.
      if (!refused(error) || one === batch.at(-1)) throw error;
    }
  }
}

/** Send when the page goes away and when the connection comes back. */
export function watch(): void {
  const quietly = (keepalive: boolean) => () => {
    if (unsent()) send(keepalive).catch(() => undefined);
  };
  addEventListener("pagehide", quietly(true));
  addEventListener("online", quietly(false));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") quietly(true)();
  });
  session()
    .then(quietly(false))
    .catch(() => undefined);
}
