// Every field of SetUserParams, with its label and hint.

import { h } from "../dom";
import type { Field } from "./field";
import { type Row, rowsField } from "./rows";
import { textField } from "./text";

/** Creates all fields; `onChange` is called after every change by the user. */
export function profileFields(onChange: () => void): Field[] {
  const name = textField(
    {
      name: "name",
      label: "Name",
      hint: "As others see it. Required for a new user, and never null.",
      placeholder: "Alice Liddell",
      nullable: false,
    },
    onChange,
  );
  const photoUrl = textField(
    {
      name: "photoUrl",
      label: "Photo",
      hint: "The address of a picture: https://… or data:image/…",
      placeholder: "https://…",
      inputMode: "url",
    },
    onChange,
  );
  const locale = textField(
    {
      name: "locale",
      label: "Locale",
      hint: "A language tag such as en, pt-BR or zh-Hant-TW.",
      placeholder: "en",
    },
    onChange,
  );
  const role = textField(
    {
      name: "role",
      label: "Role",
      hint: "The set of settings that applies to this user.",
      placeholder: "default",
    },
    onChange,
  );
  const welcomeMessage = textField(
    {
      name: "welcomeMessage",
      label: "Welcome message",
      hint: "Shown when a chat with this user starts.",
      placeholder: "Hello! What can I do for you?",
      lines: 2,
    },
    onChange,
  );
  return [
    name,
    photoUrl,
    locale,
    role,
    welcomeMessage,
    customField(onChange),
    contactsField("email", "E-mail", "address", "email", "alice@example.com", onChange),
    contactsField("phone", "Phone", "number", "tel", "+44 20 7946 0018", onChange),
    pushTokensField(onChange),
  ];
}

interface CustomRow extends Row {
  entry(): [string, string | null];
  toggle: (() => boolean) | null;
}

function customField(onChange: () => void): Field {
  return rowsField<CustomRow>(
    {
      name: "custom",
      label: "Custom data",
      hint: "Only changed keys are sent. Deleting a key sends null for it.",
      setLabel: "patch",
      addLabel: "key",
      fromStored: (stored) =>
        Object.entries(isStringRecord(stored) ? stored : {}).map(([key, value]) => customRow(key, value)),
      createRow: () => customRow(null, ""),
      valueOf: (rows) => Object.fromEntries(rows.map((row) => row.entry())),
      button(row, remove, changed) {
        if (row.toggle === null) return removeButton("Remove this key", remove);
        const button = removeButton("Delete this key", () => {
          const isDeleted = row.toggle?.() ?? false;
          button.textContent = isDeleted ? "↺" : "×";
          button.ariaLabel = isDeleted ? "Keep this key" : "Delete this key";
          button.title = button.ariaLabel;
          button.parentElement?.classList.toggle("deleted", isDeleted);
          changed();
        });
        return button;
      },
    },
    onChange,
  );
}

function customRow(storedKey: string | null, storedValue: string): CustomRow {
  const isNew = storedKey === null;
  const key = h("input", {
    "aria-label": "Key",
    placeholder: "key",
    value: storedKey ?? "",
    readonly: !isNew,
    autocomplete: "off",
    spellcheck: "false",
  });
  const value = h("input", {
    "aria-label": "Value",
    placeholder: "value",
    value: storedValue,
    autocomplete: "off",
  });
  let isDeleted = false;
  return {
    inputs: [key, value],
    hasValue: () =>
      isNew ? key.value !== "" || value.value !== "" : isDeleted || value.value !== storedValue,
    path: () => `custom.${key.value}`,
    entry: () => [key.value, isDeleted ? null : value.value],
    toggle: isNew
      ? null
      : () => {
          isDeleted = !isDeleted;
          value.readOnly = isDeleted;
          return isDeleted;
        },
  };
}

interface ContactRow extends Row {
  text(): string;
}

function contactsField(
  name: string,
  label: string,
  addLabel: string,
  type: string,
  placeholder: string,
  onChange: () => void,
): Field {
  const createRow = (): ContactRow => {
    // The input type is text: the server checks the format and reports errors.
    const input = h("input", {
      "aria-label": label,
      placeholder,
      inputmode: type,
      autocomplete: "off",
      autocapitalize: "none",
    });
    return {
      inputs: [input],
      hasValue: () => input.value !== "",
      path: (index) => `${name}[${index}]`,
      text: () => input.value,
    };
  };
  return rowsField<ContactRow>(
    {
      name,
      label,
      hint: "The new value replaces all stored ones.",
      addLabel,
      fromStored: () => [],
      createRow,
      valueOf: (rows) => rows.map((row) => row.text()),
      button: (_row, remove) => removeButton(`Remove this ${addLabel}`, remove),
    },
    onChange,
  );
}

interface TokenRow extends Row {
  entry(): [string, true | null];
}

function pushTokensField(onChange: () => void): Field {
  const createRow = (): TokenRow => {
    const provider = h(
      "select",
      { "aria-label": "Provider" },
      h("option", {}, "fcm"),
      h("option", {}, "apns"),
    );
    const token = h("input", {
      "aria-label": "Token",
      placeholder: "token id",
      autocomplete: "off",
      spellcheck: "false",
    });
    const action = h(
      "select",
      { "aria-label": "Action" },
      h("option", { value: "true" }, "register"),
      h("option", { value: "null" }, "unregister"),
    );
    const key = () => `${provider.value}:${token.value}`;
    return {
      inputs: [provider, token, action],
      hasValue: () => token.value !== "",
      path: () => `pushTokens.${key()}`,
      entry: () => [key(), action.value === "true" ? true : null],
    };
  };
  return rowsField<TokenRow>(
    {
      name: "pushTokens",
      label: "Push tokens",
      hint: "Devices to notify: Android by fcm, iOS by apns. Null unregisters them all.",
      setLabel: "patch",
      addLabel: "device",
      fromStored: () => [],
      createRow,
      valueOf: (rows) => Object.fromEntries(rows.map((row) => row.entry())),
      button: (_row, remove) => removeButton("Remove this device", remove),
    },
    onChange,
  );
}

function removeButton(label: string, onclick: () => void): HTMLButtonElement {
  return h("button", { type: "button", class: "remove", "aria-label": label, title: label, onclick }, "×");
}

function isStringRecord(value: unknown): value is Record<string, string> {
  return typeof value === "object" && value !== null;
}
