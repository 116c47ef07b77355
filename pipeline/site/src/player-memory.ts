/** Where the reader stopped: with the school when enrolled, on this device otherwise. */

import { page } from "./dom";
import { standing, type Standing } from "./learner";
import * as queue from "./queue";
import { local } from "./storage";

/** A position this close to either end is no place to resume from, in seconds. */
const EDGE = 5;

export class Memory {
  #standing: Standing = { kind: "visitor" };

  /** `shared`: this video stands for its lesson, so its position is the lesson's. */
  constructor(
    readonly rendition: string,
    readonly shared: boolean,
  ) {}

  /** Seconds to start from; 0 for the beginning. */
  async resume(duration: number): Promise<number> {
    this.#standing = await standing().catch((): Standing => ({ kind: "visitor" }));
    const here = local.get<number>(`position.${this.rendition}`) ?? 0;
    const there = this.#remote ?? 0;
    const position = there || here;
    return position > EDGE && position < duration - EDGE ? position : 0;
  }

  get #remote(): number | null {
    if (!this.shared || this.#standing.kind !== "enrolled") return null;
    return this.#standing.enrolment.items?.[page.lesson]?.position ?? null;
  }

  /** Keep a position; it is sent with the next batch. */
  keep(position: number): void {
    local.set(`position.${this.rendition}`, Math.round(position));
    if (this.shared && this.#standing.kind === "enrolled") queue.record(page.course, page.lesson, "position", position);
  }

  /** Send what is kept. */
  send(): void {
    if (this.#standing.kind === "enrolled") queue.send().catch(() => undefined); // it stays in the queue
  }
}
