// The page as such: its policy, its sizes and colours, who can use it, and what going back does.
import assert from "node:assert/strict";

import { badge, choose, composer, openAbout, post, row, say } from "./chat.mjs";
import { at, card, fresh, origin, pageTest, profileOf, rest, save, saved, text } from "./world.mjs";

const ENDLESS = "endless".repeat(30);

/** A user and a conversation with the longest words one can think of. */
async function crowded() {
  const [user, other, id] = [fresh("wide"), fresh("other"), `${fresh("wide")}-${ENDLESS}`.slice(0, 200)];
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
  await rest("PUT", `/conversations/${fresh("quiet")}`, { participants: [user, other] });
  await rest("POST", `/conversations/${id}/messages`, [{ type: "SystemMessage", text: `${ENDLESS} *bold*` }]);
  await post(id, other, [
    `${ENDLESS} *bold* \`\`\`${ENDLESS}\`\`\` https://example.com/${ENDLESS}`,
    `- ${ENDLESS}\n- point`,
  ]);
  return { user, id };
}

/** The states of the page that look different. */
async function eachState(page, look) {
  const { user, id } = await crowded();
  await page.goto(at({}));
  await page.getByLabel("User id").waitFor();
  await look("nobody picked");
  await page.goto(at({ user }));
  await badge(page, id).getByText("3").waitFor();
  await look("the list, with something unread");
  await page.getByRole("button", { name: "New conversation" }).click();
  await page.getByRole("button", { name: "Start" }).click();
  await look("starting a conversation");
  await page.getByRole("button", { name: "Cancel" }).click();
  await row(page, id).click();
  await say(page, `Mine: ${ENDLESS}`);
  await page.locator(".message.mine:not(.pending)").waitFor();
  await say(page, `x${"y".repeat(10_000)}`);
  await page.getByRole("alert").waitFor();
  await look("messages, and one that was refused");
  await page.getByRole("button", { name: "Throw away" }).click();
  await choose(page, "Mine", "React with 👍");
  await page.locator(".reaction").waitFor();
  await choose(page, "point", "Reply");
  await page.locator(".message.mine").hover();
  await page.locator(".message.mine summary").click();
  await look("answering, with a menu open");
  await page.keyboard.press("Escape");
  await openAbout(page);
  await page.getByText("The snapshot as JSON").click();
  await page.getByText("Make something happen").click();
  await look("about the conversation");

  await page.goto(profileOf(user));
  await card(page).waitFor();
  await look("a profile");
  await text(page, "Locale").fill("!");
  for (const label of ["Welcome message", "Phone"]) {
    await page.getByRole("radio", { name: `${label}: reset it to the default` }).check();
  }
  await page.getByRole("button", { name: "Add device: Push tokens" }).click();
  await page.getByRole("button", { name: "Delete this key" }).first().click();
  await save(page).click();
  await page.getByRole("alert").waitFor();
  await look("an error");
  await page.goto(at({ user: fresh("none"), conversation: "none" }));
  await page.getByTestId("absent").getByText("curl").first().waitFor();
  await look("null");
}

for (const colorScheme of ["light", "dark"]) {
  for (const [width, height] of [
    [320, 640],
    [390, 844],
    [768, 1024],
    [1280, 800],
  ]) {
    const options = { colorScheme, viewport: { width, height } };
    pageTest(`nothing is wider than a screen of ${width} px, ${colorScheme}`, options, async (page) => {
      await eachState(page, async (state) => {
        const [content, screen] = await page.evaluate(() => [
          document.documentElement.scrollWidth,
          innerWidth,
        ]);
        assert.ok(content <= screen, `${state}: ${content} px on ${screen} px`);
        const cut = await page.evaluate(() =>
          [...document.querySelectorAll("main *")]
            .filter(
              (element) =>
                element.checkVisibility() && element.getBoundingClientRect().right > innerWidth + 0.5,
            )
            // What ends in an ellipsis is cut on purpose.
            .filter((element) => element.closest(".unseen") === null)
            .map((element) => element.outerHTML.slice(0, 120)),
        );
        assert.deepEqual(cut, [], state);
      });
    });
  }

  // Without motion: half-way through a transition a colour is neither of the two.
  pageTest(
    `every text has a contrast of 4.5 to 1 at least, ${colorScheme}`,
    { colorScheme, reducedMotion: "reduce" },
    async (page) => {
      await eachState(page, async (state) => {
        const { checked, faint } = await page.evaluate(measureContrast);
        assert.ok(checked > 10, `${state}: only ${checked} texts were looked at`);
        assert.deepEqual(faint, [], state);
      });
    },
  );
}

/** Runs in the page: compares the colour of every visible text with what lies under it. */
function measureContrast() {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], [R, G, B]) => [
    r * a + R * (1 - a),
    g * a + G * (1 - a),
    b * a + B * (1 - a),
    1,
  ];
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) =>
      c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const groundOf = (element) => {
    if (element === null) return [255, 255, 255, 1];
    const own = rgba(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, groundOf(element.parentElement));
  };
  const faint = [];
  let checked = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (
      walker.currentNode.data.trim() === "" ||
      !element.checkVisibility({ opacityProperty: true }) ||
      element.closest(":disabled, .unseen")
    )
      continue;
    checked += 1;
    let opacity = 1;
    for (let up = element; up; up = up.parentElement) opacity *= Number(getComputedStyle(up).opacity);
    const ground = groundOf(element);
    const [r, g, b, a] = rgba(getComputedStyle(element).color);
    const [high, low] = [light(over([r, g, b, a * opacity], ground)), light(ground)].sort(
      (one, other) => other - one,
    );
    const contrast = (high + 0.05) / (low + 0.05);
    if (contrast < 4.5) faint.push(`${contrast.toFixed(2)}: ${walker.currentNode.data.trim().slice(0, 40)}`);
  }
  return { checked, faint };
}

pageTest(
  "everything that can be used has a name, and the page can be used by keyboard alone",
  {},
  async (page) => {
    const { user, id } = await crowded();
    const press = async (...keys) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await page.goto(at({}));
    await press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
    await page.getByLabel("User id").focus();
    await page.keyboard.type(user);
    await press("Enter");
    await row(page, id).focus();
    await press("Enter");
    await composer(page).focus();
    await page.keyboard.type("One line");
    await press("Shift+Enter");
    await page.keyboard.type("and another");
    await press("Enter");
    const mine = page.locator(".message.mine:not(.pending)");
    await mine.getByText("and another").waitFor();

    // The menu of a message: opened, walked through, left by Escape, and used.
    await mine.locator("summary").focus();
    await press("Enter", "Tab");
    assert.equal(await page.evaluate(() => document.activeElement.ariaLabel), "React with 👍");
    await press("Escape");
    assert.equal(await page.evaluate(() => document.activeElement.tagName), "SUMMARY");
    await press("Enter", "Tab", "Enter");
    await mine.locator(".reaction").waitFor();
    await mine.locator(".reaction").focus();
    await press("Enter");
    await mine.locator(".reaction").waitFor({ state: "detached" });
    await openAbout(page);

    const nameless = () =>
      page.evaluate(() =>
        [...document.querySelectorAll("input, textarea, select, button, a, summary")]
          .filter(
            (element) =>
              !(element.ariaLabel || element.labels?.[0]?.textContent || element.textContent).trim(),
          )
          .map((element) => element.outerHTML),
      );
    assert.deepEqual(await nameless(), []);
    await page.getByRole("button", { name: "Profile" }).focus();
    await press("Enter");
    await card(page).waitFor();
    // Arrow keys move the three-way switch of a field.
    await page.getByRole("radio", { name: "Role: leave it as it is" }).focus();
    await press("ArrowRight", "Shift+Tab", "Tab");
    assert.ok(await page.getByRole("radio", { name: "Role: send what is written here" }).isChecked());
    assert.deepEqual(await nameless(), []);
  },
);

pageTest(
  "a message that comes is told to those who listen, once, and older ones are not",
  {},
  async (page) => {
    const { user, id } = await crowded();
    const other = fresh("teller");
    await rest("PUT", `/users/${other}`, { name: "Teller" });
    await page.goto(at({ user, conversation: id }));
    await composer(page).waitFor();
    await page.evaluate(() => {
      globalThis.told = [];
      const announcer = document.getElementById("announcer");
      new MutationObserver(() => announcer.textContent && told.push(announcer.textContent)).observe(
        announcer,
        { childList: true },
      );
    });
    await post(id, other, ["Listen!"]);
    await page.waitForFunction(() => told.some((words) => words.includes("Listen!")));
    const told = await page.evaluate(() => globalThis.told);
    assert.deepEqual(
      told.filter((words) => words.includes("Listen!") || words.includes("endless")),
      ["Teller: Listen!"],
    );
  },
);

pageTest(
  "the policy forbids inline scripts and styles and eval, and the page lives with it",
  {},
  async (page, { complaints }) => {
    const answer = await page.goto(profileOf(fresh("csp")));
    await page.getByTestId("nobody").waitFor();
    assert.match(answer.headers()["content-security-policy"], /script-src 'self' 'wasm-unsafe-eval'/);
    assert.deepEqual(complaints, []);

    // The same net catches what is planted: a script in the page's text, and code from a string.
    const blocked = page.waitForEvent("console", (message) => message.text().includes("policy violated"));
    const evaluated = await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "globalThis.planted = true";
      document.body.append(script);
      return "planted" in globalThis;
    });
    assert.equal(evaluated, false);
    await blocked;
    assert.ok(
      complaints.some((text) => text.includes("policy violated")),
      complaints.join(),
    );
    complaints.length = 0;
  },
);

pageTest("the page asks nothing of any other place", {}, async (page) => {
  const elsewhere = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith("data:"))
      elsewhere.push(request.url());
  });
  await eachState(page, () => {});
  assert.deepEqual(elsewhere, []);
});

pageTest(
  "the page comes out of the back-forward cache with its form, and goes on working",
  {},
  async (page) => {
    const id = fresh("bfc");
    await rest("PUT", `/users/${id}`, { name: "Before" });
    await page.addInitScript(() => {
      addEventListener("pageshow", (event) => (globalThis.shownFromCache = event.persisted));
    });
    // A page that comes back whole does not load again. The browser may decline to keep it, for want of memory or time; what a
    // page is to blame for, an open socket or an `unload` listener, it declines every time.
    let kept = false;
    for (let attempt = 0; attempt < 4 && !kept; attempt += 1) {
      await page.goto(profileOf(id));
      await card(page).waitFor();
      await text(page, "Name").fill("After");
      await page.evaluate(() => (globalThis.shownFromCache = undefined));
      await page.goto(at({}));
      await page.goBack({ waitUntil: "commit" });
      await page.waitForFunction(() => typeof globalThis.shownFromCache === "boolean");
      kept = await page.evaluate(() => globalThis.shownFromCache);
    }
    assert.ok(kept, "in four attempts the browser kept the page not once");
    assert.equal(await text(page, "Name").inputValue(), "After");
    await save(page).click();
    await saved(page);
    assert.equal((await rest("GET", `/users/${id}`)).name, "After");
  },
);
