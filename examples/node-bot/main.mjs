import { startBot } from "./bot.mjs";

const { CAUSERIE_ORIGIN, CAUSERIE_APP_ID, CAUSERIE_TOKEN } = process.env;

const bot = await startBot({
  host: CAUSERIE_ORIGIN ?? "http://127.0.0.1:8787",
  appId: CAUSERIE_APP_ID ?? "demo",
  userId: "bot",
  name: "Bot",
  ...(CAUSERIE_TOKEN && { token: CAUSERIE_TOKEN }),
  answer: (message) => `Hello ${message.sender?.name ?? ""}, it is ${new Date().toLocaleTimeString()}.`,
});
console.log("The bot answers messages that contain @Bot. Press Ctrl+C to stop it.");
process.on("SIGINT", () => bot.stop());
