// Live data: the handles of subscriptions, and the lists and bodies that they show.
//
//     new Live(link)                   one for each session
//
//     link, an object of the wasm module:
//       subscribe(topic)               → the subscription's id; throws if the session cannot subscribe
//       unsubscribe(id)
//       setWindow(id, count)           how many entries to request if the list must be sent whole again
//       loadPage(topic, after, limit)  → a promise of the result { value, entities }; after: { at, id }
//     Its methods are called within open, unsubscribe and loadMore, and in microtasks; never by those below.
//
//     live.open(topic, onSnapshot?)    → a handle { state, connected, terminated, unsubscribe() }; if a list,
//                                        also loadMore(count?); and [Symbol.dispose]() if that symbol exists
//     live.reset(frame)                parsed frames of subscriptions whose id came from link.subscribe
//     live.events(frame)
//     live.update(frame)
//     live.ended(id, error)            the server ended the subscription; the error is an Error
//     live.end(error)                  the session ended
//
// The bodies of a frame are ingested, and the subscriptions that they can affect are marked → at the end of
// the turn, each marked subscription makes its snapshot → each handle whose snapshot is a different object
// takes it → callbacks run.
//
// All handles of one topic share one subscription to the server. A list is loaded from its start down to its
// lower bound; each handle shows it down to a lower bound of its own.

import { causerieError, report } from "../interop/error.js";
import { waiting } from "../interop/waiting.js";
import { Bodies } from "../snapshots/bodies.js";
import { setTimer } from "../transport/clock.js";

// The number of entries that a list has at first, that loadMore() adds, and that loadMore(count) may add at
// most.
const LISTS = {
  conversations: [20, 20, 30],
  messages: [30, 30, 100],
  participants: [10, 10, 50],
  reactions: [10, 30, 100],
};
// The largest window of a subscription.
const MAX_WINDOW = 1000;
// The milliseconds after which a user whose typing is not confirmed has stopped: 10 s, and 3 s for delays.
const TYPING_TIMEOUT = 13_000;

const { freeze } = Object;
/**
 * The state of a handle. Active: `latestSnapshot`, and of a list `loadedAll`; in the error state: `error`.
 * @type {{ readonly type: string, latestSnapshot?: any, loadedAll?: boolean, error?: Error }}
 */
const PENDING = freeze({ type: "pending" });
// Cursors before and behind all entries of a list.
const START = { at: Infinity };
const END = { at: -Infinity };

// Whether a cursor comes before another one. Newest first, equal times by descending id; in lists that are
// oldest first, `at` is negative and ids ascend. Ids have the server's order: by code points, as by the bytes
// of UTF-8. The order of UTF-16 units, which `>` compares, puts U+10000 and above (surrogates) before U+E000
// to U+FFFF.
const precedes = (one, other) => {
  if (one.at !== other.at || one.id === other.id) return one.at > other.at;
  let index = 0;
  while (one.id[index] === other.id[index]) index++;
  return one.id.codePointAt(index) > (other.id.codePointAt(index) ?? -1) === one.at > 0;
};

const deferred = () => {
  let settle;
  const promise = new Promise((resolve, reject) => (settle = { resolve, reject }));
  // A rejection that the program does not wait for is not an unhandled one.
  promise.catch(() => {});
  settle.promise = promise;
  return settle;
};

export function Live(link) {
  const topics = new Map();
  let bodies = Bodies();
  let changed = new Set();
  let timer;

  // ——— Handles ———

  const open = (topic, onSnapshot) => {
    const key = JSON.stringify(topic);
    const sizes = LISTS[topic.kind];
    const connected = deferred();
    const terminated = deferred();
    // `lowerBound`: the cursor down to which the handle shows its list. `requested`: how many entries beyond
    // that it waits for.
    const handle = {
      onSnapshot,
      state: PENDING,
      connected,
      terminated,
      lowerBound: START,
      requested: sizes?.[0],
    };
    let shared = [...topics.values()].find((other) => other.key === key);
    if (shared) markChanged(shared);
    else {
      shared = { topic, key, sizes, handles: new Set(), window: sizes?.[0] };
      try {
        topics.set((shared.id = link.subscribe(topic)), shared);
        waiting.add(live);
      } catch (error) {
        close(handle, { type: "error", error });
      }
    }
    if (handle.state === PENDING) shared.handles.add(handle);

    const unsubscribe = () => {
      if (!shared.handles.delete(handle)) return;
      close(handle, { type: "unsubscribed" });
      if (shared.handles.size) return markChanged(shared);
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
          const message = `count: must be an integer from 1 to ${sizes[2]} (got ${count})`;
          throw causerieError("invalid_argument", message, false, "count");
        }
        await connected.promise.catch(() => {});
        if (handle.state.type !== "active") return;
        handle.requested = Math.max(handle.requested, count);
        handle.loaded ??= deferred();
        markChanged(shared);
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
    if (!topics.size) {
      bodies = Bodies();
      waiting.delete(live);
    }
    expireTyping();
  };

  // ——— Frames from the server ———

  const ingest = (entities) =>
    bodies.ingest(entities, (kind, { id, conversation = id }) =>
      markAffected(kind === "users" || conversation),
    );

  // Marks the subscriptions that a change can affect: one in this conversation, or of a user (true).
  const markAffected = (conversation) => {
    for (const shared of topics.values()) {
      const { kind, id } = shared.topic;
      if (conversation === true || kind === "conversations" || id === conversation) markChanged(shared);
    }
  };

  const markChanged = (shared) => {
    if (!changed.size) Promise.resolve().then(emit);
    changed.add(shared);
  };

  // An item of a list, or the value of a topic, with its cursor: the latest of the body's times decides.
  const toItem = ({ topic, key }, value, entities) => {
    const entry = bodies.resolve(topic.kind, value, topic.id, key, entities);
    const { createdAt = 0, joinedAt = 0, lastMessageAt = 0 } = entry?.body ?? {};
    const at = Math.max(createdAt, joinedAt, lastMessageAt);
    return { entry, id: value.user ?? value, at: topic.kind === "reactions" ? -at : at };
  };

  const reset = (frame) => {
    record(frame);
    const shared = topics.get(frame.id);
    if (!shared) return;
    ingest(frame.entities);
    const { value } = frame;
    shared.page = undefined;
    shared.ready = true;
    shared.items =
      value == null
        ? null
        : (shared.sizes ? value.items : [value]).map((item) => toItem(shared, item, frame.entities));
    shared.lowerBound = (value?.more && shared.items.at(-1)) || END;
    for (const handle of shared.handles) {
      if (precedes(shared.lowerBound, handle.lowerBound)) handle.lowerBound = shared.lowerBound;
    }
    shared.until = value?.many || value?.users?.length ? performance.now() + TYPING_TIMEOUT : 0;
    expireTyping();
    markChanged(shared);
  };

  const events = (frame) => {
    record(frame);
    apply(frame);
  };

  const apply = ({ id, changes = [], entities }, only) => {
    ingest(entities);
    const shared = topics.get(id);
    const items = shared?.items;
    if (!items || (only && only !== shared)) return;
    for (const { put, drop = put.user ?? put } of changes) {
      const known = items.findIndex((item) => item.id === drop);
      if (known >= 0) items.splice(known, 1);
      if (put !== undefined) {
        insert(shared, toItem(shared, put, entities));
      } else if (shared.topic.kind === "messages") {
        bodies.forget(drop, shared.topic.id);
        markAffected(shared.topic.id);
      }
    }
    markChanged(shared);
  };

  const insert = ({ items, lowerBound }, item) => {
    if (precedes(lowerBound, item)) return;
    const index = items.findIndex((other) => precedes(item, other));
    items.splice(index < 0 ? items.length : index, 0, item);
  };

  // Records a frame for the pages that are being loaded. A page can be older than the frame, so the frame is
  // applied once more after the page.
  const record = (frame) => {
    for (const { page } of topics.values()) page?.push(frame);
  };

  const loadPage = (shared, limit) => {
    const { topic, lowerBound } = shared;
    const page = (shared.page = []);
    link.loadPage(topic, { at: Math.abs(lowerBound.at), id: lowerBound.id }, limit).then(
      ({ value, entities }) => {
        // A page that no longer joins the list's end is requested again if a handle still waits for it.
        if (shared.page !== page) return;
        shared.page = undefined;
        ingest(entities);
        shared.lowerBound = END;
        // An item that moved in the meantime can be in the page and in the list.
        const ids = new Set(page.length ? shared.items.map(({ id }) => id) : page);
        for (const item of value?.items ?? []) {
          const last = toItem(shared, item, entities);
          if (!ids.has(last.id)) shared.items.push(last);
          if (value.more) shared.lowerBound = last;
        }
        for (const frame of page) apply(frame, shared);
        markChanged(shared);
      },
      (error) => {
        if (shared.page !== page) return;
        shared.page = undefined;
        for (const handle of shared.handles) {
          if (!handle.requested) continue;
          handle.requested = 0;
          // A handle that waits for its first snapshot takes the entries that are loaded.
          if (handle.state === PENDING) handle.lowerBound = lowerBound;
          handle.loaded?.reject(error);
          handle.loaded = undefined;
        }
        markChanged(shared);
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

  // Empties the typing topics that have timed out, and sets the one timer for the next.
  const expireTyping = () => {
    const now = performance.now();
    let next = Infinity;
    for (const shared of topics.values()) {
      if (!shared.until) continue;
      if (shared.until > now) next = Math.min(next, shared.until - now);
      else reset({ id: shared.id, value: { users: [] } });
    }
    clearTimeout(timer);
    if (next < Infinity) timer = setTimer(expireTyping, next, false);
  };

  // ——— Snapshots ———

  const emit = () => {
    const updated = [];
    const affected = changed;
    changed = new Set();
    for (const shared of affected) {
      if (!shared.ready || topics.get(shared.id) !== shared) continue;
      if (shared.sizes) updateList(shared, updated);
      else {
        const snapshot = shared.items && bodies.view(shared.items[0].entry);
        for (const handle of shared.handles) activate(handle, updated, snapshot);
      }
    }
    bodies.sweep(() => {
      for (const { items } of topics.values()) for (const { entry } of items ?? []) bodies.view(entry);
    });
    for (const handle of updated) {
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

  const updateList = (shared, updated) => {
    const items = shared.items ?? [];
    const views = items.map(({ entry }) => bodies.view(entry));
    let shown = 0;
    let missing = 0;
    let lowest = START;
    for (const handle of shared.handles) {
      let count = items.length;
      while (count && precedes(handle.lowerBound, items[count - 1])) count--;
      const beyond = items.length - count;
      if (beyond >= handle.requested || shared.lowerBound === END) {
        if (handle.requested) {
          count = Math.min(count + handle.requested, items.length);
          handle.lowerBound = beyond > handle.requested ? items[count - 1] : shared.lowerBound;
          handle.requested = 0;
          handle.loaded?.resolve();
          handle.loaded = undefined;
        }
      } else missing = Math.max(missing, handle.requested - beyond);
      shown = Math.max(shown, count);
      if (precedes(lowest, handle.lowerBound)) lowest = handle.lowerBound;
      if (handle.state === PENDING && handle.requested) continue;
      const old = handle.state.latestSnapshot;
      const same = shared.items && old?.length === count && old.every((view, index) => view === views[index]);
      const snapshot = same ? old : shared.items && freeze(views.slice(0, count));
      activate(handle, updated, snapshot, count === items.length && shared.lowerBound === END);
    }
    if (missing) {
      if (!shared.page) loadPage(shared, missing);
    } else if (shown < items.length) {
      // No handle shows these entries any more: the one that loaded them has unsubscribed.
      items.length = shown;
      shared.lowerBound = lowest;
      shared.page = undefined;
    }
    const window = Math.min(Math.max(items.length, shared.sizes[0]), MAX_WINDOW);
    if (window !== shared.window) link.setWindow(shared.id, (shared.window = window));
  };

  const activate = (handle, updated, latestSnapshot, loadedAll) => {
    const old = handle.state;
    if (old !== PENDING && old.latestSnapshot === latestSnapshot && old.loadedAll === loadedAll) return;
    const state = { type: "active", latestSnapshot };
    if (loadedAll !== undefined) state.loadedAll = loadedAll;
    handle.state = freeze(state);
    if (old === PENDING) handle.connected.resolve(state);
    updated.push(handle);
  };

  const end = (error) => {
    for (const id of topics.keys()) ended(id, error);
  };

  const live = { open, reset, events, update: events, ended, end, fail: end };
  return live;
}
