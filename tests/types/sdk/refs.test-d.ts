// Refs and the parameters of their methods: every member with its exact type.
import type {
  ContentBlock,
  ConversationRef,
  ConversationSnapshot,
  ConversationSubscription,
  CreateConversationParams,
  CreateParticipantParams,
  EditMessageParams,
  EditTextMessageParams,
  MessageRef,
  MessageSnapshot,
  MessageSubscription,
  ParticipantRef,
  ParticipantSnapshot,
  ParticipantSubscription,
  ReactionRef,
  ReactionsRef,
  ReactionsSubscription,
  SendContentBlock,
  SendMessageParams,
  SendTextMessageParams,
  SetConversationParams,
  SetParticipantParams,
  SingleParticipantSubscription,
  SingleReactionSnapshot,
  TypingSnapshot,
  TypingSubscription,
  UserRef,
} from "causerie";
import type { Expected, Holds, Same } from "./exact.js";

type Access = "ReadWrite" | "Read";
type Notify = boolean | "MentionsOnly";
type Patch = Record<string, string | null> | null;

export type Params = [
  Holds<
    Expected<
      CreateConversationParams,
      {
        subject?: string;
        photoUrl?: string;
        welcomeMessages?: string[];
        custom?: Record<string, string>;
        access?: Access;
        notify?: Notify;
      }
    >
  >,
  Holds<
    Expected<
      SetConversationParams,
      {
        subject?: string | null;
        photoUrl?: string | null;
        welcomeMessages?: string[] | null;
        custom?: Patch;
        access?: Access | null;
        notify?: Notify | null;
      }
    >
  >,
  Holds<Expected<CreateParticipantParams, { access?: Access; notify?: Notify }>>,
  Holds<Expected<SetParticipantParams, { access?: Access | null; notify?: Notify | null }>>,
  Holds<
    Expected<
      SendTextMessageParams,
      { text: string; custom?: Record<string, string>; referencedMessage?: string | MessageRef }
    >
  >,
  Holds<
    Expected<
      SendMessageParams,
      {
        content: [SendContentBlock];
        custom?: Record<string, string>;
        referencedMessage?: string | MessageRef;
      }
    >
  >,
  Holds<Expected<EditTextMessageParams, { text?: string; custom?: Patch }>>,
  Holds<Expected<EditMessageParams, { content?: [SendContentBlock]; custom?: Patch }>>,
];

export type Refs = [
  Holds<
    Expected<
      ConversationRef,
      {
        readonly id: string;
        get(): Promise<ConversationSnapshot | null>;
        set(params: SetConversationParams): Promise<void>;
        createIfNotExists(params?: CreateConversationParams): Promise<void>;
        participant(user: string | UserRef): ParticipantRef;
        message(id: string): MessageRef;
        send(params: string | SendTextMessageParams | SendMessageParams): Promise<MessageRef>;
        markAsRead(): Promise<void>;
        markAsUnread(): Promise<void>;
        markAsTyping(): Promise<void>;
        subscribe(
          onSnapshot?: (snapshot: ConversationSnapshot | null) => void,
        ): ConversationSubscription & Disposable;
        subscribeMessages(
          onSnapshot?: (snapshot: MessageSnapshot[] | null, loadedAll: boolean) => void,
        ): MessageSubscription & Disposable;
        subscribeParticipants(
          onSnapshot?: (snapshot: ParticipantSnapshot[] | null, loadedAll: boolean) => void,
        ): ParticipantSubscription & Disposable;
        subscribeTyping(
          onSnapshot?: (snapshot: TypingSnapshot | null) => void,
        ): TypingSubscription & Disposable;
      }
    >
  >,
  Holds<
    Expected<
      ParticipantRef,
      {
        readonly userId: string;
        readonly conversationId: string;
        get(): Promise<ParticipantSnapshot | null>;
        set(params: SetParticipantParams): Promise<void>;
        edit(params: SetParticipantParams): Promise<void>;
        createIfNotExists(params?: CreateParticipantParams): Promise<void>;
        delete(): Promise<void>;
        subscribe(
          onSnapshot?: (snapshot: ParticipantSnapshot | null) => void,
        ): SingleParticipantSubscription & Disposable;
      }
    >
  >,
  Holds<
    Expected<
      MessageRef,
      {
        readonly id: string;
        readonly conversationId: string;
        get(): Promise<MessageSnapshot | null>;
        edit(params: string | EditTextMessageParams | EditMessageParams): Promise<void>;
        delete(): Promise<void>;
        translate(language: string): Promise<{ content: ContentBlock[]; plaintext: string } | null>;
        reactions(emoji: string): ReactionsRef;
        reaction(emoji: string): ReactionsRef;
      }
    >
  >,
  Holds<
    Expected<
      ReactionsRef,
      {
        readonly emoji: string;
        readonly messageId: string;
        readonly conversationId: string;
        add(): Promise<void>;
        remove(): Promise<void>;
        getFirstReactions(): Promise<SingleReactionSnapshot[] | null>;
        subscribe(
          onSnapshot?: (snapshot: SingleReactionSnapshot[] | null, loadedAll: boolean) => void,
        ): ReactionsSubscription & Disposable;
      }
    >
  >,
  Holds<Same<ReactionRef, ReactionsRef>>,
];
