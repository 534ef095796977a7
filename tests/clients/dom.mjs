// A page for the frameworks, by jsdom. Import it before the framework, which looks at the globals once.
import { JSDOM } from "jsdom";

const { window } = new JSDOM("<!doctype html><body></body>", {
  url: "http://127.0.0.1/",
  pretendToBeVisual: true,
});
const NAMES = [
  ...[
    "document",
    "navigator",
    "Node",
    "Element",
    "HTMLElement",
    "SVGElement",
    "ShadowRoot",
    "Text",
    "Comment",
  ],
  ...["HTMLIFrameElement", "HTMLMediaElement", "Event", "MutationObserver", "requestAnimationFrame"],
];
Object.defineProperty(globalThis, "window", { value: window });
for (const name of NAMES) {
  Object.defineProperty(globalThis, name, { value: window[name], configurable: true, writable: true });
}

export const { document } = window;

/** Writes into an input as a user does, so that frameworks notice it. */
export const type = (input, text) => {
  const { set } = Object.getOwnPropertyDescriptor(window.HTMLInputElement.prototype, "value");
  set.call(input, text);
  input.dispatchEvent(new window.Event("input", { bubbles: true }));
};

export const submit = (form) =>
  form.dispatchEvent(new window.Event("submit", { bubbles: true, cancelable: true }));

/** Adds an element to the page in which an app can be mounted. */
export const place = () => document.body.appendChild(document.createElement("div"));

/** Returns the texts of the elements that match a selector, in order. */
export const textsOf = (root, selector) =>
  [...root.querySelectorAll(selector)].map(({ textContent }) => textContent);
