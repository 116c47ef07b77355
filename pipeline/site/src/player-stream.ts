/** An HLS stream in a video element. */

import type Hls from "hls.js";

export interface Level {
  index: number;
  label: string;
}

export interface Stream {
  /** The qualities to choose from, best first; empty where the browser chooses by itself. */
  levels(): Level[];
  /** -1 lets the stream choose. */
  choose(level: number): void;
  close(): void;
}

type Fail = (sentence: string) => void;

/**
 * Attach the playlist at `source`. hls.js comes first wherever it can run: some browsers say they play HLS and
 * then neither report errors nor offer qualities, so what `canPlayType` answers is only the way out.
 */
export async function stream(video: HTMLVideoElement, source: string, ready: () => void, fail: Fail): Promise<Stream> {
  const { default: Player } = await import("hls.js");
  if (Player.isSupported()) return managed(Player, video, source, ready, fail);
  video.addEventListener("error", () => fail("This video could not be loaded. Reload the page to try again."));
  if (video.canPlayType("application/vnd.apple.mpegurl")) video.src = source;
  else fail("This browser cannot play the video. A newer one can.");
  ready();
  return { levels: () => [], choose: () => undefined, close: () => video.removeAttribute("src") };
}

function managed(Player: typeof Hls, video: HTMLVideoElement, source: string, ready: () => void, fail: Fail): Stream {
  // No worker: it would need a blob: script, which the page's policy refuses. Fragmented MP4 needs no remuxing anyway.
  const hls = new Player({ enableWorker: false, capLevelToPlayerSize: true, maxBufferLength: 30, renderTextTracksNatively: true });
  let recovered = 0;
  hls.on(Player.Events.MANIFEST_PARSED, ready);
  hls.on(Player.Events.ERROR, (_, data) => {
    if (!data.fatal) return;
    // One try for each kind of fault; a stream that fails for good says so instead of turning forever.
    if (data.type === Player.ErrorTypes.MEDIA_ERROR && recovered++ < 1) return hls.recoverMediaError();
    if (data.type === Player.ErrorTypes.NETWORK_ERROR && navigator.onLine && hls.levels.length && recovered++ < 2) return hls.startLoad();
    fail(navigator.onLine ? "This video could not be loaded. Reload the page to try again." : "You are offline. The video goes on when you are connected.");
    if (!navigator.onLine) addEventListener("online", load, { once: true });
  });
  // Without its playlist there is nothing that could go on: it is asked for again, which startLoad does not do.
  const load = () => (hls.levels.length ? hls.startLoad() : hls.loadSource(source));
  hls.loadSource(source);
  hls.attachMedia(video);
  return {
    levels: () =>
      hls.levels
        .map((level, index) => ({ index, label: level.height ? `${level.height}p` : `${Math.round(level.bitrate / 1000)} kbit/s` }))
        .reverse(),
    choose: (level) => (hls.nextLevel = level),
    close: () => hls.destroy(),
  };
}
