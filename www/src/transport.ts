// The switch between WebSocket and HTTP. A session keeps the transport it began with, so another transport is another page.

import { h } from "./dom";
import { type Place, addressOf, here } from "./place";

type Transport = Place["transport"];

/** The switch; `mayLeave` is asked before the page is left. */
export function transportSwitch(mayLeave: () => boolean): {
  element: HTMLElement;
  show(transport: Transport): void;
} {
  const radios = (["auto", "http"] as const).map((value) =>
    h("input", { type: "radio", name: "transport", value }),
  );
  const element = h(
    "fieldset",
    { class: "transport" },
    h("legend", {}, "Transport"),
    ...radios.map((radio) => h("label", {}, radio, h("span", {}, radio.value))),
  );
  const show = (transport: Transport): void => {
    for (const radio of radios) radio.checked = radio.value === transport;
  };
  element.addEventListener("change", () => {
    const transport = radios[1]?.checked ? "http" : "auto";
    if (mayLeave()) location.assign(new URL(addressOf({ transport }), location.href));
    else show(here().transport);
  });
  return { element, show };
}
