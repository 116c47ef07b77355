/** Opening a lesson is progress: it is what "continue" comes back to. */

import { page } from "./dom";
import { standing } from "./learner";
import * as queue from "./queue";

export function visit(): void {
  if (!page.api || !page.lesson) return;
  standing()
    .then((now) => {
      if (now.kind !== "enrolled") return;
      queue.record(page.course, page.lesson, "viewed");
      queue.watch();
      return queue.send();
    })
    .catch(() => undefined); // it waits on this device, and the elements of the page say what is wrong
}
