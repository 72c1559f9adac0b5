// Plays the seconds around a flag, as the server cuts them; so playing ends where it should.

const AROUND_S = 3;
const LONGEST_S = 120; // the server cuts no more
const KEPT = 6; // clips in memory

/** Return the stretch that is heard of a flag, in seconds; null: the flag is of the whole call. */
export function stretchOf(flag, duration) {
  if (flag.type === "whole_call") return null;
  const from = Math.max(0, flag.start_s - AROUND_S);
  return { from, to: Math.min(duration, (flag.end_s ?? duration) + AROUND_S, from + LONGEST_S) };
}

export class Evidence {
  /**
   * `addressOf(stretch)` is where the server gives a stretch; `onTime(s)` follows the instant of the call that is heard;
   * `onState(playing)` says whether anything is; `onTrouble(sentence)` why it cannot be.
   */
  constructor({ duration, addressOf, onTime, onState, onTrouble }) {
    Object.assign(this, { duration, addressOf, onTime, onState, onTrouble });
    this.clips = new Map(); // address to the promise of { url }
    this.wanted = null;
    this.track = new Audio();
    this.track.preservesPitch = true;
    for (const name of ["play", "pause", "ended"]) this.track.addEventListener(name, () => this.announce());
  }

  get playing() {
    return Boolean(this.wanted);
  }

  /** Have a flag's stretch ready before it is asked for. */
  prefetch(flag) {
    const stretch = flag && stretchOf(flag, this.duration);
    if (stretch) this.clip(this.addressOf(stretch)).catch(() => {});
  }

  /** Play a flag's stretch from its start. */
  async play(flag) {
    const stretch = stretchOf(flag, this.duration);
    if (!stretch) return;
    this.track.pause();
    this.wanted = stretch;
    this.onState(true);
    try {
      const url = await this.clip(this.addressOf(stretch));
      if (this.wanted !== stretch) return; // another was asked for in the meantime
      this.track.src = url;
      this.track.playbackRate = this.speed ?? 1;
      await this.track.play();
      this.follow(stretch);
    } catch (error) {
      if (this.wanted !== stretch || error.name === "AbortError") return;
      this.stop();
      this.onTrouble(error.name === "NotAllowedError" ? "" : error.message);
    }
  }

  stop() {
    this.wanted = null;
    this.track.pause();
    this.onState(false);
  }

  setSpeed(speed) {
    this.speed = speed;
    this.track.playbackRate = speed;
  }

  announce() {
    if (this.track.ended) this.stop();
  }

  follow(stretch) {
    const step = () => {
      if (this.wanted !== stretch) return;
      this.onTime(stretch.from + this.track.currentTime);
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  /** Return the address of a clip in memory; one that could not be had is asked for again the next time. */
  clip(address) {
    const known = this.clips.get(address);
    if (known) return known;
    const clip = fetchClip(address);
    this.clips.set(address, clip);
    clip.catch(() => this.clips.delete(address));
    for (const [old, promise] of this.clips) {
      if (this.clips.size <= KEPT) break;
      this.clips.delete(old);
      promise.then((url) => url !== this.track.src && URL.revokeObjectURL(url)).catch(() => {});
    }
    return clip;
  }
}

async function fetchClip(address) {
  const answer = await fetch(address);
  if (!answer.ok) {
    const said = await answer.json().catch(() => ({}));
    throw new Error(said.error ?? `HTTP ${answer.status}`);
  }
  return URL.createObjectURL(await answer.blob());
}
