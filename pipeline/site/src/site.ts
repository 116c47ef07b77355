/** The start: elements that most pages have come at once, the others only to pages that hold them. */

import { define as copy } from "./lec-copy";
import { define as done } from "./lec-done";
import { define as embed } from "./lec-embed";
import { define as enrol } from "./lec-enrol";
import { define as outline } from "./lec-outline";
import { define as session } from "./lec-session";
import { define as theme } from "./lec-theme";
import { folds } from "./folds";
import { visit } from "./visit";

for (const define of [theme, session, outline, enrol, done, copy, embed]) define();

const LATER: Record<string, () => Promise<{ define(): void }>> = {
  "lec-video": () => import("./lec-video"),
  "lec-quiz": () => import("./lec-quiz"),
  "lec-learning": () => import("./lec-learning"),
  "lec-sign-in": () => import("./lec-sign-in"),
  "lec-sign-up": () => import("./lec-sign-up"),
  "lec-verify": () => import("./lec-verify"),
  "lec-reset": () => import("./lec-reset"),
  "lec-profile": () => import("./lec-profile"),
};
for (const [name, load] of Object.entries(LATER)) {
  if (document.querySelector(name)) void load().then(({ define }) => define());
}

folds();
visit();
