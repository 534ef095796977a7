//! `UserRef`.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::Resource;
use crate::interop::params;
use crate::snapshots;

/// References the user with a given id. Made by `TalkSession.user`.
#[wasm_bindgen(skip_typescript)]
pub struct UserRef {
    resource: Resource,
}

impl UserRef {
    pub(crate) fn interned(resource: Resource) -> JsValue {
        resource.interned(|resource| UserRef { resource }.into())
    }
}

#[wasm_bindgen]
impl UserRef {
    /// The id of the referenced user.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn id(&self) -> JsValue {
        self.resource.name("user")
    }

    /// Fetches a snapshot of the user.
    pub fn get(&self) -> Promise {
        self.resource.read("user.get", snapshots::user)
    }

    /// Sets properties of the user.
    pub fn set(&self, params: &JsValue) -> Promise {
        self.resource.write_with("user.set", params::data("params", params))
    }

    /// Creates the user, or does nothing if there is one.
    #[wasm_bindgen(js_name = createIfNotExists)]
    pub fn create_if_not_exists(&self, params: &JsValue) -> Promise {
        self.resource.write_with("user.createIfNotExists", params::data("params", params))
    }

    /// Subscribes to the user.
    ///
    /// # Errors
    /// Throws a `TypeError` for what is no function.
    pub fn subscribe(&self, on_snapshot: &JsValue) -> Result<JsValue, JsValue> {
        self.resource.subscribe("user", on_snapshot)
    }

    /// Subscribes to whether the user is online.
    ///
    /// # Errors
    /// Throws a `TypeError` for what is no function.
    #[wasm_bindgen(js_name = subscribeOnline)]
    pub fn subscribe_online(&self, on_snapshot: &JsValue) -> Result<JsValue, JsValue> {
        self.resource.subscribe("online", on_snapshot)
    }
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
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
   * Fetches a snapshot of the user's public attributes. Needs no permission: every user may be read.
   *
   * @returns the snapshot, or `null` if there is no such user. E-mail addresses, phone numbers and push tokens are
   * never part of it.
   */
  get(): Promise<UserSnapshot | null>;
  /**
   * Sets properties of the user, who is created if there is none. Fields that are absent or `undefined` keep their
   * value; `null` resets a field to its default; `custom` and `pushTokens` are merged key by key.
   *
   * Rejects with `name_required` if the user does not exist and no name is given, with `user_sync_disabled` if the
   * app lets only its backend write users, and with `invalid_argument` for a value of the wrong form.
   */
  set(params: SetUserParams): Promise<void>;
  /**
   * Creates the user, or does nothing if one of this ID exists already.
   *
   * Rejects with `user_sync_disabled` if the user does not exist and the app lets only its backend write users.
   */
  createIfNotExists(params: CreateUserParams): Promise<void>;
  /** Calls `onSnapshot` with the user now, and whenever anything in the snapshot changes; `null` if there is none. */
  subscribe(onSnapshot?: (snapshot: UserSnapshot | null) => void): UserSubscription;
  /**
   * Calls `onSnapshot` with whether the user is online now, and whenever that or the user changes; `null` if there is no
   * such user. A user is online while a client of theirs is subscribed to anything, and for some seconds after a request.
   */
  subscribeOnline(onSnapshot?: (snapshot: UserOnlineSnapshot | null) => void): UserOnlineSubscription;
}

/** What a user is created with. */
export interface CreateUserParams {
  /** The user's name, as others see it. */
  name: string;
  /** Custom data. Default: none. */
  custom?: Record<string, string>;
  /** One or more e-mail addresses. Never given to clients. Default: none. */
  email?: string | string[];
  /** One or more phone numbers. Never given to clients. Default: none. */
  phone?: string | string[];
  /** An IETF (BCP 47) language tag. Default: the app's own locale. */
  locale?: string;
  /** The URL of a photo. Default: no photo. */
  photoUrl?: string;
  /** Devices to notify. Keys are `provider:token_id`, the provider being `fcm` or `apns`. Default: none. */
  pushTokens?: Record<string, true>;
  /** The user's role. Default: the app's default role. */
  role?: string;
  /** What a person sees when a chat with this user starts. Default: nothing. */
  welcomeMessage?: string;
}

/** What is changed of a user: absent or `undefined` keeps a field, `null` resets it, a value replaces it. */
export interface SetUserParams {
  /** The user's name, as others see it. Needed when the user does not exist yet; never `null`. */
  name?: string;
  /** Custom data, merged key by key: `null` for a key deletes it. `null` for all: no custom data. */
  custom?: Record<string, string | null> | null;
  /** E-mail addresses, replacing those there were. Never given to clients. `null`: none. */
  email?: string | string[] | null;
  /** Phone numbers, replacing those there were. Never given to clients. `null`: none. */
  phone?: string | string[] | null;
  /** An IETF (BCP 47) language tag. `null`: the app's own locale. */
  locale?: string | null;
  /** The URL of a photo. `null`: no photo. */
  photoUrl?: string | null;
  /**
   * Devices to notify, merged key by key: `true` registers a device, `null` unregisters it. Keys are
   * `provider:token_id`, the provider being `fcm` or `apns`. `null` for all: no devices.
   */
  pushTokens?: Record<string, true | null> | null;
  /** The user's role. `null`: the app's default role. */
  role?: string | null;
  /** What a person sees when a chat with this user starts. `null`: nothing. */
  welcomeMessage?: string | null;
}
"#;
