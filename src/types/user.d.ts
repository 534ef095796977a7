import type { UserOnlineSubscription, UserSubscription } from "./subscriptions.js";

/**
 * References the user with a given ID. It holds no data: call {@link UserRef.get} for a snapshot.
 *
 * Made by {@link TalkSession.user}. The same ID gives the same object.
 */
export declare class UserRef {
  private constructor();
  /** The ID of the referenced user. To reference another user, get another ref. */
  readonly id: string;
  /**
   * Fetches a snapshot of the user's public attributes. This needs no permission: every user can be read.
   *
   * @returns the snapshot, or `null` if there is no such user. It never contains e-mail addresses, phone
   * numbers or push tokens.
   */
  get(): Promise<UserSnapshot | null>;
  /**
   * Sets properties of the user, and creates the user if there is none. Fields that are absent or `undefined`
   * keep their value; `null` resets a field to its default; `custom` and `pushTokens` are merged key by key.
   *
   * Rejects with `name_required` if the user does not exist and no name is given, with `user_sync_disabled`
   * if only the app's backend may write users, and with `invalid_argument` if a value has the wrong type,
   * form or size.
   */
  set(params: SetUserParams): Promise<void>;
  /**
   * Creates the user. Does nothing if a user with this ID exists.
   *
   * Rejects with `user_sync_disabled` if the user does not exist and only the app's backend may write users.
   */
  createIfNotExists(params: CreateUserParams): Promise<void>;
  /**
   * Calls `onSnapshot` with the user now and whenever a field changes, or with `null` if there is no such
   * user.
   */
  subscribe(onSnapshot?: (snapshot: UserSnapshot | null) => void): UserSubscription & Disposable;
  /**
   * Calls `onSnapshot` with whether the user is online, now and whenever that or the user changes, or with
   * `null` if there is no such user. A user is online while a client of theirs has a subscription, and for
   * some seconds after a request.
   */
  subscribeOnline(
    onSnapshot?: (snapshot: UserOnlineSnapshot | null) => void,
  ): UserOnlineSubscription & Disposable;
}

/** The properties of a user to create. */
export interface CreateUserParams {
  /** The user's name, as others see it. */
  name: string;
  /** Custom data. Default: none. */
  custom?: Record<string, string>;
  /** One or more e-mail addresses. Never sent to clients. Default: none. */
  email?: string | string[];
  /** One or more phone numbers. Never sent to clients. Default: none. */
  phone?: string | string[];
  /** An IETF (BCP 47) language tag. Default: the app's locale. */
  locale?: string;
  /** The URL of a photo. Default: no photo. */
  photoUrl?: string;
  /**
   * Devices to notify. Keys have the form `provider:token_id`; a provider is `fcm` or `apns`. Default: none.
   */
  pushTokens?: Record<string, true>;
  /** The user's role. Default: the app's default role. */
  role?: string;
  /** The message that others see when they start a chat with this user. Default: none. */
  welcomeMessage?: string;
}

/**
 * Changes to a user. A field that is absent or `undefined` keeps its value, `null` resets it, a value
 * replaces it.
 */
export interface SetUserParams {
  /** The user's name, as others see it. Required if the user does not exist yet; cannot be reset. */
  name?: string;
  /** Custom data, merged key by key: `null` for a key deletes it. `null` for the field deletes all keys. */
  custom?: Record<string, string | null> | null;
  /** E-mail addresses, which replace the previous ones. Never sent to clients. `null`: none. */
  email?: string | string[] | null;
  /** Phone numbers, which replace the previous ones. Never sent to clients. `null`: none. */
  phone?: string | string[] | null;
  /** An IETF (BCP 47) language tag. `null`: the app's locale. */
  locale?: string | null;
  /** The URL of a photo. `null`: no photo. */
  photoUrl?: string | null;
  /**
   * Devices to notify, merged key by key: `true` registers a device, `null` unregisters it. Keys have the
   * form `provider:token_id`; a provider is `fcm` or `apns`. `null` for the field unregisters all devices.
   */
  pushTokens?: Record<string, true | null> | null;
  /** The user's role. `null`: the app's default role. */
  role?: string | null;
  /** The message that others see when they start a chat with this user. `null`: none. */
  welcomeMessage?: string | null;
}

/**
 * A user's public attributes at one moment. Plain, deeply frozen data that does not change if the user does.
 */
export declare class UserSnapshot {
  private constructor();
  /** The user's ID. */
  readonly id: string;
  /** The user's name, as others see it. */
  readonly name: string;
  /** Custom data that was set on the user. */
  readonly custom: Record<string, string>;
  /** An IETF (BCP 47) language tag; the app's locale if none was set. */
  readonly locale: string;
  /** The URL of a photo, or `null` if there is none. */
  readonly photoUrl: string | null;
  /** The user's role; the app's default role if none was set. */
  readonly role: string;
  /** The message that others see when they start a chat with this user, or `null` if there is none. */
  readonly welcomeMessage: string | null;
}

/** Whether a user is online. */
export interface UserOnlineSnapshot {
  /** The user. */
  readonly user: UserSnapshot;
  /** Whether a client of the user is connected. */
  readonly isConnected: boolean;
}
