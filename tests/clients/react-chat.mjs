// The quick start of a React app: a hook for each subscription, a list of messages and a form. Without JSX,
// so that it runs as it is.
import {
  createElement as h,
  memo,
  useCallback,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from "react";

import { getTalkSession } from "causerie";

/** The session of a user: the same one in every render and every component. */
const useSession = ({ host, appId, userId }) =>
  useMemo(() => getTalkSession({ host, appId, userId }), [host, appId, userId]);

/** The messages of a conversation, newest first; `undefined` until they are loaded. */
const useMessages = (conversation) => {
  const [subscription, setSubscription] = useState(null);
  const subscribe = useCallback(
    (onChange) => {
      const subscription = conversation.subscribeMessages(onChange);
      setSubscription(subscription);
      return () => subscription.unsubscribe();
    },
    [conversation],
  );
  const read = () => (subscription?.state.type === "active" ? subscription.state.latestSnapshot : undefined);
  return useSyncExternalStore(subscribe, read, () => undefined);
};

/** Who is typing, by an effect and a state. */
const useTyping = (conversation) => {
  const [names, setNames] = useState([]);
  useEffect(() => {
    const { unsubscribe } = conversation.subscribeTyping((typing) =>
      setNames(typing && !typing.many ? typing.users.map(({ name }) => name) : []),
    );
    return unsubscribe;
  }, [conversation]);
  return names;
};

/** One message. It is rendered again only if its snapshot is another object. */
const Message = memo(({ message, onRender }) => {
  onRender(message.plaintext);
  return h("li", null, `${message.sender?.name ?? "system"}: ${message.plaintext}`);
});

export const Chat = ({ options, id, onRender }) => {
  const session = useSession(options);
  const conversation = session.conversation(id);
  const messages = useMessages(conversation);
  const typing = useTyping(conversation);
  const [text, setText] = useState("");
  const onInput = (event) => {
    setText(event.target.value);
    conversation.markAsTyping();
  };
  const onSubmit = async (event) => {
    event.preventDefault();
    setText("");
    await conversation.send(text);
  };
  if (messages === undefined) return h("p", null, "Loading…");
  if (messages === null) return h("p", null, "You are not in this conversation.");
  const list = [...messages].reverse().map((message) => h(Message, { key: message.id, message, onRender }));
  return h(
    "main",
    null,
    h("ul", null, list),
    h("p", { className: "typing" }, typing.join(", ")),
    h("form", { onSubmit }, h("input", { value: text, onInput })),
  );
};
