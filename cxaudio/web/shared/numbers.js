// Numbers as people read them, in every language alike.

export const DASH = "–";

/** Return whether a value is a number that was measured. */
export const known = (x) => typeof x === "number" && Number.isFinite(x);

/** Return a number with a true minus sign, or a dash where it is unknown; what rounds to zero has no sign. */
export const num = (x, digits = 1) => (known(x) ? x.toFixed(digits).replace(/^-(?=.*[1-9])/, "\u2212").replace(/^-/, "") : DASH);

/** Return a time of the call: 5:13, 1:02:09; with tenths 5:13.4. */
export function clock(s, tenths = false) {
  if (!known(s)) return DASH;
  const all = Math.floor(s * 10 + 1e-6);
  const whole = Math.floor(all / 10);
  const two = (x) => String(x).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const text = hours
    ? `${hours}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`
    : `${Math.floor(whole / 60)}:${two(whole % 60)}`;
  return tenths ? `${text}.${all % 10}` : text;
}
