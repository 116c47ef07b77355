/** `<lec-embed>`: a video elsewhere. Nothing is asked of the provider before the reader presses play. */

import { h } from "./dom";

class Embed extends HTMLElement {
  connectedCallback(): void {
    const link = this.querySelector("a");
    link?.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.#play();
    });
  }

  #play(): void {
    const frame = h("iframe", {
      class: "embed-frame",
      src: this.dataset["src"] ?? "",
      title: this.dataset["title"] ?? "Video",
      width: 1280,
      height: 720,
      sandbox: "allow-scripts allow-same-origin allow-presentation",
      allow: "autoplay; fullscreen; picture-in-picture",
      referrerpolicy: "strict-origin-when-cross-origin",
      tabindex: 0,
    });
    this.replaceChildren(frame);
    frame.focus();
  }
}

export function define(): void {
  customElements.define("lec-embed", Embed);
}
