// Chat programs that the documentation rules out do not compile.
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
  TypingSnapshot,
  UserSnapshot,
} from "causerie";

const session = getTalkSession({ appId: "demo", userId: "ada" });
const talk = session.conversation("order-391");
declare const message: MessageRef;
declare const snapshot: MessageSnapshot;
declare const referenced: ReferencedMessageSnapshot;
declare const conversation: ConversationSnapshot;
declare const single: ConversationSubscription;
declare const typing: TypingSnapshot;

export function sending(): void {
  // @ts-expect-error send() requires an argument
  void talk.send();
  // @ts-expect-error send() requires a text or content
  void talk.send({});
  // @ts-expect-error a text is not null
  void talk.send(null);
  // @ts-expect-error content has one block
  void talk.send({ content: [] });
  void talk.send({
    // @ts-expect-error content has only one block
    content: [
      { type: "text", children: ["a"] },
      { type: "text", children: ["b"] },
    ],
  });
  // @ts-expect-error content is an array
  void talk.send({ content: { type: "text", children: ["a"] } });
  // @ts-expect-error send() does not accept null for a custom key
  void talk.send({ text: "a", custom: { from: null } });
  // @ts-expect-error custom values are strings
  void talk.send({ text: "a", custom: { size: 5 } });
  // @ts-expect-error a message is referenced by its id or its ref
  void talk.send({ text: "a", referencedMessage: snapshot });
  // @ts-expect-error a location has two numbers
  void talk.send({ content: [{ type: "location", latitude: 52 }] });
  // @ts-expect-error a file is sent by its token, not its URL
  void talk.send({ content: [{ type: "file", url: "https://example.com/a.png" }] });
  // @ts-expect-error a token is not any string
  void talk.send({ content: [{ type: "file", fileToken: "abc" }] });
  // @ts-expect-error a node of an unknown type cannot be sent
  void talk.send({ content: [{ type: "text", children: [{ type: "blink", text: "a" }] }] });
  // @ts-expect-error a node has the fields of its type
  void talk.send({ content: [{ type: "text", children: [{ type: "bold", text: "a" }] }] });
  // @ts-expect-error send() returns a ref, not a snapshot
  talk.send("a") satisfies Promise<MessageSnapshot>;
  // @ts-expect-error edit() requires an argument
  void message.edit();
  // @ts-expect-error an edit cannot change the reference
  void message.edit({ text: "a", referencedMessage: "m1" });
  // @ts-expect-error content has one block in an edit too
  void message.edit({ content: [] });
}

export function setting(): void {
  // @ts-expect-error creating resets nothing
  void talk.createIfNotExists({ subject: null });
  // @ts-expect-error createIfNotExists does not accept null for a custom key
  void talk.createIfNotExists({ custom: { order: null } });
  // @ts-expect-error set() requires an argument
  void talk.set();
  // @ts-expect-error an unknown access
  void talk.set({ access: "Write" });
  // @ts-expect-error welcome messages are strings
  void talk.set({ welcomeMessages: [{ text: "Hi" }] });
  // @ts-expect-error participants are not a property
  void talk.set({ participants: ["bob"] });
  // @ts-expect-error a conversation is not a user
  talk.participant(talk);
  // @ts-expect-error participant() requires a user
  talk.participant();
  // @ts-expect-error an unknown notification setting
  void talk.participant("bob").set({ notify: "Never" });
  // @ts-expect-error creating resets nothing
  void talk.participant("bob").createIfNotExists({ access: null });
  // @ts-expect-error edit() requires an argument
  void talk.participant("bob").edit();
  // @ts-expect-error a message's id is a string
  talk.message(5);
  // @ts-expect-error an emoji is a string
  message.reactions(5);
}

export function reading(): void {
  // @ts-expect-error the last message can be null
  conversation.lastMessage.plaintext;
  // @ts-expect-error a snapshot is readonly
  snapshot.plaintext = "b";
  // @ts-expect-error a conversation's snapshot is readonly
  conversation.lastMessage = snapshot;
  // @ts-expect-error the parts of a snapshot are readonly
  snapshot.reactions[0]!.count = 2;
  // @ts-expect-error the sender in a snapshot is readonly
  snapshot.sender!.name = "Bob";
  // @ts-expect-error the content of a snapshot is readonly
  snapshot.content[0]!.type = "text";
  // @ts-expect-error the sender can be null
  snapshot.sender.name;
  // @ts-expect-error references are one level deep
  referenced.referencedMessage;
  // @ts-expect-error a message has the referenced snapshot, not its id
  snapshot.referencedMessageId;
  // @ts-expect-error a snapshot of many typing users has no list
  typing.users;
  // @ts-expect-error get() can return null for a message
  message.get() satisfies Promise<MessageSnapshot>;
  // @ts-expect-error get() can return null for a participant
  talk.participant("bob").get() satisfies Promise<ParticipantSnapshot>;
  // @ts-expect-error programs cannot construct a message's snapshot
  new MessageSnapshot();
  // @ts-expect-error programs cannot construct a participant's snapshot
  new ParticipantSnapshot();
  // @ts-expect-error programs cannot construct a message's ref
  new MessageRef();
  // @ts-expect-error programs cannot construct a participant's ref
  new ParticipantRef();
  // @ts-expect-error programs cannot construct a ref of reactions
  new ReactionsRef();
}

export function subscribing(): void {
  // @ts-expect-error a single conversation has no loadMore
  void single.loadMore();
  // @ts-expect-error a single user has no loadMore
  void session.currentUser.subscribe().loadMore();
  // @ts-expect-error typing has no loadMore
  void talk.subscribeTyping().loadMore();
  // @ts-expect-error a single participant has no loadMore
  void talk.participant("bob").subscribe().loadMore();
  // @ts-expect-error a count is a number
  void talk.subscribeMessages().loadMore("30");
  // @ts-expect-error a state must be narrowed before its snapshot is read
  single.state.latestSnapshot;
  // @ts-expect-error a state is readonly
  single.state = { type: "pending" };
  // @ts-expect-error the state of a single resource has no loadedAll
  void single.connected.then((state) => state.loadedAll);
  // @ts-expect-error a subscription to messages has no state of participants
  talk.subscribeMessages().connected satisfies Promise<ParticipantActiveState>;
  // @ts-expect-error terminated does not resolve with an active state
  talk.subscribeMessages().terminated satisfies Promise<MessageActiveState>;
  // @ts-expect-error messages can be null
  talk.subscribeMessages((messages) => messages.length);
  // @ts-expect-error a user can be null
  session.currentUser.subscribe((user: UserSnapshot) => user.name);
  // @ts-expect-error a callback for another kind of snapshot
  talk.subscribe((list: ConversationSnapshot[] | null) => list);
  // @ts-expect-error a callback is a function
  talk.subscribe("onSnapshot");
  // @ts-expect-error a callback is not an object
  talk.subscribeMessages({ onSnapshot: () => {} });
  // @ts-expect-error terminated can resolve with an unsubscribed state
  single.terminated satisfies Promise<ErrorState>;
}

export function filtering(): void {
  // The list of the current user's conversations is never null.
  session.subscribeConversations((list) => list.length);
  session.subscribeConversations({}, (list) => list.length);
  // @ts-expect-error the callback comes last
  session.subscribeConversations(() => {}, {});
  // @ts-expect-error an unknown option
  session.subscribeConversations({ limit: 5 });
  // @ts-expect-error a filter is passed in the options
  session.subscribeConversations({ isUnread: true });
  const filters = (...all: ConversationFilter[]): number => all.length;
  // @ts-expect-error an unknown field
  filters({ name: ["==", "a"] });
  // @ts-expect-error a condition is a pair
  filters({ subject: "a" });
  // @ts-expect-error an unknown operator
  filters({ subject: ["=", "a"] });
  // @ts-expect-error several values are an array
  filters({ subject: ["oneOf", "a"] });
  // @ts-expect-error an unknown access
  filters({ access: ["==", "Write"] });
  // @ts-expect-error an access is never null
  filters({ access: ["==", null] });
  // @ts-expect-error strings have no order
  filters({ subject: [">", "a"] });
  // @ts-expect-error times are numbers
  filters({ createdAt: [">", new Date()] });
  // @ts-expect-error a range has two ends
  filters({ createdAt: ["between", [1]] });
  // @ts-expect-error the ends of a range are one array
  filters({ createdAt: ["between", 1, 2] });
  // @ts-expect-error numbers have no equality
  filters({ createdAt: ["==", 1] });
  // @ts-expect-error custom values are strings
  filters({ custom: { size: ["==", 5] } });
  // @ts-expect-error an unknown condition on a custom key
  filters({ custom: { size: "missing" } });
  // @ts-expect-error isUnread is a boolean
  filters({ isUnread: ["==", true] });
  // @ts-expect-error any takes an array
  filters(["any", { isUnread: true }]);
  // @ts-expect-error filters cannot be nested
  filters(["any", [["any", [{ isUnread: true }]]]]);
  // @ts-expect-error an unknown operator: the conditions of one filter all apply
  filters(["all", [{ isUnread: true }]]);
}

declare const token: FileToken;
export const file: SendContentBlock = { type: "file", fileToken: token };
export const shown: string = token;
