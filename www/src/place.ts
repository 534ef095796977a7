// What the page shows is in its address, so that reloading, going back and sending a link all work.

export interface Place {
  app: string;
  user: string | null;
  conversation: string | null;
  transport: "auto" | "http";
}

/** Reads the address. The demo app unless the address names another. */
export function here(): Place {
  const query = new URLSearchParams(location.search);
  return {
    app: query.get("app") || "demo",
    user: query.get("user"),
    conversation: query.get("conversation"),
    transport: query.get("transport") === "http" ? "http" : "auto",
  };
}

/** The address of a place. */
export function addressOf(place: Place): string {
  const query = new URLSearchParams();
  if (place.app !== "demo") query.set("app", place.app);
  if (place.user !== null) query.set("user", place.user);
  if (place.conversation !== null) query.set("conversation", place.conversation);
  if (place.transport !== "auto") query.set("transport", place.transport);
  const text = query.toString();
  return text === "" ? location.pathname : `?${text}`;
}

/** Goes somewhere without loading the page again. */
export function go(change: Partial<Place>): void {
  const to = addressOf({ ...here(), ...change });
  const from = addressOf(here());
  if (to !== from) history.pushState(null, "", to);
}
