/** `<lec-video>`: plays the HLS stream of its `<video>`, remembers the place, and works by keyboard. */

import { ENGLISH, fill, h, icon, page } from "./dom";
import { button, clock, List, relabel, seekSlider, SPEEDS, volumeSlider } from "./player-controls";
import { press } from "./player-keys";
import { Memory } from "./player-memory";
import { stream, type Stream } from "./player-stream";
import { local } from "./storage";

/** How often a position is kept while playing, and how often it is sent, in milliseconds. */
const KEEP = 5_000;
const SEND = 20_000;

class Video extends HTMLElement {
  readonly #video: HTMLVideoElement = this.querySelector("video") ?? h("video");
  readonly #start = h("button", { type: "button", class: "player-start" }, icon("play"), h("span", { class: "hidden" }, "Play the video"));
  readonly #play = button("play", "Play (k)", () => this.#toggle());
  readonly #seek = seekSlider((value) => (this.#video.currentTime = value));
  readonly #time = h("span", { class: "player-time" });
  readonly #mute = button("volume", "Mute (m)", () => this.#silence());
  readonly #volume = volumeSlider((value) => this.#loud(value));
  readonly #captions = button("captions", "Turn captions on (c)", () => this.#toggleCaptions());
  readonly #picture = button("picture", "Picture in picture", () => void this.#float());
  readonly #full = button("expand", "Full screen (f)", () => void this.#fullscreen());
  readonly #speed = new List("Speed", SPEEDS.map((speed) => [String(speed), speed === 1 ? "Normal" : `${speed}×`]), "1", (value) => this.#pace(Number(value)));
  readonly #quality = new List("Quality", [], "-1", (value) => this.#stream?.choose(Number(value)));
  readonly #language = new List("Captions", [], "off", (value) => this.#caption(value));
  readonly #said = h("p", { class: "player-said", role: "status", ...ENGLISH });
  #memory = new Memory(this.dataset["rendition"] ?? "", document.querySelector("lec-video") === this && Boolean(page.lesson));
  #stream: Stream | null = null;
  #opening: Promise<void> | null = null;
  #kept = 0;
  #sent = 0;

  connectedCallback(): void {
    if (this.classList.contains("player")) return;
    this.classList.add("player");
    this.setAttribute("role", "group");
    this.setAttribute("aria-label", `Video player: ${this.dataset["title"] ?? ""}`);
    this.tabIndex = -1;
    this.#build();
    this.#listen();
    this.#languages();
    this.#loud(local.get<number>("volume") ?? 1);
    this.#show();
  }

  disconnectedCallback(): void {
    this.#stream?.close();
    this.#stream = null;
    this.#opening = null;
  }

  #build(): void {
    const settings = h(
      "details",
      { class: "player-settings" },
      h("summary", { class: "player-button", "aria-label": "Settings", title: "Settings" }, icon("settings")),
      h("div", { class: "player-panel" }, this.#speed.element, this.#quality.element, this.#language.element),
    );
    settings.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !settings.open) return;
      settings.open = false;
      event.stopPropagation();
      settings.querySelector("summary")?.focus();
    });
    document.addEventListener("click", (event) => {
      if (!settings.contains(event.target as Node)) settings.open = false;
    });
    this.#captions.hidden = this.#tracks.length === 0;
    this.#captions.setAttribute("aria-pressed", "false");
    this.#picture.hidden = !document.pictureInPictureEnabled;
    this.#full.hidden = !document.fullscreenEnabled;
    const bar = h(
      "div",
      { class: "player-bar" },
      this.#seek.element,
      h(
        "div",
        { class: "player-row" },
        this.#play,
        this.#mute,
        this.#volume.element,
        this.#time,
        h("span", { class: "player-gap" }),
        this.#captions,
        settings,
        this.#picture,
        this.#full,
      ),
    );
    fill(this, h("div", { class: "player-screen" }, this.#video, this.#start), bar, this.#said);
  }

  #listen(): void {
    const video = this.#video;
    for (const name of ["play", "pause", "ended", "timeupdate", "durationchange", "volumechange", "ratechange"]) {
      video.addEventListener(name, () => this.#show());
    }
    video.addEventListener("click", () => this.#toggle());
    this.#start.addEventListener("click", () => {
      this.#toggle();
      this.#play.focus();
    });
    video.addEventListener("playing", () => this.#say(""));
    video.addEventListener("waiting", () => this.#say("Loading…"));
    video.addEventListener("timeupdate", () => this.#remember());
    for (const name of ["pause", "seeked", "ended"]) video.addEventListener(name, () => this.#remember(true));
    addEventListener("pagehide", () => this.#started && this.#memory.keep(video.ended ? 0 : video.currentTime));
    this.addEventListener("keydown", (event) => {
      if (press(event, this.#acts)) event.preventDefault();
    });
    document.addEventListener("fullscreenchange", () => this.#show());
  }

  readonly #acts = {
    toggle: () => this.#toggle(),
    seek: (by: number) => this.#jump(this.#video.currentTime + by),
    seekTo: (share: number) => this.#jump(this.#duration * share),
    volume: (by: number) => this.#loud(this.#video.volume + by),
    mute: () => this.#silence(),
    captions: () => this.#toggleCaptions(),
    fullscreen: () => void this.#fullscreen(),
    speed: (steps: number) => {
      const at = SPEEDS.indexOf(this.#video.playbackRate) + steps;
      this.#pace(SPEEDS[Math.min(Math.max(at, 0), SPEEDS.length - 1)] ?? 1);
    },
  };

  // --- playing ---

  get #duration(): number {
    return Number.isFinite(this.#video.duration) ? this.#video.duration : Number(this.dataset["duration"]) || 0;
  }

  get #started(): boolean {
    return this.#video.played.length > 0;
  }

  /** The stream is opened by the first wish to see it: a page that is only read loads no video. */
  #open(): Promise<void> {
    this.#opening ??= (async () => {
      this.#say("Loading…");
      const from = await this.#memory.resume(this.#duration);
      await new Promise<void>((ready) => {
        void stream(this.#video, this.dataset["src"] ?? "", ready, (words) => this.#fail(words)).then(
          (opened) => (this.#stream = opened),
          () => this.#fail("The player could not be loaded. Reload the page to try again."),
        );
      });
      this.#offerQualities();
      if (!from) return;
      this.#video.currentTime = from;
      this.#say(`Continues at ${clock(from)}.`);
    })();
    return this.#opening;
  }

  #toggle(): void {
    if (!this.#video.paused) return this.#video.pause();
    void this.#open().then(() => this.#video.play().catch(() => this.#show()));
  }

  #jump(to: number): void {
    void this.#open().then(() => {
      this.#video.currentTime = Math.min(Math.max(to, 0), this.#duration);
      this.#show();
    });
  }

  #fail(words: string): void {
    this.#say(words);
    this.classList.add("player-failed");
  }

  #say(words: string): void {
    this.#said.textContent = words;
  }

  #remember(now = false): void {
    const time = performance.now();
    if (!this.#started || (!now && time - this.#kept < KEEP)) return;
    this.#kept = time;
    this.#memory.keep(this.#video.ended ? 0 : this.#video.currentTime);
    if (!now && time - this.#sent < SEND) return;
    this.#sent = time;
    this.#memory.send();
  }

  // --- choices ---

  #pace(speed: number): void {
    this.#video.playbackRate = speed;
    this.#speed.show(String(speed));
    this.#say(`Speed ${speed}×`);
  }

  #loud(volume: number): void {
    this.#video.volume = Math.min(Math.max(volume, 0), 1);
    this.#video.muted = this.#video.volume === 0;
    local.set("volume", this.#video.volume);
  }

  #silence(): void {
    this.#video.muted = !this.#video.muted;
    if (!this.#video.muted && this.#video.volume === 0) this.#loud(0.5);
  }

  #offerQualities(): void {
    const levels = this.#stream?.levels() ?? [];
    const options = levels.map(({ index, label }): [string, string] => [String(index), label]);
    this.#quality.offer([["-1", "Automatic"], ...options], "-1");
  }

  get #tracks(): TextTrack[] {
    return [...this.#video.textTracks].filter(({ kind }) => kind === "captions" || kind === "subtitles");
  }

  #languages(): void {
    const tracks = this.#tracks.map(({ label, language }, index): [string, string] => [String(index), label || language]);
    this.#language.offer([["off", "Off"], ...tracks], "off");
    for (const track of this.#tracks) track.mode = "disabled";
    const wanted = local.get<string>("captions");
    const index = this.#tracks.findIndex(({ language }) => language === wanted);
    if (wanted && index >= 0) this.#caption(String(index));
  }

  #caption(value: string): void {
    this.#tracks.forEach((track, index) => (track.mode = String(index) === value ? "showing" : "disabled"));
    this.#language.show(value);
    local.set("captions", this.#tracks[Number(value)]?.language ?? "");
    const on = value !== "off";
    this.#captions.setAttribute("aria-pressed", String(on));
    relabel(this.#captions, "captions", on ? "Turn captions off (c)" : "Turn captions on (c)");
  }

  #toggleCaptions(): void {
    const on = this.#tracks.some(({ mode }) => mode === "showing");
    this.#caption(on || this.#tracks.length === 0 ? "off" : "0");
  }

  async #float(): Promise<void> {
    await this.#open();
    try {
      if (document.pictureInPictureElement) await document.exitPictureInPicture();
      else await this.#video.requestPictureInPicture();
    } catch {
      this.#say("This browser does not allow picture in picture here.");
    }
  }

  async #fullscreen(): Promise<void> {
    try {
      if (document.fullscreenElement) await document.exitFullscreen();
      else await this.requestFullscreen();
    } catch {
      this.#say("This browser does not allow full screen here.");
    }
  }

  #show(): void {
    const video = this.#video;
    const silent = video.muted || video.volume === 0;
    this.classList.toggle("player-started", this.#started || !video.paused);
    relabel(this.#play, video.paused ? "play" : "pause", video.paused ? "Play (k)" : "Pause (k)");
    relabel(this.#mute, silent ? "muted" : "volume", silent ? "Unmute (m)" : "Mute (m)");
    relabel(this.#full, document.fullscreenElement ? "shrink" : "expand", document.fullscreenElement ? "Leave full screen (f)" : "Full screen (f)");
    this.#volume.show(silent ? 0 : video.volume);
    this.#seek.show(video.currentTime, this.#duration);
    this.#time.textContent = `${clock(video.currentTime)} / ${clock(this.#duration)}`;
  }
}

export function define(): void {
  customElements.define("lec-video", Video);
}
