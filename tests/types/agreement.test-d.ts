// The SDK's typings agree with the protocol. The golden frames compare `wire.d.ts` with the protocol's Rust
// types and lists; this file compares the SDK's types with `wire.d.ts`.
import type {
  ConversationSnapshot,
  CreateConversationParams,
  CreateParticipantParams,
  CreateUserParams,
  ErrorCode,
  MessageSnapshot,
  ParticipantSnapshot,
  ReactionsSummarySnapshot,
  ReferencedMessageSnapshot,
  SetConversationParams,
  SetParticipantParams,
  SetUserParams,
  SingleReactionSnapshot,
  UserOnlineSnapshot,
  UserSnapshot,
} from "causerie";
import type { Expected, Holds, Same } from "./sdk/exact.js";
import type * as wire from "./wire";

/** The codes of the protocol, and one for an error that only the SDK makes. */
export type Codes = Holds<Same<ErrorCode, wire.ErrorCode | "unsubscribed" | "internal_error">>;

type Fields<Snapshot> = Exclude<keyof Snapshot, "prototype">;

export type Snapshots = [
  Holds<Expected<UserSnapshot, Readonly<wire.User>>>,
  // A snapshot contains other snapshots in place of their ids.
  Holds<Same<Fields<ConversationSnapshot>, keyof wire.Conversation>>,
  Holds<Same<Fields<MessageSnapshot>, Exclude<keyof wire.Message, "conversation">>>,
  Holds<
    Same<
      Fields<ReferencedMessageSnapshot>,
      Exclude<keyof wire.Message, "conversation" | "referencedMessage"> | "referencedMessageId"
    >
  >,
  Holds<Same<Fields<ParticipantSnapshot>, keyof wire.Participant>>,
  Holds<Same<keyof SingleReactionSnapshot, keyof wire.Reaction>>,
  Holds<Same<keyof UserOnlineSnapshot, keyof wire.Online>>,
  Holds<Expected<ReactionsSummarySnapshot, Readonly<NonNullable<wire.Message["reactions"]>[number]>>>,
];

export type Params = [
  Holds<Expected<SetUserParams, wire.SetUser>>,
  Holds<Expected<SetConversationParams, wire.SetConversation>>,
  Holds<Expected<SetParticipantParams, wire.SetParticipant>>,
  Holds<Expected<CreateUserParams, wire.CreateUser>>,
  Holds<Expected<CreateConversationParams, wire.CreateConversation>>,
  Holds<Expected<CreateParticipantParams, wire.CreateParticipant>>,
];
