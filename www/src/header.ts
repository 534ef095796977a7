// The top of the page: the current user, the tabs for chat and profile, and the link to a second window.

import type { TalkSession } from "causerie";

import { fill, h } from "./dom";
import { type Scope, createScope } from "./scope";
import { avatar } from "./avatar";
import { connectionState } from "./connectivity";
import { PEOPLE } from "./people";
import { type Route, urlOf } from "./route";

type View = Route["view"];

export interface Header {
  show(session: TalkSession | null, view: View): void;
}

/** Callbacks of the header. */
export interface HeaderOptions {
  onView(view: View): void;
  onLeave(): void;
}

export function header(element: HTMLElement, { onView, onLeave }: HeaderOptions): Header {
  const picture = h("span", { class: "picture" });
  const name = h("span", { class: "name", dir: "auto" });
  const tabs = (["chat", "profile"] as const).map((view) =>
    h(
      "button",
      { type: "button", class: "tab", "data-view": view, onclick: () => onView(view) },
      view === "chat" ? "Chat" : "Profile",
    ),
  );
  const secondWindow = h("span", { class: "second-window" });
  const leave = h("button", { type: "button", class: "button small quiet", onclick: onLeave }, "Switch user");
  const who = h("div", { class: "who-am-i" }, name, connectionState());
  const nav = h("nav", { "aria-label": "Views" }, ...tabs);
  const me = h("div", { class: "me" }, picture, who, secondWindow, leave);
  let shown: TalkSession | null = null;
  let scope: Scope = createScope();
  element.append(nav, me);

  function subscribe(session: TalkSession): void {
    const { id } = session.currentUser;
    const draw = (displayName: string, photo: string | null): void => {
      name.textContent = displayName;
      fill(picture, avatar(id, displayName, photo, "small"));
    };
    draw(id, null);
    const subscription = session.currentUser.subscribe((user) =>
      draw(user?.name ?? id, user?.photoUrl ?? null),
    );
    scope.keep("session.currentUser.subscribe(onSnapshot)", subscription);
  }

  return {
    show(session, view) {
      nav.hidden = me.hidden = session === null;
      for (const tab of tabs) tab.ariaCurrent = tab.dataset["view"] === view ? "page" : null;
      if (session === shown) return;
      shown = session;
      scope.end();
      scope = createScope();
      if (session === null) return;
      subscribe(session);
      const other = Object.keys(PEOPLE).find((id) => id !== session.currentUser.id) ?? null;
      const href = urlOf({ user: other, conversation: null, view: "chat" });
      fill(secondWindow, h("a", { class: "button small quiet", href, target: "_blank" }, "Second window"));
    },
  };
}
