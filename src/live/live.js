// Live data: subscriptions that the program holds, and the lists and bodies behind them.
//
//     new Live(userId, link)           one for each session
//
//     link, an object of the wasm side:
//       subscribe(topic, limit?)       → the subscription's id; throws the error, where there can be none
//       unsubscribe(id)
//       window(id, count)              how much to ask for, if the whole must be asked for again
//       more(topic, after, limit)      → a promise of the answer { value, entities }; after: { at, id }
//     It is called by open, unsubscribe and loadMore of the program, and in microtasks: never by what follows here.
//
//     live.open(topic, onSnapshot?)    → { state, connected, terminated, unsubscribe(), loadMore(count?) on lists,
//                                          and [Symbol.dispose]() where there is such a symbol }
//     live.reset(frame)                frames as parsed, of subscriptions that link.subscribe gave an id
//     live.events(frame)
//     live.update(frame)
//     live.ended(id, error)            the server ended it; the error is an Error
//     live.end(error)                  the session ended
//
// A frame's bodies are learnt, and the topics that they can affect are noted → once the turn is over, each of these makes
// its snapshot, and each handle whose snapshot is another one than before is told → then the callbacks run.
//
// All handles of one topic share one subscription of the server's. A list is loaded from its head down to a place, its
// low end; each handle sees it down to a place of its own.

import { causerieError, report } from "../interop/error.js";
import { Bodies } from "../snapshots/bodies.js";
import { clearTimer, setTimer } from "../transport/clock.js";

// How many entries a list has at first, loadMore() adds, and loadMore may be asked for.
const LISTS = {
  conversations: [20, 20, 30],
  messages: [30, 30, 100],
  participants: [10, 10, 50],
  reactions: [10, 30, 100],
};
/** The most that a subscription may be asked for again. */
const WINDOW = 1000;
/** Who was not heard of for so long is not typing any more, whatever the network lost: 10 s, and 3 s of grace. */
const TYPING = 13_000;

const { freeze } = Object;
const PENDING = freeze({ type: "pending" });
// Places in a list, before and behind all others.
const TOP = { at: Infinity };
const BOTTOM = { at: -Infinity };

/** Whether a place comes first. Of lists with the oldest first, `at` is negative and ids ascend. */
const before = (one, other) =>
  one.at > other.at || (one.at === other.at && one.id !== other.id && one.id > other.id === one.at > 0);

const deferred = () => {
  let made;
  const promise = new Promise((resolve, reject) => (made = { resolve, reject }));
  // Nobody need be waiting.
  promise.catch(() => {});
  made.promise = promise;
  return made;
};

export function Live(_userId, link) {
  const topics = new Map();
  let bodies = Bodies();
  let changed = new Set();
  let timer;

  // ——— What the program does ———

  const open = (topic, onSnapshot) => {
    const key = JSON.stringify(topic);
    const sizes = LISTS[topic.kind];
    const connected = deferred();
    const terminated = deferred();
    // `low`: down to where the handle sees its list. `wish`: how many entries beyond that it waits for.
    const handle = { onSnapshot, state: PENDING, connected, terminated, low: TOP, wish: sizes?.[0] };
    let shared = [...topics.values()].find((other) => other.key === key);
    if (shared) touch(shared);
    else {
      shared = { topic, key, sizes, handles: new Set(), window: sizes?.[0] };
      try {
        topics.set((shared.id = link.subscribe(topic)), shared);
      } catch (error) {
        close(handle, { type: "error", error });
      }
    }
    if (handle.state === PENDING) shared.handles.add(handle);

    const unsubscribe = () => {
      if (!shared.handles.delete(handle)) return;
      close(handle, { type: "unsubscribed" });
      if (shared.handles.size) return touch(shared);
      remove(shared);
      link.unsubscribe(shared.id);
    };
    const subscription = {
      get state() {
        return handle.state;
      },
      connected: connected.promise,
      terminated: terminated.promise,
      unsubscribe,
    };
    if (Symbol.dispose) subscription[Symbol.dispose] = unsubscribe;
    if (sizes) {
      subscription.loadMore = async (count = sizes[1]) => {
        if (!Number.isInteger(count) || count < 1 || count > sizes[2]) {
          throw causerieError("invalid_argument", `count: must be from 1 to ${sizes[2]}`, false, "count");
        }
        await connected.promise.catch(() => {});
        if (handle.state.type !== "active") return;
        handle.wish = Math.max(handle.wish, count);
        handle.loaded ??= deferred();
        touch(shared);
        await handle.loaded.promise;
      };
    }
    return subscription;
  };

  const close = (handle, state) => {
    if (handle.state === PENDING) {
      handle.connected.reject(
        state.error ?? causerieError("unsubscribed", "ended before the first snapshot", false),
      );
    }
    handle.state = freeze(state);
    handle.terminated.resolve(state);
    handle.loaded?.resolve();
  };

  const remove = (shared) => {
    topics.delete(shared.id);
    shared.page = undefined;
    if (!topics.size) bodies = Bodies();
    watchTypers();
  };

  // ——— What the server says ———

  const learn = (entities) =>
    bodies.learn(entities, (kind, { id, conversation = id }) => affect(kind === "users" || conversation));

  // Notes the topics that a change in this conversation, or of anything (true), can affect.
  const affect = (where) => {
    for (const shared of topics.values()) {
      const { kind, id } = shared.topic;
      if (where === true || kind === "conversations" || id === where) touch(shared);
    }
  };

  const touch = (shared) => {
    if (!changed.size) Promise.resolve().then(emit);
    changed.add(shared);
  };

  // An item of a list, or the value of a topic, at its place. Of its times the latest decides; a body has no later one.
  const entry = ({ topic, key }, item, entities) => {
    const named = bodies.name(topic.kind, item, topic.id, key, entities);
    const { createdAt = 0, joinedAt = 0, lastMessageAt = 0 } = named?.body ?? {};
    const at = Math.max(createdAt, joinedAt, lastMessageAt);
    return { named, id: item.user ?? item, at: topic.kind === "reactions" ? -at : at };
  };

  const reset = (frame) => {
    note(frame);
    const shared = topics.get(frame.id);
    if (!shared) return;
    learn(frame.entities);
    const { value } = frame;
    shared.page = undefined;
    shared.ready = true;
    shared.items =
      value == null
        ? null
        : (shared.sizes ? value.items : [value]).map((item) => entry(shared, item, frame.entities));
    shared.low = (value?.more && shared.items.at(-1)) || BOTTOM;
    for (const handle of shared.handles) if (before(shared.low, handle.low)) handle.low = shared.low;
    shared.until = value?.many || value?.users?.length ? performance.now() + TYPING : 0;
    watchTypers();
    touch(shared);
  };

  const events = (frame) => {
    note(frame);
    apply(frame);
  };

  const apply = ({ id, changes = [], entities }, only) => {
    learn(entities);
    const shared = topics.get(id);
    const items = shared?.items;
    if (!items || (only && only !== shared)) return;
    for (const { put, drop = put.user ?? put } of changes) {
      const known = items.findIndex((item) => item.id === drop);
      if (known >= 0) items.splice(known, 1);
      if (put !== undefined) {
        insert(shared, entry(shared, put, entities));
      } else if (shared.topic.kind === "messages") {
        bodies.forget(drop, shared.topic.id);
        affect(shared.topic.id);
      }
    }
    touch(shared);
  };

  const insert = ({ items, low }, item) => {
    if (before(low, item)) return;
    const place = items.findIndex((other) => before(item, other));
    items.splice(place < 0 ? items.length : place, 0, item);
  };

  // While a page is on its way, later changes may overtake it; they are applied once more behind it.
  const note = (frame) => {
    for (const { page } of topics.values()) page?.push(frame);
  };

  const load = (shared, limit) => {
    const { topic, low } = shared;
    const page = (shared.page = []);
    link.more(topic, { at: Math.abs(low.at), id: low.id }, limit).then(
      ({ value, entities }) => {
        // A page that no longer joins the list's end is asked for again, if anybody still waits for it.
        if (shared.page !== page) return;
        shared.page = undefined;
        learn(entities);
        shared.low = BOTTOM;
        // What was put at another place meanwhile may stand in the page as well.
        const ids = new Set(page.length ? shared.items.map(({ id }) => id) : page);
        for (const item of value?.items ?? []) {
          const last = entry(shared, item, entities);
          if (!ids.has(last.id)) shared.items.push(last);
          if (value.more) shared.low = last;
        }
        for (const frame of page) apply(frame, shared);
        touch(shared);
      },
      (error) => {
        if (shared.page !== page) return;
        shared.page = undefined;
        for (const handle of shared.handles) {
          if (!handle.wish) continue;
          handle.wish = 0;
          // A handle that waits for its first snapshot takes what there is.
          if (handle.state === PENDING) handle.low = low;
          handle.loaded?.reject(error);
          handle.loaded = undefined;
        }
        touch(shared);
      },
    );
  };

  const ended = (id, error) => {
    const shared = topics.get(id);
    if (!shared) return;
    remove(shared);
    for (const handle of shared.handles) close(handle, { type: "error", error });
    shared.handles.clear();
  };

  // The one timer: drops those who were not heard of for too long.
  const watchTypers = () => {
    const now = performance.now();
    let next = Infinity;
    for (const shared of topics.values()) {
      if (!shared.until) continue;
      if (shared.until > now) next = Math.min(next, shared.until - now);
      else reset({ id: shared.id, value: { users: [] } });
    }
    clearTimer(timer);
    if (next < Infinity) timer = setTimer(watchTypers, next, false);
  };

  // ——— What the program is told ———

  const emit = () => {
    const called = [];
    const affected = changed;
    changed = new Set();
    for (const shared of affected) {
      if (!shared.ready || topics.get(shared.id) !== shared) continue;
      if (shared.sizes) showList(shared, called);
      else {
        const snapshot = shared.items && bodies.view(shared.items[0].named);
        for (const handle of shared.handles) show(handle, called, snapshot);
      }
    }
    bodies.sweep(() => {
      for (const { items } of topics.values()) for (const { named } of items ?? []) bodies.view(named);
    });
    for (const handle of called) {
      const { onSnapshot, state } = handle;
      if (state.type !== "active" || !onSnapshot) continue;
      try {
        if ("loadedAll" in state) onSnapshot(state.latestSnapshot, state.loadedAll);
        else onSnapshot(state.latestSnapshot);
      } catch (error) {
        report(error);
      }
    }
  };

  const showList = (shared, called) => {
    const items = shared.items ?? [];
    const views = items.map(({ named }) => bodies.view(named));
    let needed = 0;
    let wanted = 0;
    let lowest = TOP;
    for (const handle of shared.handles) {
      let count = items.length;
      while (count && before(handle.low, items[count - 1])) count--;
      const beyond = items.length - count;
      if (beyond >= handle.wish || shared.low === BOTTOM) {
        if (handle.wish) {
          count = Math.min(count + handle.wish, items.length);
          handle.low = beyond > handle.wish ? items[count - 1] : shared.low;
          handle.wish = 0;
          handle.loaded?.resolve();
          handle.loaded = undefined;
        }
      } else wanted = Math.max(wanted, handle.wish - beyond);
      needed = Math.max(needed, count);
      if (before(lowest, handle.low)) lowest = handle.low;
      if (handle.state === PENDING && handle.wish) continue;
      const old = handle.state.latestSnapshot;
      const same = old?.length === count && old.every((view, index) => view === views[index]);
      const snapshot = same ? old : shared.items && freeze(views.slice(0, count));
      show(handle, called, snapshot, count === items.length && shared.low === BOTTOM);
    }
    if (wanted) {
      if (!shared.page) load(shared, wanted);
    } else if (needed < items.length) {
      // What a handle that is gone had loaded beyond the others.
      items.length = needed;
      shared.low = lowest;
      shared.page = undefined;
    }
    const window = Math.min(Math.max(items.length, shared.sizes[0]), WINDOW);
    if (window !== shared.window) link.window(shared.id, (shared.window = window));
  };

  const show = (handle, called, latestSnapshot, loadedAll) => {
    const old = handle.state;
    if (old !== PENDING && old.latestSnapshot === latestSnapshot && old.loadedAll === loadedAll) return;
    const state = { type: "active", latestSnapshot };
    if (loadedAll !== undefined) state.loadedAll = loadedAll;
    handle.state = freeze(state);
    if (old === PENDING) handle.connected.resolve(state);
    called.push(handle);
  };

  const end = (error) => {
    for (const id of topics.keys()) ended(id, error);
  };

  return { open, reset, events, update: events, ended, end };
}
