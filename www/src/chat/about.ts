// About a conversation: who is in it, what it is called, and every property of its snapshot.

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
import type { Scope } from "../live";
import { avatar, ensure } from "../people";
import { onlineDot } from "../presence";
import { problemOf, problemView } from "../problem";
import { messageLine } from "../thread/absent";
import { factsView } from "./facts";

export interface About {
  element: HTMLElement;
  show(isShown: boolean): void;
  update(conversation: ConversationSnapshot): void;
}

/** The pane beside the messages, live until the scope ends. */
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
  const trouble = h("div");
  const facts = h("div");
  const draw = keyed<ParticipantSnapshot>(list, { keyOf: ({ user }) => user.id, make: participantRow });
  const people: ParticipantSubscription = scope.follow(
    "conversation.subscribeParticipants(onSnapshot)",
    conversation.subscribeParticipants((participants, loadedAll) => {
      draw(participants ?? []);
      more.hidden = loadedAll;
    }),
  );
  let known: ConversationSnapshot | null = null;

  const id = h("input", {
    name: "participant",
    placeholder: "user id",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    "aria-label": "Add somebody by id",
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
    fill(trouble);
    const answer = await perform(code, call);
    if (!answer.ok)
      fill(
        trouble,
        problemView(answer.problem, () => void attempt(code, call)),
      );
    return answer.ok;
  }

  async function invite(user: string): Promise<void> {
    fill(trouble);
    try {
      const participant = conversation.participant(user);
      const isThere = await ensure(session, user);
      if (!isThere.ok)
        return fill(
          trouble,
          problemView(isThere.problem, () => void invite(user)),
        );
      const code = `await conversation.participant(${literal(user)}).createIfNotExists();`;
      if (await attempt(code, () => participant.createIfNotExists())) id.value = "";
    } catch (thrown) {
      // An id that cannot be one throws at once.
      fill(trouble, h("p", { class: "wrong", role: "alert" }, problemOf(thrown).plain));
    }
  }

  async function remove(user: string): Promise<void> {
    if (user === me && !confirm("Leave this conversation?")) return;
    const code = `await conversation.participant(${literal(user)}).delete();`;
    if ((await attempt(code, () => conversation.participant(user).delete())) && user === me) onLeft();
  }

  function participantRow(first: ParticipantSnapshot): Row<ParticipantSnapshot> {
    const held = scope.part();
    const dot = onlineDot(session, first.user.id, held);
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
      update({ user, access: may }) {
        fill(picture, avatar(user.id, user.name, user.photoUrl, "small"), dot);
        name.textContent = isMe ? `${user.name} (you)` : user.name;
        access.textContent = may === "Read" ? "may only read" : "";
        button.ariaLabel = isMe ? "Leave" : `Remove ${user.name}`;
      },
      gone: held.end,
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
    trouble,
    h("h3", {}, "Subject"),
    rename,
    h("h3", {}, "Its snapshot"),
    facts,
    messageLine(app, conversation.id),
  );

  function drawFacts(): void {
    if (known !== null && !element.hidden)
      fill(facts, factsView(known, facts.querySelector("details")?.open ?? false));
  }

  return {
    element,
    show(isShown) {
      element.hidden = !isShown;
      drawFacts();
    },
    update(next) {
      if (next.subject !== known?.subject && document.activeElement !== subject)
        subject.value = next.subject ?? "";
      known = next;
      drawFacts();
    },
  };
}
