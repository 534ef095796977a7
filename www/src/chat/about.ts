// Details of a conversation: its participants, its subject, and every property of its snapshot.

import type {
  ConversationRef,
  ConversationSnapshot,
  ParticipantSnapshot,
  ParticipantSubscription,
  TalkSession,
} from "causerie";

import { perform } from "../calls";
import { callOf, literal } from "../code";
import { fill, h } from "../dom";
import { type Row, keyed } from "../keyed";
import type { Scope } from "../scope";
import { avatar } from "../avatar";
import { ensure } from "../people";
import { onlineDot } from "../presence";
import { problemOf, problemView } from "../problem";
import { messageCommand } from "../thread/absent";
import { factsView } from "./facts";

export interface About {
  element: HTMLElement;
  show(isShown: boolean): void;
  update(conversation: ConversationSnapshot): void;
}

/** Creates the pane next to the messages; it is up to date until the scope ends. */
export function aboutPane(
  app: string,
  session: TalkSession,
  conversation: ConversationRef,
  scope: Scope,
  onLeft: () => void,
): About {
  const me = session.currentUser.id;
  const list = h("ul", { class: "participants", "aria-label": "Participants" });
  const more = h(
    "button",
    { type: "button", class: "button small quiet", onclick: () => void loadMore() },
    "Load more",
  );
  const errorArea = h("div");
  const facts = h("div");
  const draw = keyed<ParticipantSnapshot>(list, { keyOf: ({ user }) => user.id, make: participantRow });
  const people: ParticipantSubscription = scope.keep(
    "conversation.subscribeParticipants(onSnapshot)",
    conversation.subscribeParticipants((participants, loadedAll) => {
      draw(participants ?? []);
      more.hidden = loadedAll;
    }),
  );
  let shown: ConversationSnapshot | null = null;

  const id = h("input", {
    name: "participant",
    placeholder: "user id",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    "aria-label": "Add a user by id",
  });
  const add = h("form", { class: "inline", novalidate: true }, id, h("button", { class: "button" }, "Add"));
  add.addEventListener("submit", (event) => {
    event.preventDefault();
    void invite(id.value);
  });
  const subject = h("input", {
    name: "subject",
    placeholder: "no subject",
    autocomplete: "off",
    "aria-label": "Subject",
  });
  const rename = h(
    "form",
    { class: "inline", novalidate: true },
    subject,
    h("button", { class: "button" }, "Rename"),
  );
  rename.addEventListener("submit", (event) => {
    event.preventDefault();
    const params = { subject: subject.value.trim() === "" ? null : subject.value.trim() };
    void attempt(callOf("await conversation.set(", params), () => conversation.set(params));
  });

  const loadMore = (): Promise<boolean> => attempt("await subscription.loadMore();", () => people.loadMore());

  async function attempt(code: string, call: () => Promise<void>): Promise<boolean> {
    fill(errorArea);
    const outcome = await perform(code, call);
    if (!outcome.ok)
      fill(
        errorArea,
        problemView(outcome.problem, () => void attempt(code, call)),
      );
    return outcome.ok;
  }

  async function invite(user: string): Promise<void> {
    fill(errorArea);
    try {
      const participant = conversation.participant(user);
      const found = await ensure(session, user);
      if (!found.ok)
        return fill(
          errorArea,
          problemView(found.problem, () => void invite(user)),
        );
      const code = `await conversation.participant(${literal(user)}).createIfNotExists();`;
      if (await attempt(code, () => participant.createIfNotExists())) id.value = "";
    } catch (thrown) {
      // An invalid id throws synchronously.
      fill(errorArea, h("p", { class: "wrong", role: "alert" }, problemOf(thrown).plain));
    }
  }

  async function remove(user: string): Promise<void> {
    if (user === me && !confirm("Leave this conversation?")) return;
    const code = `await conversation.participant(${literal(user)}).delete();`;
    if ((await attempt(code, () => conversation.participant(user).delete())) && user === me) onLeft();
  }

  function participantRow(first: ParticipantSnapshot): Row<ParticipantSnapshot> {
    const rowScope = scope.child();
    const dot = onlineDot(session, first.user.id, rowScope);
    const picture = h("span", { class: "picture" });
    const name = h("span", { class: "name", dir: "auto" });
    const access = h("span", { class: "hint" });
    const isMe = first.user.id === me;
    const button = h(
      "button",
      { type: "button", class: "button small quiet", onclick: () => void remove(first.user.id) },
      isMe ? "Leave" : "Remove",
    );
    const row: Row<ParticipantSnapshot> = {
      element: h(
        "li",
        { "data-participant": first.user.id },
        picture,
        h("span", { class: "texts" }, name, access),
        button,
      ),
      update({ user, access: level }) {
        fill(picture, avatar(user.id, user.name, user.photoUrl, "small"), dot);
        name.textContent = isMe ? `${user.name} (you)` : user.name;
        access.textContent = level === "Read" ? "read only" : "";
        button.ariaLabel = isMe ? "Leave" : `Remove ${user.name}`;
      },
      removed: rowScope.end,
    };
    row.update(first);
    return row;
  }

  const element = h(
    "aside",
    { class: "about scrolls", "aria-label": "About this conversation", hidden: true },
    h("h3", {}, "Participants"),
    list,
    more,
    add,
    errorArea,
    h("h3", {}, "Subject"),
    rename,
    h("h3", {}, "Its snapshot"),
    facts,
    messageCommand(app, conversation.id),
  );

  function drawFacts(): void {
    if (shown !== null && !element.hidden)
      fill(facts, factsView(shown, facts.querySelector("details")?.open ?? false));
  }

  return {
    element,
    show(isShown) {
      element.hidden = !isShown;
      drawFacts();
    },
    update(next) {
      if (next.subject !== shown?.subject && document.activeElement !== subject)
        subject.value = next.subject ?? "";
      shown = next;
      drawFacts();
    },
  };
}
