// What the documentation forbids, in a chat: it does not compile.
import {
  MessageRef,
  MessageSnapshot,
  ParticipantRef,
  ParticipantSnapshot,
  ReactionsRef,
  getTalkSession,
} from "causerie";
import type {
  ConversationFilter,
  ConversationSnapshot,
  ConversationSubscription,
  ErrorState,
  FileToken,
  MessageActiveState,
  ParticipantActiveState,
  ReferencedMessageSnapshot,
  SendContentBlock,
  TextNode,
  TypingSnapshot,
  UserSnapshot,
} from "causerie";

const session = getTalkSession({ appId: "demo", userId: "ada" });
const talk = session.conversation("order-391");
declare const message: MessageRef;
declare const said: MessageSnapshot;
declare const referenced: ReferencedMessageSnapshot;
declare const conversation: ConversationSnapshot;
declare const single: ConversationSubscription;
declare const typing: TypingSnapshot;

export function sending(): void {
  // @ts-expect-error something must be said
  void talk.send();
  // @ts-expect-error and not nothing
  void talk.send({});
  // @ts-expect-error null is no text
  void talk.send(null);
  // @ts-expect-error a block must be there
  void talk.send({ content: [] });
  // @ts-expect-error and only one
  void talk.send({
    content: [
      { type: "text", children: ["a"] },
      { type: "text", children: ["b"] },
    ],
  });
  // @ts-expect-error and in a list
  void talk.send({ content: { type: "text", children: ["a"] } });
  // @ts-expect-error sending clears nothing
  void talk.send({ text: "a", custom: { from: null } });
  // @ts-expect-error custom data is text
  void talk.send({ text: "a", custom: { size: 5 } });
  // @ts-expect-error a message is referred to by its id or its ref
  void talk.send({ text: "a", referencedMessage: said });
  // @ts-expect-error a place has two numbers
  void talk.send({ content: [{ type: "location", latitude: 52 }] });
  // @ts-expect-error a file is sent by its token alone
  void talk.send({ content: [{ type: "file", url: "https://example.com/a.png" }] });
  // @ts-expect-error and a token is no string of one's own
  void talk.send({ content: [{ type: "file", fileToken: "abc" }] });
  // @ts-expect-error a node that no SDK knows cannot be sent
  void talk.send({ content: [{ type: "text", children: [{ type: "blink", text: "a" }] }] });
  // @ts-expect-error a node has what its type has
  void talk.send({ content: [{ type: "text", children: [{ type: "bold", text: "a" }] }] });
  // @ts-expect-error sending gives a ref, and no snapshot
  talk.send("a") satisfies Promise<MessageSnapshot>;
  // @ts-expect-error there must be something to change
  void message.edit();
  // @ts-expect-error an edit refers to nothing
  void message.edit({ text: "a", referencedMessage: "m1" });
  // @ts-expect-error an edit has one block too
  void message.edit({ content: [] });
}

export function setting(): void {
  // @ts-expect-error creating resets nothing
  void talk.createIfNotExists({ subject: null });
  // @ts-expect-error nor deletes
  void talk.createIfNotExists({ custom: { order: null } });
  // @ts-expect-error set needs something
  void talk.set();
  // @ts-expect-error an access that is none
  void talk.set({ access: "Write" });
  // @ts-expect-error welcome messages are texts
  void talk.set({ welcomeMessages: [{ text: "Hi" }] });
  // @ts-expect-error participants are no property
  void talk.set({ participants: ["bob"] });
  // @ts-expect-error a participant is a user
  talk.participant(talk);
  // @ts-expect-error and somebody
  talk.participant();
  // @ts-expect-error a notification setting that is none
  void talk.participant("bob").set({ notify: "Never" });
  // @ts-expect-error creating resets nothing
  void talk.participant("bob").createIfNotExists({ access: null });
  // @ts-expect-error an edit needs something
  void talk.participant("bob").edit();
  // @ts-expect-error a message's id is text
  talk.message(5);
  // @ts-expect-error an emoji is text
  message.reactions(5);
}

export function reading(): void {
  // @ts-expect-error there may be no message yet
  conversation.lastMessage.plaintext;
  // @ts-expect-error a snapshot is readonly
  said.plaintext = "b";
  // @ts-expect-error all of them
  conversation.lastMessage = said;
  // @ts-expect-error and in their depth
  said.reactions[0]!.count = 2;
  // @ts-expect-error and what they are of
  said.sender!.name = "Bob";
  // @ts-expect-error and their content
  said.content[0]!.type = "text";
  // @ts-expect-error the sender of a system message is null
  said.sender.name;
  // @ts-expect-error a reply goes one level deep
  referenced.referencedMessage;
  // @ts-expect-error a message has no id of it beside the snapshot
  said.referencedMessageId;
  // @ts-expect-error of many, nobody is named
  typing.users;
  // @ts-expect-error a missing message is null
  message.get() satisfies Promise<MessageSnapshot>;
  // @ts-expect-error so is a missing participant
  talk.participant("bob").get() satisfies Promise<ParticipantSnapshot>;
  // @ts-expect-error snapshots are made by the SDK
  new MessageSnapshot();
  // @ts-expect-error all of them
  new ParticipantSnapshot();
  // @ts-expect-error and refs
  new MessageRef();
  // @ts-expect-error all of them
  new ParticipantRef();
  // @ts-expect-error of every kind
  new ReactionsRef();
}

export function subscribing(): void {
  // @ts-expect-error only lists load more
  void single.loadMore();
  // @ts-expect-error nor does a user
  void session.currentUser.subscribe().loadMore();
  // @ts-expect-error nor does typing
  void talk.subscribeTyping().loadMore();
  // @ts-expect-error nor does one participant
  void talk.participant("bob").subscribe().loadMore();
  // @ts-expect-error a count is a number
  void talk.subscribeMessages().loadMore("30");
  // @ts-expect-error a state must be told apart before it is looked into
  single.state.latestSnapshot;
  // @ts-expect-error and is not set
  single.state = { type: "pending" };
  // @ts-expect-error single ones know nothing of loading
  void single.connected.then((state) => state.loadedAll);
  // @ts-expect-error messages are no participants
  talk.subscribeMessages().connected satisfies Promise<ParticipantActiveState>;
  // @ts-expect-error what is ended is not active
  talk.subscribeMessages().terminated satisfies Promise<MessageActiveState>;
  // @ts-expect-error messages may be null: not a participant
  talk.subscribeMessages((messages) => messages.length);
  // @ts-expect-error so may a user
  session.currentUser.subscribe((user: UserSnapshot) => user.name);
  // @ts-expect-error a callback of another kind
  talk.subscribe((list: ConversationSnapshot[] | null) => list);
  // @ts-expect-error a callback is a function
  talk.subscribe("onSnapshot");
  // @ts-expect-error nor an object
  talk.subscribeMessages({ onSnapshot: () => {} });
  // @ts-expect-error an error is there only where there was one
  single.terminated satisfies Promise<ErrorState>;
}

export function filtering(): void {
  // One's own conversations are never null.
  session.subscribeConversations((list) => list.length);
  session.subscribeConversations({}, (list) => list.length);
  // @ts-expect-error the callback comes last
  session.subscribeConversations(() => {}, {});
  // @ts-expect-error an option that is none
  session.subscribeConversations({ limit: 5 });
  // @ts-expect-error options are no filter
  session.subscribeConversations({ isUnread: true });
  const filters = (...all: ConversationFilter[]): number => all.length;
  // @ts-expect-error a field that is none
  filters({ name: ["==", "a"] });
  // @ts-expect-error a condition is a pair
  filters({ subject: "a" });
  // @ts-expect-error of an operator that there is
  filters({ subject: ["=", "a"] });
  // @ts-expect-error several are in a list
  filters({ subject: ["oneOf", "a"] });
  // @ts-expect-error an access that is none
  filters({ access: ["==", "Write"] });
  // @ts-expect-error an access is never null
  filters({ access: ["==", null] });
  // @ts-expect-error texts are not greater than others
  filters({ subject: [">", "a"] });
  // @ts-expect-error times are numbers
  filters({ createdAt: [">", new Date()] });
  // @ts-expect-error and a range has two ends
  filters({ createdAt: ["between", [1]] });
  // @ts-expect-error in one list
  filters({ createdAt: ["between", 1, 2] });
  // @ts-expect-error there are no equal times
  filters({ createdAt: ["==", 1] });
  // @ts-expect-error custom data is text
  filters({ custom: { size: ["==", 5] } });
  // @ts-expect-error is there or is not
  filters({ custom: { size: "missing" } });
  // @ts-expect-error is unread or is not
  filters({ isUnread: ["==", true] });
  // @ts-expect-error any of a list
  filters(["any", { isUnread: true }]);
  // @ts-expect-error of simple filters
  filters(["any", [["any", [{ isUnread: true }]]]]);
  // @ts-expect-error there is no "all": the conditions of one filter are it
  filters(["all", [{ isUnread: true }]]);
}

/** Every type is handled, and still one is missing: that of nodes which are newer than the SDK. */
// @ts-expect-error a default branch is missing
export const node = (piece: TextNode): string => {
  if (typeof piece === "string") return piece;
  switch (piece.type) {
    case "bold":
    case "italic":
    case "strikethrough":
    case "bulletList":
    case "bulletPoint":
    case "link":
    case "actionLink":
    case "actionButton":
      return piece.children.map(node).join("");
    case "autoLink":
    case "mention":
    case "codeSpan":
    case "customEmoji":
      return piece.text;
  }
};

declare const token: FileToken;
export const file: SendContentBlock = { type: "file", fileToken: token };
export const shown: string = token;
