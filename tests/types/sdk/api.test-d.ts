// Sessions and users: every documented member with its exact type, neither wider nor narrower, and never
// `any`. Other files have conversations and their parts.
import {
  CauserieError,
  ConversationRef,
  TalkSession,
  UserRef,
  UserSnapshot,
  getTalkSession,
  isCauserieError,
  registerPolyfills,
} from "causerie";
import type {
  AudioFileMetadata,
  ConversationFilter,
  ConversationListSubscription,
  ConversationSnapshot,
  CreateUserParams,
  ErrorCode,
  FileToken,
  GenericFileMetadata,
  ImageFileMetadata,
  Session,
  SetUserParams,
  TalkSessionOptions,
  UploadOptions,
  UserOnlineSnapshot,
  UserOnlineSubscription,
  UserSubscription,
  VideoFileMetadata,
  VoiceRecordingFileMetadata,
} from "causerie";
import type { Expected, Holds, IsAny, Not, Same } from "./exact.js";

/** The type of a method that uploads. */
type Upload<Metadata> = (data: Blob, metadata: Metadata, options?: UploadOptions) => Promise<FileToken>;

export type Documented = [
  Holds<
    Expected<
      UserSnapshot,
      {
        readonly id: string;
        readonly name: string;
        readonly custom: Record<string, string>;
        readonly locale: string;
        readonly photoUrl: string | null;
        readonly role: string;
        readonly welcomeMessage: string | null;
      }
    >
  >,
  Holds<
    Expected<
      CreateUserParams,
      {
        name: string;
        custom?: Record<string, string>;
        email?: string | string[];
        phone?: string | string[];
        locale?: string;
        photoUrl?: string;
        pushTokens?: Record<string, true>;
        role?: string;
        welcomeMessage?: string;
      }
    >
  >,
  Holds<
    Expected<
      SetUserParams,
      {
        name?: string;
        custom?: Record<string, string | null> | null;
        email?: string | string[] | null;
        phone?: string | string[] | null;
        locale?: string | null;
        photoUrl?: string | null;
        pushTokens?: Record<string, true | null> | null;
        role?: string | null;
        welcomeMessage?: string | null;
      }
    >
  >,
  Holds<
    Expected<
      UserRef,
      {
        readonly id: string;
        get(): Promise<UserSnapshot | null>;
        set(params: SetUserParams): Promise<void>;
        createIfNotExists(params: CreateUserParams): Promise<void>;
        subscribe(onSnapshot?: (snapshot: UserSnapshot | null) => void): UserSubscription & Disposable;
        subscribeOnline(
          onSnapshot?: (snapshot: UserOnlineSnapshot | null) => void,
        ): UserOnlineSubscription & Disposable;
      }
    >
  >,
  Holds<
    Expected<
      TalkSessionOptions,
      {
        appId: string;
        userId: string;
        host?: string;
        token?: string;
        tokenFetcher?: () => string | Promise<string>;
        transport?: "auto" | "http";
      }
    >
  >,
  Holds<Same<Session, TalkSession>>,
  Holds<Same<ReturnType<typeof getTalkSession>, TalkSession>>,
  Holds<Same<Parameters<typeof getTalkSession>, [options: TalkSessionOptions]>>,
  Holds<Same<TalkSession["appId"], string>>,
  Holds<Same<TalkSession["currentUser"], UserRef>>,
  Holds<Same<TalkSession["user"], (id: string) => UserRef>>,
  Holds<Same<TalkSession["conversation"], (id: string) => ConversationRef>>,
  Holds<Same<TalkSession["setToken"], (token: string) => void>>,
  Holds<Same<TalkSession["onNeedToken"], (() => void) | undefined>>,
  Holds<Same<ReturnType<TalkSession["onError"]>, { unsubscribe(): void }>>,
  Holds<Same<Parameters<TalkSession["onError"]>, [handler: (error: CauserieError) => void]>>,
  Holds<
    Same<
      TalkSession["subscribeConversations"],
      {
        (
          onSnapshot?: (snapshot: ConversationSnapshot[], loadedAll: boolean) => void,
        ): ConversationListSubscription & Disposable;
        (
          options: { filter?: ConversationFilter },
          onSnapshot?: (snapshot: ConversationSnapshot[], loadedAll: boolean) => void,
        ): ConversationListSubscription & Disposable;
      }
    >
  >,
  /** All members: one that a later version adds must be documented, and so be listed here. */
  Holds<
    Same<
      keyof TalkSession,
      | "appId"
      | "currentUser"
      | "user"
      | "conversation"
      | "setToken"
      | "onNeedToken"
      | "onError"
      | "subscribeConversations"
      | "searchMessages"
      | "searchConversations"
      | "uploadFile"
      | "uploadImage"
      | "uploadVideo"
      | "uploadAudio"
      | "uploadVoice"
    >
  >,
  Holds<Same<TalkSession["uploadFile"], Upload<GenericFileMetadata>>>,
  Holds<Same<TalkSession["uploadImage"], Upload<ImageFileMetadata>>>,
  Holds<Same<TalkSession["uploadVideo"], Upload<VideoFileMetadata>>>,
  Holds<Same<TalkSession["uploadAudio"], Upload<AudioFileMetadata>>>,
  Holds<Same<TalkSession["uploadVoice"], Upload<VoiceRecordingFileMetadata>>>,
  Holds<
    Expected<
      UploadOptions,
      { onProgress?: (sentBytes: number, allBytes: number) => void; signal?: AbortSignal }
    >
  >,
  // A token is a string that only an upload makes.
  Holds<Not<IsAny<Awaited<ReturnType<TalkSession["uploadFile"]>>>>>,
  Holds<Not<Same<FileToken, string>>>,
  Holds<Same<ReturnType<typeof registerPolyfills>, void>>,
  Holds<Same<CauserieError["code"], ErrorCode>>,
  Holds<Same<CauserieError["retryable"], boolean>>,
  Holds<Same<CauserieError["field"], string | undefined>>,
  Holds<Same<CauserieError["retryAfter"], number | undefined>>,
  Holds<Same<CauserieError["requestId"], string | undefined>>,
];

/** Results and parameters that are not `any`, which some of the comparisons above would accept. */
export type NeverAny = [
  Holds<Not<IsAny<Awaited<ReturnType<UserRef["get"]>>>>>,
  Holds<Not<IsAny<Awaited<ReturnType<UserRef["set"]>>>>>,
  Holds<Not<IsAny<Awaited<ReturnType<UserRef["createIfNotExists"]>>>>>,
  Holds<Not<IsAny<ReturnType<TalkSession["user"]>>>>,
  Holds<Not<IsAny<ReturnType<TalkSession["conversation"]>>>>,
  Holds<Not<IsAny<ReturnType<TalkSession["onError"]>>>>,
  Holds<Not<IsAny<ReturnType<TalkSession["setToken"]>>>>,
  Holds<Not<IsAny<Parameters<Parameters<TalkSession["onError"]>[0]>[0]>>>,
  Holds<Not<IsAny<Parameters<UserRef["set"]>[0]>>>,
  Holds<Not<IsAny<ReturnType<typeof getTalkSession>>>>,
];

declare const caught: unknown;
if (isCauserieError(caught)) caught satisfies CauserieError;
