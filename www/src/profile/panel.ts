// The profile: view it, change it, and preview the call before it is made.
//
// load → the card and the form show the stored values → each change updates the preview under the form → save
// → the profile is loaded again, so that the page shows what is stored.

import type { CreateUserParams, SetUserParams, UserRef, UserSnapshot } from "causerie";

import { type Outcome, perform } from "../calls";
import { callOf, codeBlock, literal } from "../code";
import { announce, fill, h } from "../dom";
import { type Problem, problemView } from "../problem";
import { onReconnect } from "../connectivity";
import { missingUserCard, userCard } from "./card";
import type { Field } from "./field";
import { profileFields } from "./fields";

export interface ProfilePanel {
  element: HTMLElement;
  /** Shows a user, or nothing. */
  show(user: UserRef | null): void;
  /** Whether the form has unsaved changes. */
  isDirty(): boolean;
}

export function profilePanel(): ProfilePanel {
  const shown = h("div", { class: "shown", "aria-live": "polite" });
  const resultArea = h("div");
  const preview = h("div", { class: "preview" });
  const fields = profileFields(changed);
  const save = h("button", { class: "button strong" }, "Save ", h("code", {}, "set()"));
  const create = h(
    "button",
    { type: "button", class: "button" },
    "Create ",
    h("code", {}, "createIfNotExists()"),
  );
  // The result is shown next to the buttons, which stay visible.
  const actions = h("div", { class: "save" }, resultArea, h("div", { class: "actions" }, save, create));
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
  let stored: UserSnapshot | null | undefined;
  let needsReload = false;
  let busy = false;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void write("set");
  });
  create.addEventListener("click", () => void write("createIfNotExists"));
  onReconnect(() => {
    if (needsReload) void load();
  });

  /** Returns the parameters of the form; kept fields are absent. */
  function params(): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const field of fields) {
      const value = field.read();
      if (value.mode === "set") result[field.name] = value.value;
      if (value.mode === "null") result[field.name] = null;
    }
    return result;
  }

  function changed(): void {
    fill(resultArea);
    drawPreview();
  }

  function drawPreview(): void {
    const user = ref;
    if (user === null) return;
    const changes = params();
    const nothing = Object.keys(changes).length === 0;
    fill(
      preview,
      h("p", { class: "preview-title" }, nothing ? "Nothing has been changed yet" : "What will be sent"),
      !nothing &&
        codeBlock(callOf(`await session.user(${literal(user.id)}).set(`, changes), "js", "what will be sent"),
    );
    actions.classList.toggle("dirty", !nothing);
    save.disabled = busy || nothing;
    create.disabled = busy || nothing;
  }

  async function load(): Promise<boolean> {
    const user = ref;
    if (user === null) return false;
    needsReload = false;
    if (stored === undefined) fill(shown, skeleton());
    element.setAttribute("aria-busy", "true");
    const outcome = await perform(`const snapshot = await session.user(${literal(user.id)}).get();`, () =>
      user.get(),
    );
    if (user !== ref) return false;
    element.removeAttribute("aria-busy");
    if (!outcome.ok) {
      needsReload = outcome.problem.retryable;
      fill(
        shown,
        problemView(outcome.problem, () => void load()),
      );
      return false;
    }
    stored = outcome.value;
    fill(shown, stored === null ? missingUserCard(user.id) : userCard(stored));
    if (form.hidden) {
      form.hidden = false;
      resetForm(fields);
    }
    return true;
  }

  /** Resets these fields to the stored values. */
  function resetForm(fields: Field[]): void {
    const values: Record<string, unknown> = stored ? { ...stored } : {};
    for (const field of fields) field.reset(values[field.name]);
    drawPreview();
  }

  async function write(method: "set" | "createIfNotExists"): Promise<void> {
    const user = ref;
    if (user === null || busy) return;
    const changes = params();
    for (const field of fields) field.clearError();
    fill(resultArea);
    setBusy(true);
    const sent = fields.map((field) => JSON.stringify(field.read()));
    const existed = stored !== null;
    const code = callOf(`await session.user(${literal(user.id)}).${method}(`, changes);
    const outcome: Outcome<void> = await perform(code, () => {
      // The page shows how the server checks values, so the compiler's checks are bypassed.
      if (method === "set") return user.set(changes as SetUserParams);
      return user.createIfNotExists(changes as unknown as CreateUserParams);
    });
    setBusy(false);
    if (user !== ref) return;
    if (!outcome.ok) return showError(outcome.problem, method);
    const didNothing = method === "createIfNotExists" && existed;
    const message = didNothing
      ? "This user exists already, so nothing was changed."
      : "Saved: the server has written it to disk.";
    fill(resultArea, h("p", { class: "success" }, message));
    announce(message);
    // Fields that were edited in the meantime keep their input.
    if (await load())
      resetForm(fields.filter((field, index) => JSON.stringify(field.read()) === sent[index]));
  }

  function showError(problem: Problem, method: "set" | "createIfNotExists"): void {
    fill(
      resultArea,
      problemView(problem, () => void write(method)),
    );
    const named = problem.field ?? (problem.code === "name_required" ? "name" : null);
    if (named === null) return;
    const field = fields.find(
      ({ name }) => named === name || named.startsWith(`${name}.`) || named.startsWith(`${name}[`),
    );
    field?.showError(named, problem.plain);
  }

  function setBusy(isBusy: boolean): void {
    busy = isBusy;
    save.classList.toggle("busy", isBusy);
    drawPreview();
  }

  return {
    element,
    async show(user) {
      ref = user;
      stored = undefined;
      form.hidden = true;
      fill(resultArea);
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
      "The server keeps these for notifications and never sends them to a browser, not even to their owner. So the form shows nothing here, whether a value is stored or not.",
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
      h("span", { class: "visually-hidden" }, "Loading…"),
    ),
  );
}
