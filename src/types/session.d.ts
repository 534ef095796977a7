import type {
  AudioFileMetadata,
  FileToken,
  GenericFileMetadata,
  ImageFileMetadata,
  VideoFileMetadata,
  VoiceRecordingFileMetadata,
} from "./content.js";
import type { ConversationRef, ConversationSnapshot } from "./conversation.js";
import type { CauserieError } from "./errors.js";
import type { ConversationFilter } from "./filters.js";
import type { SearchMessageSnapshot } from "./message.js";
import type { ConversationSearch, MessageSearch, SearchStatus } from "./search.js";
import type { ConversationListSubscription } from "./subscriptions.js";
import type { UserRef } from "./user.js";

/** The options of an upload. */
export interface UploadOptions {
  /** Called with the bytes that were sent and the bytes of all. Only in browsers. */
  onProgress?: (sentBytes: number, allBytes: number) => void;
  /** Ends the upload: the promise rejects with the signal's reason, and the server keeps nothing. */
  signal?: AbortSignal;
}

/** The options of {@link getTalkSession}. */
export interface TalkSessionOptions {
  /** The ID of your app. */
  appId: string;
  /** The ID of the user who is logged in. The user does not have to exist yet. */
  userId: string;
  /**
   * The server's host, such as `"chat.example.com"`, or its origin, such as `"http://192.168.0.2:8787"`.
   * Without a scheme, `localhost`, `*.localhost`, `127.*` and `[::1]` are reached by `http:`, and all other
   * hosts by `https:`. Default: the origin of the page.
   */
  host?: string;
  /** The first token, if the app requires authentication. See {@link TalkSession.onNeedToken}. */
  token?: string;
  /** Fetches a token whenever one is needed. The older form of {@link TalkSession.onNeedToken}. */
  tokenFetcher?: () => string | Promise<string>;
  /**
   * How requests travel. `"auto"` (the default): by WebSocket, and by HTTP while no WebSocket can be opened.
   * `"http"`: by HTTP only.
   */
  transport?: "auto" | "http";
}

/**
 * The session of one user of an app. It connects at the first request or subscription, and disconnects after
 * a while without requests and subscriptions.
 */
export declare class TalkSession {
  private constructor();
  /** The ID of the app. */
  readonly appId: string;
  /** The ref of the user who is logged in. */
  readonly currentUser: UserRef;
  /**
   * Called if a token is needed: before the first request if there is none, and before the current one
   * expires. It must fetch a token from your backend and pass it to {@link TalkSession.setToken}.
   */
  onNeedToken?: (() => void) | undefined;
  /** References a user. Throws a `TypeError` unless the ID is a string of 1 to 255 bytes (UTF-8). */
  user(id: string): UserRef;
  /** References a conversation. Throws a `TypeError` unless the ID is a string of 1 to 255 bytes (UTF-8). */
  conversation(id: string): ConversationRef;
  /**
   * Subscribes to the current user's conversations. Calls `onSnapshot` with the 20 that have the latest
   * activity, now and whenever anything in them changes. {@link ConversationListSubscription.loadMore} loads
   * further ones.
   */
  subscribeConversations(
    onSnapshot?: (snapshot: ConversationSnapshot[], loadedAll: boolean) => void,
  ): ConversationListSubscription & Disposable;
  /**
   * Subscribes to those of the current user's conversations that match a filter. A conversation that begins
   * to match enters the list, and one that no longer matches leaves it. Throws a `TypeError` if the callback
   * is before the options.
   */
  subscribeConversations(
    options: { filter?: ConversationFilter },
    onSnapshot?: (snapshot: ConversationSnapshot[], loadedAll: boolean) => void,
  ): ConversationListSubscription & Disposable;
  /**
   * Uploads a file, to send it in a message: `conversation.send({ content: [{ type: "file", fileToken }] })`.
   * The server refuses a file that is too large, or of a type that the user's role does not allow, before any
   * byte is sent. A file that is not sent within a day is deleted.
   */
  uploadFile(data: Blob, metadata: GenericFileMetadata, options?: UploadOptions): Promise<FileToken>;
  /**
   * Uploads an image that browsers display: PNG, JPEG, GIF, WebP, AVIF or BMP. `data.type` must be its type.
   * The server reads the width and the height itself.
   */
  uploadImage(data: Blob, metadata: ImageFileMetadata, options?: UploadOptions): Promise<FileToken>;
  /** Uploads a video. `data.type` must be its type. */
  uploadVideo(data: Blob, metadata: VideoFileMetadata, options?: UploadOptions): Promise<FileToken>;
  /** Uploads an audio file. `data.type` must be its type. */
  uploadAudio(data: Blob, metadata: AudioFileMetadata, options?: UploadOptions): Promise<FileToken>;
  /** Uploads a recording of the user's voice. `data.type` must be its type. */
  uploadVoice(data: Blob, metadata: VoiceRecordingFileMetadata, options?: UploadOptions): Promise<FileToken>;
  /**
   * Makes a search for messages. Calls `onResults` with the results so far whenever a page begins to load or
   * is loaded.
   */
  searchMessages(onResults?: (results: SearchMessageSnapshot[], status: SearchStatus) => void): MessageSearch;
  /**
   * Makes a search for conversations. Calls `onResults` with the results so far whenever a page begins to
   * load or is loaded.
   */
  searchConversations(
    onResults?: (results: ConversationSnapshot[], status: SearchStatus) => void,
  ): ConversationSearch;
  /** Sets the token. An open connection uses it at once, without reconnecting. */
  setToken(token: string): void;
  /**
   * Calls the handler, at most once, if a fatal error ends the session. Every later request of the session
   * rejects with `session_ended` (or `internal_error`, if the SDK itself failed); {@link getTalkSession} then
   * makes a new session.
   */
  onError(handler: (error: CauserieError) => void): { unsubscribe(): void };
}

/** Another name of {@link TalkSession}, which the first version of the documented API uses. */
export type Session = TalkSession;

/**
 * Returns the session of a user of an app, synchronously. The same `host`, `appId` and `userId` give the same
 * object, until a fatal error ends the session. Throws a `TypeError` that names the option if an option is
 * invalid.
 */
export declare function getTalkSession(options: TalkSessionOptions): TalkSession;

/**
 * Supplies a class that the environment lacks: `WebSocket`, in Node before version 22. Call it before the
 * first subscription.
 */
export declare function registerPolyfills(polyfills: { WebSocket?: unknown }): void;
