// Round trips: `userRef.get()` over loopback, compared with a raw WebSocket echo of the bytes that it sends.
// Both run in turn, in one page. The echo stores nothing, looks nothing up and parses nothing.
import { getTalkSession } from "causerie";

import { quantile } from "./stats.js";

// Returns the text of the request that one get() sends.
async function captureRequest(ref) {
  const original = WebSocket.prototype.send;
  let sent;
  WebSocket.prototype.send = function send(data) {
    sent = data;
    return original.call(this, data);
  };
  try {
    await ref.get();
  } finally {
    WebSocket.prototype.send = original;
  }
  if (typeof sent !== "string") throw new Error("get() sent no text over a WebSocket");
  return sent;
}

async function openEcho(url) {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error(`no echo at ${url}`));
  });
  return (text) =>
    new Promise((resolve) => {
      socket.onmessage = (event) => resolve(event.data);
      socket.send(text);
    });
}

async function timed(run) {
  const since = performance.now();
  await run();
  return performance.now() - since;
}

globalThis.bench = async ({ host, appId, userId, echo, rounds, warmUp }) => {
  const ref = getTalkSession({ appId, userId, host }).user(userId);
  const user = await ref.get();
  if (user?.id !== userId) throw new Error(`get() did not find ${userId}`);
  const text = await captureRequest(ref);
  const call = await openEcho(echo);
  if ((await call(text)) !== text) throw new Error("the echo returned another message");

  const get = () => ref.get();
  const raw = () => call(text);
  const sdkTimes = [];
  const floors = [];
  for (let round = -warmUp; round < rounds; round += 1) {
    let one;
    let other;
    if (round % 2 === 0) {
      one = await timed(get);
      other = await timed(raw);
    } else {
      other = await timed(raw);
      one = await timed(get);
    }
    if (round >= 0) {
      sdkTimes.push(one);
      floors.push(other);
    }
  }
  const quantiles = (numbers) => ({ p50Ms: quantile(numbers, 0.5), p99Ms: quantile(numbers, 0.99) });
  const [get50, floor50] = [quantiles(sdkTimes), quantiles(floors)];
  return {
    rounds,
    requestBytes: text.length,
    preciseClock: globalThis.crossOriginIsolated,
    get: get50,
    echo: floor50,
    ratioP50: get50.p50Ms / floor50.p50Ms,
    ratioP99: get50.p99Ms / floor50.p99Ms,
  };
};
