// The code that does what the page does: values as JavaScript, coloured, and ready to be copied.

import { announce, h } from "./dom";

const WIDTH = 60;

/** A call with its argument: on one line where that fits. */
export function callOf(start: string, argument: unknown): string {
  return `${start}${literal(argument, "", start.length)});`;
}

/** A value as a person would write it in JavaScript, where `taken` characters of the line are in use. */
export function literal(value: unknown, indent = "", taken = 0): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((entry) => literal(entry, inner))
    : Object.entries(value).map(([key, entry]) => `${keyOf(key)}: ${literal(entry, inner)}`);
  if (parts.length === 0) return open + close;
  const gap = Array.isArray(value) ? "" : " ";
  const line = `${open}${gap}${parts.join(", ")}${gap}${close}`;
  if (line.length + Math.max(taken, indent.length) <= WIDTH && !line.includes("\n")) return line;
  return `${open}\n${parts.map((part) => `${inner}${part},\n`).join("")}${indent}${close}`;
}

function keyOf(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}

/** A word of a shell's command line: in single quotes, with those inside written so that the shell keeps them. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A block of code with a button that copies it. */
export function codeBlock(text: string, language: "js" | "sh" | "json", label: string): HTMLElement {
  const copy = h("button", { type: "button", class: "copy", "aria-label": `Copy: ${label}` }, "Copy");
  copy.addEventListener("click", async () => {
    const copied = await copyText(text);
    copy.textContent = copied ? "Copied" : "Select it";
    announce(copied ? "Copied" : "The browser did not allow copying: select the text instead");
    setTimeout(() => (copy.textContent = "Copy"), 2_000);
  });
  return h("div", { class: "code" }, copy, h("pre", {}, h("code", {}, ...coloured(text, language))));
}

/** Whether the text is in the clipboard now: the browser may say no. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

const TOKENS = {
  js: /(?<comment>\/\/[^\n]*)|(?<string>"(?:[^"\\]|\\.)*")|(?<word>\b(?:import|from|const|await|null|true|false)\b)/g,
  json: /(?<string>"(?:[^"\\]|\\.)*")|(?<word>\b(?:null|true|false)\b)/g,
  sh: /(?<comment>^#[^\n]*)|(?<string>'(?:[^']|'\\'')*')|(?<word>\bcurl\b|\s-[A-Zd]\b)/gm,
};

function coloured(text: string, language: keyof typeof TOKENS): (Node | string)[] {
  const parts: (Node | string)[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKENS[language])) {
    const kind = Object.entries(match.groups ?? {}).find(([, found]) => found !== undefined)?.[0] ?? "";
    parts.push(text.slice(end, match.index), h("span", { class: `of-${kind}` }, match[0]));
    end = match.index + match[0].length;
  }
  parts.push(text.slice(end));
  return parts;
}
