// What a broken stream of views means.

const SILENT_MS = 3500; // the server gives a sign of life each second

/** Return the state of a lost connection: "locked" where the server answers and refuses the stream, else "offline". */
export const connectionAfterLoss = (answered, refused) => (answered && refused ? "locked" : "offline");

/** Return whether an open connection has been silent for too long; a session that has ended is silent for good reason. */
export const isOverdue = ({ connection, view }, silentMs) => connection === "open" && view.state !== "stopped" && silentMs > SILENT_MS;

export const withoutNudge = (view) => ({ ...view, nudge: null });

/** Return the view without what would be wrong a moment later: a nudge, and a wait that is counted. */
export const withoutTimes = (view) => ({ ...view, nudge: null, wait: null });
