// Plays the recording: one of both sides, or two that are kept together.

import { duration, facts } from "./call.js";

const MOST_APART = 0.06; // seconds between two recordings before the second is moved to the first

export class Player {
  constructor({ onTime, onState, onTrouble }) {
    this.onTime = onTime;
    this.onState = onState;
    this.onTrouble = onTrouble;
    this.position = 0;
    const sources = facts.audio ? facts.audio.sources : [];
    this.tracks = sources.map((source) => {
      const track = new Audio();
      track.preload = "metadata";
      track.addEventListener("error", () => onTrouble("missing"));
      track.src = source;
      document.body.append(track); // takes no room, as it has no controls
      return track;
    });
    [this.first] = this.tracks;
    if (!this.first) return;
    this.first.addEventListener("loadedmetadata", () => {
      // With a header that was never finished a browser may find only part of the call.
      if (Number.isFinite(this.first.duration) && this.first.duration < duration - 2) onTrouble("short", this.first.duration);
    });
    for (const name of ["play", "pause", "ended", "seeked"]) this.first.addEventListener(name, () => this.announce());
  }

  /** Return whether there is a recording to play. */
  get hasSound() {
    return this.tracks.length > 0;
  }

  get playing() {
    return this.hasSound && !this.first.paused && !this.first.ended;
  }

  get time() {
    return this.hasSound && this.first.readyState > 0 ? this.first.currentTime : this.position;
  }

  seek(s) {
    this.position = Math.min(duration, Math.max(0, s));
    for (const track of this.tracks) track.currentTime = this.position;
    this.onTime(this.position, true);
  }

  play() {
    if (!this.hasSound) return;
    if (this.first.ended) this.seek(0);
    for (const track of this.tracks) {
      // A browser may refuse to play before the reader has touched the page; the button then still shows "play".
      track.play().catch(() => this.announce());
    }
  }

  pause() {
    for (const track of this.tracks) track.pause();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  setSpeed(speed) {
    for (const track of this.tracks) track.playbackRate = speed;
  }

  /** Report playing or pause, and follow the position while it plays. */
  announce() {
    this.onState(this.playing);
    if (this.playing) this.run();
    else this.onTime(this.time, false);
  }

  run() {
    if (this.running) return;
    this.running = true;
    const step = () => {
      if (!this.playing) {
        this.running = false;
        return;
      }
      for (const track of this.tracks.slice(1)) {
        if (Math.abs(track.currentTime - this.first.currentTime) > MOST_APART) track.currentTime = this.first.currentTime;
      }
      this.position = this.first.currentTime;
      this.onTime(this.position, true);
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }
}
