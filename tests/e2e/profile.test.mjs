// The profile: creating, changing and resetting fields, and showing errors.
import assert from "node:assert/strict";

import {
  add,
  fetchRest,
  urlOf,
  card,
  choose,
  create,
  field,
  uniqueId,
  pageTest,
  problem,
  profileUrl,
  rest,
  save,
  saved,
  text,
  until,
} from "./support.mjs";

pageTest("the first page asks for a user and loads no data", {}, async (page) => {
  await page.goto(urlOf({}));
  await page.getByRole("heading", { name: "Who are you?" }).waitFor();
  await page.getByRole("button", { name: "Alice" }).click();
  await page.getByRole("heading", { name: "Conversations" }).waitFor();
  assert.match(page.url(), /\?user=alice$/);
  // The page does not wait for the creation of the user.
  const exists = () =>
    rest("GET", "/users/alice").then(
      ({ name }) => name === "Alice",
      () => false,
    );
  await until("the demo's people are created when they sign in", exists);
  await page.goBack();
  await page.getByRole("heading", { name: "What this is" }).waitFor();
});

pageTest("a new user is created with every field and is stored", {}, async (page) => {
  const id = uniqueId("ada");
  await page.goto(urlOf({}));
  await page.getByLabel("User id").fill(id);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByTestId("name-prompt").getByText(`There is no user “${id}” yet.`).waitFor();
  await page.getByRole("button", { name: "Profile" }).click();
  await page.getByTestId("missing-user").getByText(`There is no user “${id}” yet.`).waitFor();

  await text(page, "Name").fill("Ada Lovelace");
  await text(page, "Photo").fill(
    "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==",
  );
  await text(page, "Locale").fill("fr-CA");
  await text(page, "Role").fill("engineer");
  await text(page, "Welcome message").fill("Good day.");
  await add(page, "key", "Custom data");
  await field(page, "custom").getByRole("textbox", { name: "Key" }).fill("engine");
  await field(page, "custom").getByRole("textbox", { name: "Value" }).fill("analytical");
  await add(page, "address", "E-mail");
  await text(page, "E-mail").fill("ada@private.example");
  await add(page, "number", "Phone");
  await text(page, "Phone").fill("+44 20 7946 0018");
  await add(page, "device", "Push tokens");
  await field(page, "pushTokens").getByLabel("Provider").selectOption("apns");
  await field(page, "pushTokens").getByRole("textbox", { name: "Token" }).fill("device-1");
  await save(page).click();
  await saved(page);

  await page.reload();
  await card(page).getByText("Ada Lovelace").waitFor();
  const shown = await card(page).innerText();
  for (const part of [id, "engineer", "fr-CA", "Good day.", "engine", "analytical"])
    assert.ok(shown.includes(part), part);
  assert.equal(await card(page).locator("img").count(), 1);
  assert.equal(await text(page, "Locale").inputValue(), "fr-CA");
  assert.doesNotMatch(
    await page.content(),
    /private\.example|7946|device-1/,
    "private fields were sent to the page",
  );

  const stored = await rest("GET", `/users/${id}`);
  assert.deepEqual(stored.email, ["ada@private.example"]);
  assert.deepEqual(stored.phone, ["+44 20 7946 0018"]);
  assert.deepEqual(stored.pushTokens, { "apns:device-1": true });
});

pageTest("kept fields stay, null fields are reset, and one custom key is deleted", {}, async (page) => {
  const id = uniqueId("bea");
  await rest("PUT", `/users/${id}`, {
    name: "Bea",
    role: "guest",
    locale: "de",
    welcomeMessage: "Hallo",
    custom: { plan: "team", color: "red" },
    email: ["bea@example.com"],
  });
  await page.goto(profileUrl(id));
  await card(page).waitFor();
  assert.ok(await save(page).isDisabled(), "nothing has been changed yet");

  await choose(page, "Welcome message", "reset it to the default");
  await choose(page, "Locale", "reset it to the default");
  await choose(page, "E-mail", "reset it to the default");
  await field(page, "custom").getByRole("button", { name: "Delete this key" }).first().click();
  const preview = (await page.locator(".preview").innerText()).replace(/\s+/g, " ");
  assert.match(
    preview,
    /\.set\(\{ locale: null, welcomeMessage: null, custom: \{ color: null \}, email: null,? \}\)/,
  );
  await save(page).click();
  await saved(page);

  const { createdAt: _, ...stored } = await rest("GET", `/users/${id}`);
  assert.equal(stored.name, "Bea");
  assert.equal(stored.role, "guest");
  assert.equal(stored.welcomeMessage, null);
  assert.deepEqual(stored.custom, { plan: "team" });
  assert.deepEqual(stored.email ?? [], []);
  assert.notEqual(await text(page, "Locale").inputValue(), "de");
  assert.equal(await text(page, "Welcome message").inputValue(), "");
});

pageTest(
  "an invalid value is shown at its field, which gets the focus, and nothing is stored",
  {},
  async (page) => {
    const id = uniqueId("cyd");
    await page.goto(profileUrl(id));
    await text(page, "Name").fill("Cyd");
    await text(page, "Locale").fill("not a language");
    await save(page).click();

    await problem(page).waitFor();
    assert.equal(await problem(page).locator(".tag").innerText(), "invalid_argument");
    assert.match(await problem(page).innerText(), /A value does not fit/);
    assert.equal(await text(page, "Locale").getAttribute("aria-invalid"), "true");
    assert.match(await field(page, "locale").innerText(), /Must be a BCP 47 language tag/);
    assert.ok(await text(page, "Locale").evaluate((input) => input === document.activeElement));
    assert.equal(await text(page, "Name").getAttribute("aria-invalid"), null);
    assert.equal((await fetchRest("GET", `/users/${id}`)).status, 404);

    await text(page, "Locale").fill("en");
    assert.equal(
      await text(page, "Locale").getAttribute("aria-invalid"),
      null,
      "the error is cleared by a change",
    );
    await save(page).click();
    await saved(page);
  },
);

pageTest("the invalid one of several rows is marked", {}, async (page) => {
  const id = uniqueId("dee");
  await rest("PUT", `/users/${id}`, { name: "Dee" });
  await page.goto(profileUrl(id));
  await add(page, "address", "E-mail");
  await text(page, "E-mail").nth(0).fill("dee@example.com");
  await add(page, "address", "E-mail");
  await text(page, "E-mail").nth(1).fill("not an address");
  await save(page).click();
  await problem(page).waitFor();
  assert.equal(await text(page, "E-mail").nth(0).getAttribute("aria-invalid"), null);
  assert.equal(await text(page, "E-mail").nth(1).getAttribute("aria-invalid"), "true");
});

pageTest("a new user without a name is rejected at the name field", {}, async (page) => {
  await page.goto(profileUrl(uniqueId("eve")));
  await text(page, "Role").fill("guest");
  await save(page).click();
  await problem(page).waitFor();
  assert.equal(await problem(page).locator(".tag").innerText(), "name_required");
  assert.match(await problem(page).innerText(), /A new user needs a name/);
  assert.equal(await text(page, "Name").getAttribute("aria-invalid"), "true");
});

pageTest("createIfNotExists creates a user once and changes nothing the second time", {}, async (page) => {
  const id = uniqueId("fay");
  await page.goto(profileUrl(id));
  await text(page, "Name").fill("Fay");
  await create(page).click();
  await saved(page);
  await card(page).getByText("Fay", { exact: true }).waitFor();
  await text(page, "Name").fill("Somebody else");
  await create(page).click();
  // (The announcer element contains the same text.)
  await page.locator(".success", { hasText: "This user exists already, so nothing was changed." }).waitFor();
  assert.equal((await rest("GET", `/users/${id}`)).name, "Fay");
});

pageTest("an invalid user id is explained next to the field", {}, async (page) => {
  await page.goto(urlOf({}));
  await page.getByLabel("User id").fill("..");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText('Must not be "." or "..".').waitFor();
  assert.equal(await page.getByLabel("User id").getAttribute("aria-invalid"), "true");
});

pageTest("profile data is shown as text, never as HTML", {}, async (page) => {
  const id = uniqueId("gil");
  const name = `<img src=x onerror="document.title='broken'"> & "Gil"`;
  await rest("PUT", `/users/${id}`, { name, custom: { "<b>key</b>": "<script>1</script>" } });
  await page.goto(profileUrl(id));
  await card(page).getByText(name).waitFor();
  await card(page).getByText("<b>key</b>").waitFor();
  assert.notEqual(await page.title(), "broken");
});
