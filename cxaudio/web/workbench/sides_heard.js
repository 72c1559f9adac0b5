// Which side is heard: both (the agent left, the customer right), or one side in both ears.

export const HEARD = ["both", "agent", "customer"];

// Gain from channel 0 (agent) and 1 (customer) to the left and the right ear.
const GAINS = {
  both: [[1, 0], [0, 1]],
  agent: [[1, 1], [0, 0]],
  customer: [[0, 0], [1, 1]],
};

/**
 * Route tracks of sound to the ears.
 *
 * Until a single side is asked for, the tracks play as they are: sound then needs no graph, and one that the browser has
 * put to sleep cannot silence it.
 */
export class SidesHeard {
  constructor(tracks) {
    this.tracks = tracks;
    this.heard = "both";
    this.gains = null;
  }

  /** Hear both sides, or one. */
  hear(which) {
    this.heard = which;
    if (which !== "both" && !this.gains) this.connect();
    if (!this.gains) return;
    this.context.resume();
    GAINS[which].forEach((ears, channel) => ears.forEach((gain, ear) => { this.gains[channel][ear].gain.value = gain; }));
  }

  connect() {
    this.context = new AudioContext();
    const input = new GainNode(this.context, { channelCount: 2, channelCountMode: "explicit" });
    const splitter = new ChannelSplitterNode(this.context, { numberOfOutputs: 2 });
    const merger = new ChannelMergerNode(this.context, { numberOfInputs: 2 });
    input.connect(splitter);
    this.gains = [0, 1].map((channel) => [0, 1].map((ear) => {
      const gain = new GainNode(this.context, { gain: 0 });
      splitter.connect(gain, channel);
      gain.connect(merger, 0, ear);
      return gain;
    }));
    merger.connect(this.context.destination);
    for (const track of this.tracks) {
      this.context.createMediaElementSource(track).connect(input);
      track.addEventListener("play", () => this.context.resume());
    }
  }
}
