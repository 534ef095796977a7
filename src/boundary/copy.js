const clean = (key, value) => {
  switch (typeof value) {
    case "string":
      // Half of a surrogate pair is no text; it becomes U+FFFD, as in everything that browsers send.
      return value.replace(/\p{Cs}/gu, "\ufffd");
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

/** A copy of plain data, as it will be sent. Throws for what is none: cycles, functions, NaN. */
export const copy = (value) => JSON.parse(JSON.stringify(value, clean));
