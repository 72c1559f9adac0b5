// Names under which this browser keeps what a reviewer of a store could not send yet.

/** Return what the names of all things of a reviewer begin with. */
export const ownPrefix = (store, reviewer) => `cxaudio.${store}.${reviewer}.`;

/** Return what the names of the verdicts begin with that wait to be sent. */
export const queuePrefix = (store, reviewer) => `${ownPrefix(store, reviewer)}queue.`;
