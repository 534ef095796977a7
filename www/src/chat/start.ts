// Starting a conversation: with whom, and about what. Two people meet in the same conversation whoever of them starts it,
// because its id is made of theirs; a group, or a conversation about something, gets an id of its own. (Who knows an id can
// join, as long as the app lets browsers write conversations: an app with secrets leaves that to its backend.)

import type { TalkSession } from "causerie";

import { perform } from "../calls";
import { callOf, literal } from "../code";
import { fill, h } from "../dom";
import { PEOPLE, avatar, ensure } from "../people";
import { type Problem, problemOf, problemView } from "../problem";

/** The dialog that starts a conversation; `onStarted` is given its id. */
export function startDialog(session: TalkSession, onStarted: (id: string) => void): HTMLDialogElement {
  const me = session.currentUser.id;
  const people = Object.entries(PEOPLE).filter(([id]) => id !== me);
  const boxes = people.map(([id]) => h("input", { type: "checkbox", name: "with", value: id }));
  const other = h("input", {
    name: "other",
    placeholder: "any other id",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    "aria-label": "Somebody else's id",
  });
  const subject = h("input", {
    name: "subject",
    placeholder: "optional",
    autocomplete: "off",
    "aria-label": "Subject",
  });
  const trouble = h("div");
  const start = h("button", { class: "button strong" }, "Start");
  const form = h(
    "form",
    { novalidate: true },
    h("h2", {}, "New conversation"),
    h(
      "fieldset",
      { class: "with" },
      h("legend", {}, "With"),
      ...people.map(([id, { name, photoUrl }], index) =>
        h(
          "label",
          { class: "check person" },
          boxes[index] ?? null,
          avatar(id, name, photoUrl, "small"),
          name,
        ),
      ),
      other,
    ),
    h("label", { class: "stacked" }, h("span", { class: "label" }, "Subject"), subject),
    trouble,
    h(
      "div",
      { class: "actions" },
      start,
      h("button", { type: "button", class: "button", onclick: () => dialog.close() }, "Cancel"),
    ),
  );
  const dialog = h("dialog", { class: "card", "aria-label": "New conversation" }, form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void submit();
  });
  dialog.addEventListener("close", () => {
    form.reset();
    fill(trouble);
  });

  async function submit(): Promise<void> {
    const ids = boxes.filter((box) => box.checked).map((box) => box.value);
    if (other.value !== "" && other.value !== me) ids.push(other.value);
    fill(trouble);
    if (ids.length === 0) return blame("Choose somebody, or write somebody's id.");
    start.disabled = true;
    const answer = await begin(ids, subject.value.trim());
    start.disabled = false;
    if (typeof answer !== "string")
      return fill(
        trouble,
        problemView(answer, () => void submit()),
      );
    dialog.close();
    onStarted(answer);
  }

  function blame(text: string): void {
    fill(trouble, h("p", { class: "wrong", role: "alert" }, text));
  }

  /** Makes the conversation and puts everybody in; the id, or why not. */
  async function begin(ids: string[], about: string): Promise<string | Problem> {
    try {
      for (const id of ids) {
        const isThere = PEOPLE[id] === undefined ? await find(id) : await ensure(session, id);
        if (!isThere.ok) return isThere.problem;
      }
      const [first] = ids;
      const isForTwo = ids.length === 1 && about === "" && first !== undefined;
      const id = isForTwo ? JSON.stringify([me, first].sort()) : crypto.randomUUID();
      const conversation = session.conversation(id);
      // Each call is made without waiting for the one before: the SDK carries them out in this order.
      const steps = [
        perform(made(id, about), () =>
          conversation.createIfNotExists(about === "" ? {} : { subject: about }),
        ),
        ...ids.map((user) =>
          perform(`await conversation.participant(${literal(user)}).createIfNotExists();`, () =>
            conversation.participant(user).createIfNotExists(),
          ),
        ),
      ];
      for (const answer of await Promise.all(steps)) if (!answer.ok) return answer.problem;
      return id;
    } catch (thrown) {
      // An id that cannot be one throws at once.
      return problemOf(thrown);
    }
  }

  async function find(id: string): ReturnType<typeof ensure> {
    const user = session.user(id);
    const answer = await perform(`await session.user(${literal(id)}).get();`, () => user.get());
    if (!answer.ok) return answer;
    if (answer.value !== null) return { ok: true, value: undefined };
    return {
      ok: false,
      problem: problemOf(
        new Error(`There is no user “${id}” yet. Sign in as them once, or create them by REST.`),
      ),
    };
  }

  return dialog;
}

function made(id: string, about: string): string {
  const start = `const conversation = session.conversation(${literal(id)});\nawait conversation.`;
  return about === ""
    ? `${start}createIfNotExists();`
    : `${start}${callOf("createIfNotExists(", { subject: about })}`;
}
