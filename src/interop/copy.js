const clean = (key, value) => {
  switch (typeof value) {
    case "number":
      // JSON.stringify would make it null, which resets a field.
      if (!Number.isFinite(value)) throw 0;
      break;
    case "function":
    case "symbol":
      throw 0;
  }
  // A program can pass a ref as the referenced message.
  return key === "referencedMessage" && value?.id ? value.id : value;
};

// Replaces lone surrogates by U+FFFD, as in everything that browsers send. JSON contains them, in keys and
// values, as escapes; an escaped backslash does not begin one.
const toWellFormed = (json) =>
  json.replace(/\\(\\|ud[89a-f]..)/g, (escape, escaped) => (escaped === "\\" ? escape : "\ufffd"));

/**
 * Returns a copy of plain data, as it will be sent. Throws for cycles, functions, symbols, NaN and
 * infinities.
 */
export const copy = (value) => JSON.parse(toWellFormed(JSON.stringify(value, clean)));
