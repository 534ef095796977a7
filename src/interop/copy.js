const clean = (key, value) => {
  switch (typeof value) {
    case "number":
      // As JSON it would be null, which resets.
      if (!Number.isFinite(value)) throw 0;
      break;
    case "function":
    case "symbol":
      throw 0;
  }
  // A message may be referred to by its ref.
  return key === "referencedMessage" && value?.id ? value.id : value;
};

// Half of a surrogate pair is no text; it becomes U+FFFD, as in everything that browsers send. JSON has it, in keys as in
// values, as an escape, of which a backslash that is escaped itself is no beginning.
const whole = (text) =>
  text.replace(/\\(\\|ud[89a-f]..)/g, (escape, what) => (what === "\\" ? escape : "\ufffd"));

/** A copy of plain data, as it will be sent. Throws for what is none: cycles, functions, NaN. */
export const copy = (value) => JSON.parse(whole(JSON.stringify(value, clean)));
