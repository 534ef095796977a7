// The visually distinct states of the page, with very long words.
import { badge, bubble, choose, openAbout, post, row, sendMessage, sendRefused, write } from "./chat.mjs";
import { png } from "./png.mjs";
import { until, urlOf, card, uniqueId, profileUrl, rest, save, text } from "./support.mjs";

const ENDLESS = "endless".repeat(30);

/** Creates a user and a conversation with very long words. */
export async function createLongContent() {
  const [user, other, id] = [
    uniqueId("wide"),
    uniqueId("other"),
    `${uniqueId("wide")}-${ENDLESS}`.slice(0, 200),
  ];
  await rest("PUT", `/users/${user}`, {
    name: ENDLESS,
    welcomeMessage: ENDLESS,
    custom: { [ENDLESS.slice(0, 120)]: ENDLESS, short: "value" },
  });
  await rest("PUT", `/users/${other}`, { name: ENDLESS });
  await rest("PUT", `/conversations/${id}`, {
    participants: [user, other],
    subject: ENDLESS,
    custom: { key: ENDLESS },
    welcomeMessages: [ENDLESS],
  });
  const quiet = uniqueId("quiet");
  await rest("PUT", `/conversations/${quiet}`, { participants: [user, other] });
  await rest("POST", `/conversations/${id}/messages`, [{ type: "SystemMessage", text: `${ENDLESS} *bold*` }]);
  await post(id, other, [
    `${ENDLESS} *bold* \`\`\`${ENDLESS}\`\`\` https://example.com/${ENDLESS}`,
    `- ${ENDLESS}\n- point`,
  ]);
  return { user, other, id, quiet };
}

/** Visits each visually distinct state of the page and calls `check` with its name. */
export async function eachState(page, check) {
  const { user, other, id, quiet } = await createLongContent();
  await page.goto(urlOf({}));
  await page.getByLabel("User id").waitFor();
  await check("no user chosen");
  await page.goto(urlOf({ user }));
  await badge(page, id).getByText("3").waitFor();
  await check("the list, with an unread conversation");
  const search = page.getByRole("searchbox");
  await search.fill("nothing like it");
  await page.getByText("Nothing begins with").waitFor();
  await check("a search without results");
  await until("the messages are found", async () => {
    await search.fill("");
    await search.fill("endless");
    await page.waitForTimeout(400);
    return (await page.locator("[data-found] mark").count()) > 1;
  });
  await check("search results");
  await search.press("Escape");
  await page.getByRole("button", { name: "New conversation" }).click();
  await page.getByRole("button", { name: "Start" }).click();
  await check("starting a conversation");
  await page.getByRole("button", { name: "Cancel" }).click();
  await row(page, id).click();
  await page.locator(".unread-line").getByText("New messages").waitFor();
  await check("unread messages");
  await write(page, "y".repeat(10_001));
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByRole("alert").waitFor();
  await check("a message that is too long");
  await sendMessage(page, `Mine: ${ENDLESS}`);
  await page.locator(".message.mine:not(.pending)").waitFor();
  await page.getByRole("button", { name: "Insert emoji" }).click();
  await page.getByRole("dialog", { name: "Emoji" }).waitFor();
  await check("the emoji picker");
  await page.keyboard.press("Escape");
  const files = [
    { name: `${ENDLESS}.png`, mimeType: "image/png", buffer: png(1_600, 300) },
    { name: `${ENDLESS}.txt`, mimeType: "text/plain", buffer: Buffer.from("text") },
  ];
  await page.locator("input[type=file]").setInputFiles(files);
  await page.locator(".tray canvas").waitFor();
  await check("files to send");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.locator(".messages:not(.outbox) .file-card").waitFor();
  await check("a picture and a file");
  await sendRefused(page, id, other, "An answer to nothing");
  await check("messages, one of them rejected");
  await page.getByRole("button", { name: "Discard" }).click();
  await choose(page, "Mine", "React with 👍");
  await page.locator(".reaction").waitFor();
  await choose(page, "example.com", "Reply");
  await bubble(page, "Mine").hover();
  await bubble(page, "Mine").locator("summary").click();
  await check("replying, with a menu open");
  await page.keyboard.press("Escape");
  await openAbout(page);
  await page.getByText("The snapshot as JSON").click();
  await page.getByText("Send a message from a backend").click();
  await check("details of the conversation");

  await page.goto(urlOf({ user, conversation: quiet }));
  await page.getByText("No messages yet. Write the first one.").waitFor();
  await check("an empty conversation");
  await page.goto(profileUrl(user));
  await card(page).waitFor();
  await check("a profile");
  await text(page, "Locale").fill("!");
  for (const label of ["Welcome message", "Phone"]) {
    await page.getByRole("radio", { name: `${label}: reset it to the default` }).check();
  }
  await page.getByRole("button", { name: "Add device: Push tokens" }).click();
  await page.getByRole("button", { name: "Delete this key" }).first().click();
  await save(page).click();
  await page.getByRole("alert").waitFor();
  await check("an error");
  await page.goto(urlOf({ user: uniqueId("none"), conversation: "none" }));
  await page.getByTestId("absent").getByText("curl").first().waitFor();
  await check("a missing conversation");
}
