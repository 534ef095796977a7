// The URL holds the state of the page, so reloading, going back and sharing a link work.

export interface Route {
  app: string;
  user: string | null;
  view: "chat" | "profile";
  conversation: string | null;
  transport: "auto" | "http";
}

/** Reads the route from the URL. The app is `demo` unless the URL names another. */
export function currentRoute(): Route {
  const query = new URLSearchParams(location.search);
  return {
    app: query.get("app") || "demo",
    user: query.get("user"),
    view: query.get("view") === "profile" ? "profile" : "chat",
    conversation: query.get("conversation"),
    transport: query.get("transport") === "http" ? "http" : "auto",
  };
}

/** Returns the relative URL of the current route with some members changed. */
export function urlOf(change: Partial<Route>): string {
  const route = { ...currentRoute(), ...change };
  const query = new URLSearchParams();
  if (route.app !== "demo") query.set("app", route.app);
  if (route.user !== null) query.set("user", route.user);
  if (route.view !== "chat") query.set("view", route.view);
  if (route.conversation !== null) query.set("conversation", route.conversation);
  if (route.transport !== "auto") query.set("transport", route.transport);
  const text = query.toString();
  return text === "" ? location.pathname : `?${text}`;
}

/** Changes the URL without loading the page again. */
export function navigate(change: Partial<Route>): void {
  const url = urlOf(change);
  if (url !== urlOf({})) history.pushState(null, "", url);
}
