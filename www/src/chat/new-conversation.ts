// The dialog that starts a conversation. A conversation of two has an id made of their ids, so both reach the
// same one, whoever starts it; a group, or a conversation with a subject, has a random id. (Anyone who knows
// an id can join, if the app has `conversation_sync = true`; otherwise its backend creates conversations.)

import type { TalkSession } from "causerie";

import { perform } from "../calls";
import { callOf, literal } from "../code";
import { fill, h } from "../dom";
import { avatar } from "../avatar";
import { PEOPLE, ensure } from "../people";
import { type Problem, problemOf, problemView } from "../problem";

/** Creates the dialog; `onStarted` is called with the id of the conversation. */
export function newConversationDialog(
  session: TalkSession,
  onStarted: (id: string) => void,
): HTMLDialogElement {
  const me = session.currentUser.id;
  const people = Object.entries(PEOPLE).filter(([id]) => id !== me);
  const boxes = people.map(([id]) => h("input", { type: "checkbox", name: "with", value: id }));
  const other = h("input", {
    name: "other",
    placeholder: "any other id",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    "aria-label": "Another user's id",
  });
  const subject = h("input", {
    name: "subject",
    placeholder: "optional",
    autocomplete: "off",
    "aria-label": "Subject",
  });
  const errorArea = h("div");
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
    errorArea,
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
    fill(errorArea);
  });

  async function submit(): Promise<void> {
    const ids = boxes.filter((box) => box.checked).map((box) => box.value);
    if (other.value !== "" && other.value !== me) ids.push(other.value);
    fill(errorArea);
    if (ids.length === 0) return showError("Choose a user or enter an id.");
    start.disabled = true;
    const outcome = await createConversation(ids, subject.value.trim());
    start.disabled = false;
    if (typeof outcome !== "string")
      return fill(
        errorArea,
        problemView(outcome, () => void submit()),
      );
    dialog.close();
    onStarted(outcome);
  }

  function showError(text: string): void {
    fill(errorArea, h("p", { class: "wrong", role: "alert" }, text));
  }

  /** Creates the conversation and adds the participants. Resolves with its id, or with the error. */
  async function createConversation(ids: string[], subject: string): Promise<string | Problem> {
    try {
      for (const id of ids) {
        const found = PEOPLE[id] === undefined ? await checkExists(id) : await ensure(session, id);
        if (!found.ok) return found.problem;
      }
      const [first] = ids;
      const isForTwo = ids.length === 1 && subject === "" && first !== undefined;
      const id = isForTwo ? JSON.stringify([me, first].sort()) : crypto.randomUUID();
      const conversation = session.conversation(id);
      // No call waits for the previous one: they are executed in this order.
      const steps = [
        perform(creationCode(id, subject), () =>
          conversation.createIfNotExists(subject === "" ? {} : { subject }),
        ),
        ...ids.map((user) =>
          perform(`await conversation.participant(${literal(user)}).createIfNotExists();`, () =>
            conversation.participant(user).createIfNotExists(),
          ),
        ),
      ];
      for (const outcome of await Promise.all(steps)) if (!outcome.ok) return outcome.problem;
      return id;
    } catch (thrown) {
      // An invalid id throws synchronously.
      return problemOf(thrown);
    }
  }

  async function checkExists(id: string): ReturnType<typeof ensure> {
    const user = session.user(id);
    const outcome = await perform(`await session.user(${literal(id)}).get();`, () => user.get());
    if (!outcome.ok) return outcome;
    if (outcome.value !== null) return { ok: true, value: undefined };
    return {
      ok: false,
      problem: problemOf(
        new Error(`There is no user “${id}” yet. Sign in as that user once, or create the user by REST.`),
      ),
    };
  }

  return dialog;
}

function creationCode(id: string, subject: string): string {
  const start = `const conversation = session.conversation(${literal(id)});\nawait conversation.`;
  return subject === ""
    ? `${start}createIfNotExists();`
    : `${start}${callOf("createIfNotExists(", { subject })}`;
}
