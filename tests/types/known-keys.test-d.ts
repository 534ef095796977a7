// The keys of which the package warns are all others than those in its typings.
import type {
  ContentBlock,
  ConversationRef,
  ConversationSnapshot,
  CreateConversationParams,
  CreateParticipantParams,
  CreateUserParams,
  EditMessageParams,
  EditTextMessageParams,
  MessageRef,
  MessageSnapshot,
  ParticipantRef,
  ParticipantSnapshot,
  ReferencedMessageSnapshot,
  SendContentBlock,
  SendMessageParams,
  SendTextMessageParams,
  SetConversationParams,
  SetParticipantParams,
  SetUserParams,
  SimpleConversationFilter,
  TalkSession,
  TalkSessionOptions,
  TextNode,
  UserSnapshot,
} from "causerie";
import type { KNOWN, RECORDS } from "./node_modules/causerie/entry/known-keys.js";
import type { Holds, Not, Same } from "./sdk/exact.js";

type Known<Kind extends keyof typeof KNOWN> = (typeof KNOWN)[Kind][number];
type Recorded<Kind extends keyof typeof RECORDS> = (typeof RECORDS)[Kind][number];
/** The keys of all members of a union. */
type Keys<T> = T extends T ? keyof T : never;
/** The properties of a ref that are ids. */
type Ids<Ref> = { [K in keyof Ref]: Ref[K] extends string ? K : never }[keyof Ref];

export type KnownKeys = [
  Holds<Same<Known<"session">, keyof TalkSessionOptions>>,
  Holds<Same<Known<"user">, keyof SetUserParams>>,
  Holds<Same<Known<"user">, keyof CreateUserParams>>,
  Holds<Same<Known<"conversation">, keyof SetConversationParams>>,
  Holds<Same<Known<"conversation">, keyof CreateConversationParams>>,
  Holds<Same<Known<"participant">, keyof SetParticipantParams>>,
  Holds<Same<Known<"participant">, keyof CreateParticipantParams>>,
  Holds<Same<Known<"sentMessage">, Keys<SendTextMessageParams | SendMessageParams>>>,
  Holds<Same<Known<"editedMessage">, Keys<EditTextMessageParams | EditMessageParams>>>,
  Holds<Same<Known<"list">, keyof Parameters<TalkSession["subscribeConversations"]>[0]>>,
  Holds<Same<Known<"filter">, keyof SimpleConversationFilter>>,
  Holds<Same<Known<"block">, Keys<ContentBlock | SendContentBlock>>>,
  Holds<Same<Known<"node">, Keys<Exclude<TextNode, string>>>>,
  // The lists are not just arrays of strings.
  Holds<Not<Same<Known<"user">, string>>>,
];

export type RecordKeys = [
  Holds<Same<Recorded<"user">, keyof UserSnapshot>>,
  Holds<Same<Recorded<"conversation">, keyof ConversationSnapshot>>,
  Holds<Same<Recorded<"participant">, "id" | keyof ParticipantSnapshot | Ids<ParticipantRef>>>,
  Holds<Same<Recorded<"message">, keyof MessageSnapshot | keyof ReferencedMessageSnapshot | Ids<MessageRef>>>,
  Holds<Same<Ids<ConversationRef>, "id">>,
];
