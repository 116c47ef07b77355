/** Where this learner stands in the course of this page: asked for once, kept current by progress. */

import { ApiError, call, probablySignedIn, session } from "./api";
import type { Enrolment, ItemState, ProgressAnswer, User } from "./contract";
import { page } from "./dom";
import * as queue from "./queue";

export type Standing =
  | { kind: "visitor" }
  | { kind: "reader"; user: User }
  | { kind: "enrolled"; user: User; enrolment: Enrolment };

let asked: Promise<Standing> | null = null;

export function standing(): Promise<Standing> {
  asked ??= find();
  asked.catch(() => (asked = null));
  return asked;
}

async function find(): Promise<Standing> {
  if (!page.api || !probablySignedIn()) return { kind: "visitor" };
  const { user } = await session();
  if (!user) return { kind: "visitor" };
  queue.own(user.id);
  try {
    return { kind: "enrolled", user, enrolment: await call<Enrolment>("GET", `/v1/enrolments/${page.course}`) };
  } catch (error) {
    if (error instanceof ApiError && error.trouble === "missing") return { kind: "reader", user };
    if (error instanceof ApiError && error.trouble === "signed-out") return { kind: "visitor" };
    throw error;
  }
}

/** Enrol in the course of this page. Throws ApiError with a sentence. */
export async function enrol(): Promise<void> {
  await call("POST", "/v1/enrolments", { course: page.course });
  await again();
}

export async function leave(): Promise<void> {
  await call("DELETE", `/v1/enrolments/${page.course}`);
  await again();
}

async function again(): Promise<void> {
  asked = find();
  announce(await asked);
}

function announce(now: Standing): void {
  document.dispatchEvent(new CustomEvent<Standing>("lectern:standing", { detail: now }));
}

/** Call back now and whenever the standing changes, for as long as the element is in the page. */
export function follow(element: Element, show: (now: Standing) => void, fail: (error: unknown) => void): void {
  document.addEventListener("lectern:standing", (event) => {
    if (element.isConnected) show((event as CustomEvent<Standing>).detail);
  });
  standing().then(show, fail);
}

/** Change items at once on this page, before the API has answered. */
export function assume(items: Record<string, ItemState>): void {
  void asked?.then((now) => {
    if (now.kind !== "enrolled") return;
    now.enrolment.items = { ...now.enrolment.items, ...items };
    announce(now);
  });
}

export function completed(now: Standing, item: string): boolean {
  return now.kind === "enrolled" && now.enrolment.items?.[item]?.state === "completed";
}

document.addEventListener("lectern:progress", (event) => {
  const answer = (event as CustomEvent<ProgressAnswer & { course: string }>).detail;
  if (answer.course !== page.course) return;
  void asked?.then((now) => {
    if (now.kind !== "enrolled") return;
    now.enrolment.percent = answer.percent;
    now.enrolment.items = { ...now.enrolment.items, ...answer.items };
    announce(now);
  });
});
