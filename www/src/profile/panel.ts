// The profile: read it, change it, see what will be sent before it is sent.
//
// load → the card and the form show what the server has → each change updates the call under the form → save → the
// answer is read back, so that what is shown is what is stored.

import type { CreateUserParams, SetUserParams, UserRef, UserSnapshot } from "causerie";

import { type Outcome, perform } from "../calls";
import { callOf, codeBlock, literal } from "../code";
import { announce, fill, h } from "../dom";
import { type Problem, problemView } from "../problem";
import { onBack } from "../reach";
import { nobodyCard, userCard } from "./card";
import type { Field } from "./field";
import { profileFields } from "./fields";

export interface ProfilePanel {
  element: HTMLElement;
  /** Shows a user, or nobody. */
  show(user: UserRef | null): void;
  /** Whether there is something in the form that was not sent. */
  isDirty(): boolean;
}

export function profilePanel(): ProfilePanel {
  const shown = h("div", { class: "shown", "aria-live": "polite" });
  const outcome = h("div");
  const preview = h("div", { class: "preview" });
  const fields = profileFields(changed);
  const save = h("button", { class: "button strong" }, "Save ", h("code", {}, "set()"));
  const create = h(
    "button",
    { type: "button", class: "button" },
    "Create ",
    h("code", {}, "createIfNotExists()"),
  );
  // The outcome stands beside the buttons, which stay in sight.
  const actions = h("div", { class: "save" }, outcome, h("div", { class: "actions" }, save, create));
  const form = h(
    "form",
    { novalidate: true, "aria-label": "Edit the profile" },
    ...fields.filter((field) => !isPrivate(field)).map((field) => field.element),
    privateFields(fields.filter(isPrivate)),
    preview,
    actions,
  );
  const element = h(
    "section",
    { class: "card profile", "aria-labelledby": "profile-title" },
    h("h2", { id: "profile-title" }, "Profile"),
    shown,
    form,
  );
  let ref: UserRef | null = null;
  let known: UserSnapshot | null | undefined;
  let unread = false;
  let busy = false;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void write("set");
  });
  create.addEventListener("click", () => void write("createIfNotExists"));
  onBack(() => {
    if (unread) void load();
  });

  /** Exactly the parameters that the form stands for: what is kept is absent. */
  function params(): Record<string, unknown> {
    const made: Record<string, unknown> = {};
    for (const field of fields) {
      const reading = field.read();
      if (reading.mode === "set") made[field.name] = reading.value;
      if (reading.mode === "null") made[field.name] = null;
    }
    return made;
  }

  function changed(): void {
    fill(outcome);
    drawPreview();
  }

  function drawPreview(): void {
    const user = ref;
    if (user === null) return;
    const made = params();
    const nothing = Object.keys(made).length === 0;
    fill(
      preview,
      h("p", { class: "preview-title" }, nothing ? "Nothing is changed yet" : "What will be sent"),
      !nothing &&
        codeBlock(callOf(`await session.user(${literal(user.id)}).set(`, made), "js", "what will be sent"),
    );
    actions.classList.toggle("dirty", !nothing);
    save.disabled = busy || nothing;
    create.disabled = busy || nothing;
  }

  async function load(): Promise<boolean> {
    const user = ref;
    if (user === null) return false;
    unread = false;
    if (known === undefined) fill(shown, skeleton());
    element.setAttribute("aria-busy", "true");
    const answer = await perform(`const snapshot = await session.user(${literal(user.id)}).get();`, () =>
      user.get(),
    );
    if (user !== ref) return false;
    element.removeAttribute("aria-busy");
    if (!answer.ok) {
      unread = answer.problem.retryable;
      fill(
        shown,
        problemView(answer.problem, () => void load()),
      );
      return false;
    }
    known = answer.value;
    fill(shown, known === null ? nobodyCard(user.id) : userCard(known));
    if (form.hidden) {
      form.hidden = false;
      resetForm(fields);
    }
    return true;
  }

  /** Puts what the server has into these fields, and nothing of what was typed. */
  function resetForm(which: Field[]): void {
    const values: Record<string, unknown> = known ? { ...known } : {};
    for (const field of which) field.reset(values[field.name]);
    drawPreview();
  }

  async function write(how: "set" | "createIfNotExists"): Promise<void> {
    const user = ref;
    if (user === null || busy) return;
    const made = params();
    for (const field of fields) field.forgive();
    fill(outcome);
    setBusy(true);
    const sent = fields.map((field) => JSON.stringify(field.read()));
    const existed = known !== null;
    const code = callOf(`await session.user(${literal(user.id)}).${how}(`, made);
    const answer: Outcome<void> = await perform(code, () => {
      // The SDK checks every value, and this page is here to show how; the compiler is told to let them pass.
      if (how === "set") return user.set(made as SetUserParams);
      return user.createIfNotExists(made as unknown as CreateUserParams);
    });
    setBusy(false);
    if (user !== ref) return;
    if (!answer.ok) return blame(answer.problem, how);
    const didNothing = how === "createIfNotExists" && existed;
    const good = didNothing
      ? "This user exists already, so nothing was changed."
      : "Saved: the server has it on disk.";
    fill(outcome, h("p", { class: "success" }, good));
    announce(good);
    // What was typed meanwhile stays.
    if (await load())
      resetForm(fields.filter((field, index) => JSON.stringify(field.read()) === sent[index]));
  }

  function blame(problem: Problem, how: "set" | "createIfNotExists"): void {
    fill(
      outcome,
      problemView(problem, () => void write(how)),
    );
    const named = problem.field ?? (problem.code === "name_required" ? "name" : null);
    if (named === null) return;
    const field = fields.find(
      ({ name }) => named === name || named.startsWith(`${name}.`) || named.startsWith(`${name}[`),
    );
    field?.blame(named, problem.plain);
  }

  function setBusy(is: boolean): void {
    busy = is;
    save.classList.toggle("busy", is);
    drawPreview();
  }

  return {
    element,
    async show(user) {
      ref = user;
      known = undefined;
      form.hidden = true;
      fill(outcome);
      setBusy(false);
      await load();
    },
    isDirty: () => ref !== null && Object.keys(params()).length > 0,
  };
}

function isPrivate(field: Field): boolean {
  return ["email", "phone", "pushTokens"].includes(field.name);
}

function privateFields(fields: Field[]): HTMLElement {
  return h(
    "fieldset",
    { class: "private" },
    h("legend", {}, "Private ", h("span", { class: "badge private" }, "write-only")),
    h(
      "p",
      { class: "hint" },
      "The server keeps these for notifications and never gives them to a browser, not even to their owner. So nothing is shown here, whatever is stored.",
    ),
    ...fields.map((field) => field.element),
  );
}

function skeleton(): HTMLElement {
  return h(
    "div",
    { class: "user skeleton" },
    h("span", { class: "avatar" }),
    h(
      "div",
      { class: "user-text" },
      h("span", { class: "bar" }),
      h("span", { class: "bar short" }),
      h("span", { class: "unseen" }, "Loading…"),
    ),
  );
}
