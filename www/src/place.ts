// What the page shows is in its address, so that reloading, going back and sending a link all work.

export interface Place {
  app: string;
  user: string | null;
  view: "chat" | "profile";
  conversation: string | null;
  transport: "auto" | "http";
}

/** Reads the address. The demo app unless the address names another. */
export function here(): Place {
  const query = new URLSearchParams(location.search);
  return {
    app: query.get("app") || "demo",
    user: query.get("user"),
    view: query.get("view") === "profile" ? "profile" : "chat",
    conversation: query.get("conversation"),
    transport: query.get("transport") === "http" ? "http" : "auto",
  };
}

/** The address of a place: here, but for what is changed. */
export function addressOf(change: Partial<Place>): string {
  const place = { ...here(), ...change };
  const query = new URLSearchParams();
  if (place.app !== "demo") query.set("app", place.app);
  if (place.user !== null) query.set("user", place.user);
  if (place.view !== "chat") query.set("view", place.view);
  if (place.conversation !== null) query.set("conversation", place.conversation);
  if (place.transport !== "auto") query.set("transport", place.transport);
  const text = query.toString();
  return text === "" ? location.pathname : `?${text}`;
}

/** Goes somewhere without loading the page again. */
export function go(change: Partial<Place>): void {
  const to = addressOf(change);
  if (to !== addressOf({})) history.pushState(null, "", to);
}
