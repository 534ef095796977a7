// The switch between WebSocket and HTTP. A session keeps its transport, so switching loads the page again.

import { h } from "./dom";
import { type Route, urlOf, currentRoute } from "./route";

type Transport = Route["transport"];

/** Creates the switch. `mayLeave` is called before the page is left; it is not left if that returns false. */
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
    if (mayLeave()) location.assign(new URL(urlOf({ transport }), location.href));
    else show(currentRoute().transport);
  });
  return { element, show };
}
