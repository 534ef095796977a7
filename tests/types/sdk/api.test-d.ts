// The documented interfaces, member by member, each with its exact type: neither wider nor narrower, and never `any`.
import {
  CauserieError,
  ConversationRef,
  ConversationSnapshot,
  TalkSession,
  UserRef,
  UserSnapshot,
  getTalkSession,
  isCauserieError,
} from "causerie";
import type { CreateUserParams, ErrorCode, Session, SetUserParams, TalkSessionOptions } from "causerie";

/** Whether two types are the same one, not only assignable. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type IsAny<T> = 0 extends 1 & T ? true : false;
/** Compiles only for `true`. */
type Holds<T extends true> = T;
type Not<T extends boolean> = T extends true ? false : true;
/** A type written out flat, so that it can be compared with another. */
type Flat<T> = { [K in keyof T]: T[K] };
type Expected<Got, Wanted> = Same<Flat<Got>, Flat<Wanted>>;

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
      ConversationSnapshot,
      {
        readonly id: string;
        readonly subject: string | null;
        readonly photoUrl: string | null;
        readonly welcomeMessages: string[];
        readonly custom: Record<string, string>;
        readonly createdAt: number;
        readonly joinedAt: number;
        readonly lastMessageAt: number;
        readonly unreadMessageCount: number;
        readonly readUntil: number;
        readonly everyoneReadUntil: number;
        readonly isUnread: boolean;
        readonly access: "Read" | "ReadWrite";
        readonly notify: boolean | "MentionsOnly";
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
      }
    >
  >,
  Holds<Expected<ConversationRef, { readonly id: string; get(): Promise<ConversationSnapshot | null> }>>,
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
  Holds<Same<CauserieError["code"], ErrorCode>>,
  Holds<Same<CauserieError["retryable"], boolean>>,
  Holds<Same<CauserieError["field"], string | undefined>>,
  Holds<Same<CauserieError["retryAfter"], number | undefined>>,
  Holds<Same<CauserieError["requestId"], string | undefined>>,
];

/** What every method results in, and what every parameter is: `any` would be equal to all of the above by accident. */
export type NeverAny = [
  Holds<Not<IsAny<Awaited<ReturnType<UserRef["get"]>>>>>,
  Holds<Not<IsAny<Awaited<ReturnType<UserRef["set"]>>>>>,
  Holds<Not<IsAny<Awaited<ReturnType<UserRef["createIfNotExists"]>>>>>,
  Holds<Not<IsAny<Awaited<ReturnType<ConversationRef["get"]>>>>>,
  Holds<Not<IsAny<ReturnType<TalkSession["user"]>>>>,
  Holds<Not<IsAny<ReturnType<TalkSession["conversation"]>>>>,
  Holds<Not<IsAny<ReturnType<TalkSession["onError"]>>>>,
  Holds<Not<IsAny<ReturnType<TalkSession["setToken"]>>>>,
  Holds<Not<IsAny<Parameters<Parameters<TalkSession["onError"]>[0]>[0]>>>,
  Holds<Not<IsAny<Parameters<UserRef["set"]>[0]>>>,
  Holds<Not<IsAny<ReturnType<typeof getTalkSession>>>>,
];

/** The helpers themselves can say no. */
export type Helpers = [
  Holds<Not<Same<string | undefined, string | null>>>,
  Holds<Not<Expected<{ a: string }, { readonly a: string }>>>,
  Holds<Not<Expected<{ a?: string }, { a: string | undefined }>>>,
  Holds<Not<Same<any, string>>>,
  Holds<IsAny<any>>,
];

declare const caught: unknown;
if (isCauserieError(caught)) caught satisfies CauserieError;
