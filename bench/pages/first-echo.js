// The floor of first use: from the evaluation of the page's module to the first response of a raw WebSocket
// echo. It is the cost of a page, a browser and a new connection without an SDK. The address of the echo is
// in the URL's fragment.
const start = performance.now();

async function firstEcho({ echo }) {
  const socket = new WebSocket(echo);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error(`no echo at ${echo}`));
  });
  const opened = performance.now();
  const response = new Promise((resolve) => {
    socket.onmessage = (event) => resolve(event.data);
  });
  socket.send("hello");
  if ((await response) !== "hello") throw new Error("the echo returned another message");
  return { totalMs: performance.now() - start, openMs: opened - start };
}

const figures = firstEcho(JSON.parse(decodeURIComponent(location.hash.slice(1))));
// The runner calls bench() and gets a failure there; until then it must not be reported as unhandled.
figures.catch(() => {});
globalThis.bench = () => figures;
