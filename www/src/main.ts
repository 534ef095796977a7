// The page: choose a user → create a session → show the chat and the profile of that user. The URL holds the
// state of the page; each change of the URL renders the page again.

import { type TalkSession, getTalkSession } from "causerie";

import { callsPanel, showSetup } from "./calls";
import { chatPanel } from "./chat/chat";
import { byId, fill, h } from "./dom";
import { header } from "./header";
import { PEOPLE, ensure, picker } from "./people";
import { type Route, currentRoute, navigate } from "./route";
import { problemOf, problemView } from "./problem";
import { profilePanel } from "./profile/panel";
import { startMonitoring } from "./connectivity";
import { transportSwitch } from "./transport";
import { welcome } from "./welcome";

const people = picker((user) => visit({ user }));
const top = header(byId("top"), {
  onView: (view) => visit({ view }),
  onLeave: () => mayLeave() && visit({ user: null, conversation: null, view: "chat" }),
});
const chat = chatPanel({
  app: () => currentRoute().app,
  onOpen: (conversation) => visit({ conversation, view: "chat" }),
  onUnread: (count) => {
    unread = count;
    renderTitle();
  },
});
const profile = profilePanel();
const transport = transportSwitch(mayLeave);
const calls = callsPanel(transport.element);
const fatal = h("div");
const intro = welcome();
const views = h("div", { class: "views" }, chat.element, profile.element);

let unread = 0;
/** The session that is shown. */
let shownSession: TalkSession | null = null;

function render(): void {
  const route = currentRoute();
  const session = route.user === null ? null : sessionOf(route, route.user);
  intro.hidden = people.element.hidden = session !== null;
  views.hidden = calls.hidden = session === null;
  if (session !== shownSession) {
    shownSession = session;
    unread = 0;
    fill(fatal);
    if (session !== null && route.user !== null) {
      showSetup(route, route.user);
      void ensure(session, route.user);
    }
    profile.show(session?.currentUser ?? null);
  }
  top.show(session, route.view);
  transport.show(route.transport);
  chat.element.hidden = route.view !== "chat";
  views.classList.toggle("is-profile", route.view === "profile");
  profile.element.hidden = route.view !== "profile";
  chat.show(session, route.conversation);
  renderTitle();
}

function renderTitle(): void {
  const { user } = currentRoute();
  const count = unread > 0 ? `(${unread}) ` : "";
  document.title = user === null ? "Causerie demo" : `${count}${PEOPLE[user]?.name ?? user} · Causerie demo`;
}

/** Returns the session of a user: the same one each time, until a fatal error ends it. */
function sessionOf(route: Route, userId: string): TalkSession | null {
  try {
    const session = getTalkSession({ appId: route.app, userId, transport: route.transport });
    listen(session);
    return session;
  } catch (thrown) {
    people.showError(problemOf(thrown));
    return null;
  }
}

const listening = new WeakSet<TalkSession>();

function listen(session: TalkSession): void {
  if (listening.has(session)) return;
  listening.add(session);
  session.onError((error) => {
    if (shownSession === session) fill(fatal, problemView(problemOf(error), render), startAgain());
  });
}

function startAgain(): HTMLElement {
  return h(
    "p",
    { class: "actions" },
    h("button", { type: "button", class: "button", onclick: render }, "Start a new session"),
  );
}

/** Changes the route without loading the page again. */
function visit(change: Partial<Route>): void {
  navigate(change);
  render();
}

function mayLeave(): boolean {
  return !profile.isDirty() || confirm("The profile has changes that were not saved. Leave them?");
}

addEventListener("popstate", render);
fill(byId("main"), people.element, fatal, intro, views, calls);
render();
startMonitoring();
