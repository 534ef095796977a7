// A chat program written from the documentation compiles.
import { MessageSnapshot, getTalkSession } from "causerie";
import type {
  ContentBlock,
  ConversationFilter,
  ConversationRef,
  ConversationSnapshot,
  ErrorState,
  MessageActiveState,
  MessageRef,
  MessageSubscription,
  PendingState,
  SimpleConversationFilter,
  Subscription,
  TextNode,
  TypingSnapshot,
  UnsubscribedState,
  UserActiveState,
} from "causerie";

const session = getTalkSession({ appId: "demo", userId: "ada" });
const talk: ConversationRef = session.conversation("order-391");

export async function begin(): Promise<void> {
  // Without `await`: calls are executed in the order in which they are made.
  void talk.createIfNotExists();
  void talk.createIfNotExists({
    subject: "Order 391",
    welcomeMessages: ["Hi!"],
    custom: { order: "391" },
    access: "ReadWrite",
  });
  void talk.set({
    subject: null,
    photoUrl: null,
    custom: { order: null, state: "paid" },
    notify: "MentionsOnly",
  });
  void talk.set({ custom: null, welcomeMessages: null, access: null, notify: null });
  void talk.participant("bob").createIfNotExists({ access: "Read" });
  void talk.participant(session.user("bob")).set({ notify: false });
  void talk.participant(session.user("bob")).edit({ access: null });
  await talk.participant("bob").delete();
  await Promise.all([talk.markAsRead(), talk.markAsUnread(), talk.markAsTyping()]);
}

export async function send(): Promise<MessageRef> {
  const first: MessageRef = await talk.send("Hello *there*");
  await talk.send({ text: "See above", referencedMessage: first, custom: { from: "phone" } });
  await talk.send({ text: "See above", referencedMessage: first.id });
  await talk.send({ content: [{ type: "location", latitude: 52.09, longitude: 5.12 }] });
  await talk.send({
    content: [{ type: "text", children: ["Hi ", { type: "mention", id: "bob", text: "Bob" }] }],
  });
  await talk.send({
    content: [
      {
        type: "text",
        children: [
          { type: "bold", children: ["so ", { type: "italic", children: ["very"] }] },
          { type: "bulletList", children: [{ type: "bulletPoint", children: ["one"] }] },
          { type: "codeSpan", text: "x = 1" },
          { type: "autoLink", url: "https://example.com/", text: "example.com" },
          { type: "customEmoji", text: ":shipit:" },
        ],
      },
    ],
  });
  await first.edit("Hello");
  await first.edit({ text: "Hello", custom: { from: null } });
  await first.edit({ custom: null });
  await first.edit({ content: [{ type: "text", children: ["Hello"] }] });
  return talk.message(first.id);
}

export async function react(message: MessageRef): Promise<string[]> {
  const thumbs = message.reactions("👍");
  await thumbs.add();
  await message.reaction("👍").remove();
  const list = thumbs.subscribe((reactions, loadedAll) =>
    show(
      reactions?.map(({ user }) => user.name),
      loadedAll,
    ),
  );
  await list.loadMore(100);
  list.unsubscribe();
  return (await thumbs.getFirstReactions())?.map(({ user, createdAt }) => `${user.name} ${createdAt}`) ?? [];
}

/** A callback with explicit types, as is common in TypeScript programs. */
const onMessages = (messages: MessageSnapshot[] | null, loadedAll: boolean): void => {
  for (const message of messages ?? []) {
    const replied: string = message.referencedMessage?.sender.name ?? "";
    const reply: string | null = message.referencedMessage?.referencedMessageId ?? null;
    const mine = message.reactions.some(
      ({ emoji, currentUserReacted }) => emoji === "👍" && currentUserReacted,
    );
    show(
      message.sender?.name ?? "system",
      message.plaintext,
      replied,
      reply,
      mine,
      loadedAll,
      html(message.content),
    );
  }
};

export async function watch(): Promise<void> {
  const messages: MessageSubscription = talk.subscribeMessages(onMessages);
  const active: MessageActiveState = await messages.connected;
  show(active.latestSnapshot?.[0]?.editedAt, active.loadedAll);
  if (messages.state.type === "active" && !messages.state.loadedAll) await messages.loadMore();
  const end: UnsubscribedState | ErrorState = await messages.terminated;
  if (end.type === "error") throw end.error;

  // All subscriptions end in the same way, and the callback is optional.
  const all: Subscription[] = [
    messages,
    talk.subscribe((snapshot) => show(snapshot?.lastMessage?.sender?.name, snapshot?.isUnread)),
    talk.subscribe(),
    talk.subscribeMessages(),
    talk.subscribeParticipants((list, loadedAll) =>
      show(
        list?.map(({ user, access }) => [user.name, access]),
        loadedAll,
      ),
    ),
    talk.subscribeTyping(typing),
    talk.participant("bob").subscribe((bob) => show(bob?.joinedAt)),
    session.currentUser.subscribe((me) => show(me?.name)),
    session.user("bob").subscribeOnline((bob) => show(bob?.user.name, bob?.isConnected)),
    session.subscribeConversations(),
    session.subscribeConversations(
      (conversations, loadedAll) => rows(conversations).length > 0 && show(loadedAll),
    ),
    session.subscribeConversations({}, rows),
    session.subscribeConversations({ filter: { isUnread: true } }, rows),
    session.subscribeConversations({ filter }),
  ];
  for (const one of all) one.unsubscribe();
  const me: UserActiveState = await session.currentUser.subscribe().connected;
  show(me.latestSnapshot?.name);
}

/** A `switch` over `type` narrows the states of a subscription. */
export function status(state: PendingState | MessageActiveState | UnsubscribedState | ErrorState): string {
  switch (state.type) {
    case "pending":
    case "unsubscribed":
      return state.type;
    case "active":
      return `${state.latestSnapshot?.length ?? "no"} messages`;
    case "error":
      return state.error.message;
    default:
      return state satisfies never;
  }
}

const rows = (conversations: ConversationSnapshot[]): string[] =>
  conversations.map(
    ({ id, subject, lastMessage, lastMessageAt }) =>
      `${subject ?? id} ${lastMessage?.plaintext} ${lastMessageAt}`,
  );

const typing = (snapshot: TypingSnapshot | null): void => {
  if (snapshot === null) return;
  if (snapshot.many) show("many are typing");
  else show(snapshot.users.map(({ name }) => name).join());
};

const paid: SimpleConversationFilter = {
  custom: { state: ["==", "paid"], order: "exists", hidden: "!exists" },
  hasMessages: true,
};
const filter: ConversationFilter = [
  "any",
  [
    paid,
    { access: ["==", "ReadWrite"], subject: ["!=", null], isUnread: false },
    { subject: ["oneOf", ["Order 391", null]], custom: { state: ["!oneOf", ["done", "gone"]] } },
    {
      lastActivityAt: [">", 0],
      createdAt: ["between", [0, 1_700_000_000_000]],
      joinedAt: ["!between", [0, 1]],
    },
  ],
];

/** Rendering: a node that is newer than the SDK is rendered by its text or its children. */
export const html = (content: ContentBlock[]): string =>
  content
    .map((block) => {
      switch (block.type) {
        case "text":
          return block.children.map(node).join("");
        case "location":
          return `${block.latitude}, ${block.longitude}`;
        case "file":
          if (block.subtype === "image") return `${block.url} ${block.width ?? 0}`;
          if (block.subtype === undefined) return block.filename;
          return `${block.filename} ${block.duration ?? 0}`;
      }
    })
    .join("");

const node = (piece: TextNode): string => {
  if (typeof piece === "string") return piece;
  switch (piece.type) {
    case "bold":
    case "italic":
    case "strikethrough":
    case "bulletList":
    case "bulletPoint":
      return piece.children.map(node).join("");
    case "link":
      return `${piece.url} ${piece.children.map(node).join("")}`;
    case "actionLink":
    case "actionButton":
      return `${piece.action} ${piece.params["id"]} ${piece.children.map(node).join("")}`;
    case "autoLink":
      return `${piece.url} ${piece.text}`;
    case "mention":
      return `${piece.id} ${piece.text}`;
    case "codeSpan":
    case "customEmoji":
      return piece.text;
    default: {
      // A node that is newer than the SDK, of which TypeScript knows nothing.
      const { text, children = [] } = piece as { text?: string; children?: TextNode[] };
      return text ?? children.map(node).join("");
    }
  }
};

/** The same without looking at the types at all. */
export const plain = (piece: TextNode): string =>
  typeof piece === "string" ? piece : "text" in piece ? piece.text : piece.children.map(plain).join("");

/** React's way: snapshots go into a state of the documented type. */
export function component(setMessages: (messages: MessageSnapshot[] | null) => void): () => void {
  const subscription = talk.subscribeMessages((messages) => setMessages(messages));
  return () => subscription.unsubscribe();
}

/** A test double is plain data of the right shape. */
export const double: MessageSnapshot = {
  id: "m1",
  type: "UserMessage",
  sender: null,
  custom: {},
  createdAt: 0,
  editedAt: null,
  referencedMessage: null,
  origin: "web",
  plaintext: "Hi",
  content: [{ type: "text", children: ["Hi"] }],
  reactions: [],
};

declare function show(...all: unknown[]): void;
