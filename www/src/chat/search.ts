// Search in the user's conversations and messages, while the words are typed. The results take the place of
// the list; Escape or an empty field brings it back.

import type { ConversationSnapshot, SearchMessageSnapshot, SearchStatus, TalkSession } from "causerie";

import { perform } from "../calls";
import { announce, fill, h } from "../dom";
import { type Problem, problemView } from "../problem";
import { urlOf } from "../route";
import { type Scope, createScope } from "../scope";
import { skeletons } from "../skeleton";
import { isComposing } from "../thread/text-field";
import { excerpt } from "./highlight";
import { conversationTitle } from "./title";

/** The pause in typing after which the search begins. */
const PAUSE_MS = 150;

export interface Search {
  field: HTMLElement;
  results: HTMLElement;
  end(): void;
}

/** The members that both searches of the SDK have. */
interface Searcher {
  setQuery(query: string): Promise<unknown>;
  loadMore(): Promise<unknown>;
}

/**
 * Creates the search. `onOpen` is called with a conversation, and the message in it that was found;
 * `onActive` with whether there are results to show in place of the list.
 */
export function searchPanel(
  session: TalkSession,
  onOpen: (conversation: string, message: string | null) => void,
  onActive: (isActive: boolean) => void,
): Search {
  const input = h("input", {
    type: "search",
    name: "search",
    placeholder: "Search",
    "aria-label": "Search conversations and messages",
    autocomplete: "off",
    spellcheck: "false",
    enterkeyhint: "search",
  });
  const field = h("search", { class: "search-field" }, input);
  const scope = createScope();
  let query = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const conversations = section<ConversationSnapshot>(
    "Conversations",
    "session.searchConversations(onResults)",
    (show) => session.searchConversations(show),
    (conversation, part) => conversationResult(conversation, part),
  );
  const messages = section<SearchMessageSnapshot>(
    "Messages",
    "session.searchMessages(onResults)",
    (show) => session.searchMessages(show),
    (found, part) => messageResult(found, part),
  );
  const nothing = h("p", { class: "hint nothing" });
  const results = h(
    "div",
    { class: "search-results scrolls", role: "region", "aria-label": "Search results", hidden: true },
    conversations.element,
    messages.element,
    nothing,
  );

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(run, PAUSE_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (isComposing(event)) return;
    if (event.key === "Escape" && input.value !== "") {
      event.preventDefault();
      input.value = "";
      run();
    } else if (event.key === "Enter") run();
  });

  function run(): void {
    clearTimeout(timer);
    const next = input.value.trim();
    if (next === query) return;
    query = next;
    results.hidden = query === "";
    onActive(query !== "");
    nothing.textContent = "";
    results.scrollTop = 0;
    conversations.search(query);
    messages.search(query);
  }

  /** Says that nothing was found, or how much, once both searches have ended. */
  function drawSummary(): void {
    const found = [conversations.count(), messages.count()];
    if (query === "" || found.includes(null)) return;
    const count = found.reduce<number>((sum, one) => sum + (one ?? 0), 0);
    nothing.textContent = count === 0 ? `Nothing begins with “${query}”. Search for other words.` : "";
    announce(count === 0 ? "Nothing found" : `${count} ${count === 1 ? "result" : "results"}`);
  }

  /** Creates the results of one of the two searches. */
  function section<Result>(
    title: string,
    code: string,
    make: (onResults: (results: Result[], status: SearchStatus) => void) => Searcher,
    rowOf: (result: Result, part: Scope) => HTMLElement,
  ): { element: HTMLElement; search(query: string): void; count(): number | null } {
    const list = h("ul", { class: "conversations", "aria-label": title });
    const loading = h("div");
    const errorArea = h("div");
    const more = h(
      "button",
      {
        type: "button",
        class: "button small quiet",
        onclick: () => void attempt("loadMore()", searcher.loadMore()),
      },
      "More results",
    );
    const element = h("section", {}, h("h2", {}, title), loading, errorArea, list, more);
    let part = scope.child();
    let shown: Result[] = [];
    let count: number | null = 0;
    const searcher = make((found, status) => {
      if (query === "") return;
      more.hidden = status !== "canLoadMore";
      count = status === "searching" ? null : found.length;
      element.hidden = count === 0;
      // The results of the previous words stay until there are others, so that nothing flickers.
      const isFirst = status === "searching" && found.length === 0;
      fill(loading, isFirst && shown.length === 0 && skeletons("conversation", 2));
      if (!isFirst) draw(found);
      drawSummary();
    });

    function draw(found: Result[]): void {
      if (found === shown) return;
      shown = found;
      const previous = part;
      part = scope.child();
      fill(list, ...found.map((result) => h("li", {}, rowOf(result, part))));
      previous.end();
    }

    async function attempt(call: string, pending: Promise<unknown>): Promise<void> {
      fill(errorArea);
      const outcome = await perform(`const search = ${code};\nawait search.${call};`, () => pending);
      if (outcome.ok || query === "") return;
      fail(outcome.problem);
    }

    function fail(problem: Problem): void {
      count = 0;
      element.hidden = false;
      fill(loading);
      draw([]);
      fill(
        errorArea,
        problemView(
          problem,
          () => void attempt(`setQuery(${JSON.stringify(query)})`, searcher.setQuery(query)),
        ),
      );
    }

    element.hidden = more.hidden = true;
    return {
      element,
      count: () => count,
      search(text) {
        more.hidden = true;
        count = text === "" ? 0 : null;
        fill(errorArea);
        if (text === "") draw([]);
        // An empty query ends the one before it.
        if (text === "") void searcher.setQuery(text).catch(() => {});
        else void attempt(`setQuery(${JSON.stringify(text)})`, searcher.setQuery(text));
      },
    };
  }

  function conversationResult(conversation: ConversationSnapshot, part: Scope): HTMLElement {
    const title = conversationTitle(session, conversation.id, part);
    title.update(conversation);
    if (conversation.subject !== null) fill(title.name, ...excerpt(conversation.subject, query));
    return resultLink(
      conversation.id,
      null,
      title.picture,
      h("span", { class: "texts" }, title.name, title.names),
    );
  }

  function messageResult({ conversation, message }: SearchMessageSnapshot, part: Scope): HTMLElement {
    const title = conversationTitle(session, conversation.id, part);
    title.update(conversation);
    const when = h(
      "time",
      { class: "when", datetime: new Date(message.createdAt).toISOString() },
      dateOf(message.createdAt),
    );
    const from = message.sender === null ? "" : `${message.sender.name}: `;
    const texts = h(
      "span",
      { class: "texts" },
      h("span", { class: "line" }, title.name, when),
      h("span", { class: "found", dir: "auto" }, from, ...excerpt(message.plaintext, query)),
    );
    return resultLink(conversation.id, message.id, title.picture, texts);
  }

  function resultLink(conversation: string, message: string | null, ...children: HTMLElement[]): HTMLElement {
    const href = urlOf({ conversation, view: "chat" });
    const link = h("a", { href, "data-found": message ?? conversation }, ...children);
    link.addEventListener("click", (event) => {
      // With a modifier key, the browser opens the link in a new window.
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      onOpen(conversation, message);
    });
    return link;
  }

  return {
    field,
    results,
    end() {
      clearTimeout(timer);
      scope.end();
    },
  };
}

const DATE = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const WITH_YEAR = new Intl.DateTimeFormat(undefined, { month: "short", year: "numeric" });

function dateOf(time: number): string {
  const isThisYear = new Date(time).getFullYear() === new Date().getFullYear();
  return (isThisYear ? DATE : WITH_YEAR).format(time);
}
