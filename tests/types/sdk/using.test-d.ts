// Programs that are compiled for `using`: a subscription ends with the block that declares it.
import { getTalkSession } from "causerie";
import type { MessageSnapshot, Subscription, UserSnapshot } from "causerie";

const session = getTalkSession({ appId: "demo", userId: "ada" });

export async function once(): Promise<UserSnapshot | null> {
  using user = session.user("bob").subscribe();
  return (await user.connected).latestSnapshot;
}

export async function some(): Promise<MessageSnapshot[]> {
  using stack = new DisposableStack();
  const messages = stack.use(session.conversation("order-391").subscribeMessages());
  stack.use(session.subscribeConversations());
  return (await messages.connected).latestSnapshot ?? [];
}

export function refused(plain: Subscription): void {
  // @ts-expect-error the result of `onError` and a plain subscription cannot be declared with `using`
  using one = plain;
  void one;
}
