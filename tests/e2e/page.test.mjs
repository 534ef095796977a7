// The page itself: Content-Security-Policy, layout, contrast, accessibility, and the back-forward cache.
import assert from "node:assert/strict";

import { composer, openAbout, post, row } from "./chat.mjs";
import { createLongContent, eachState } from "./states.mjs";
import { urlOf, card, uniqueId, origin, pageTest, profileUrl, rest, save, saved, text } from "./support.mjs";

for (const colorScheme of ["light", "dark"]) {
  for (const [width, height] of [
    [320, 640],
    [390, 844],
    [768, 1024],
    [1280, 800],
  ]) {
    const options = { colorScheme, viewport: { width, height } };
    pageTest(
      `the page fits a screen of ${width} px without horizontal scrolling, ${colorScheme}`,
      options,
      async (page) => {
        await eachState(page, async (state) => {
          const [content, screen] = await page.evaluate(() => [
            document.documentElement.scrollWidth,
            innerWidth,
          ]);
          assert.ok(content <= screen, `${state}: ${content} px on ${screen} px`);
          const overflowing = await page.evaluate(() =>
            [...document.querySelectorAll("main *")]
              .filter(
                (element) =>
                  element.checkVisibility() && element.getBoundingClientRect().right > innerWidth + 0.5,
              )
              // Visually hidden texts are clipped on purpose.
              .filter((element) => element.closest(".visually-hidden") === null)
              .map((element) => element.outerHTML.slice(0, 120)),
          );
          assert.deepEqual(overflowing, [], state);
        });
      },
    );
  }

  // Without motion, because the colours are undefined during a transition.
  pageTest(
    `every text has a contrast of at least 4.5 to 1, ${colorScheme}`,
    { colorScheme, reducedMotion: "reduce" },
    async (page) => {
      await eachState(page, async (state) => {
        const { checked, faint } = await page.evaluate(measureContrast);
        assert.ok(checked > 10, `${state}: only ${checked} texts were checked`);
        assert.deepEqual(faint, [], state);
      });
    },
  );
}

/** Compares the colour of every visible text with its background. Runs in the page. */
function measureContrast() {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  /** @type {(colour: number[], ground: number[]) => number[]} */
  const over = ([r, g, b, a], [R, G, B]) => [
    r * a + R * (1 - a),
    g * a + G * (1 - a),
    b * a + B * (1 - a),
    1,
  ];
  /** @type {(colour: number[]) => number} */
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
      walker.currentNode.nodeValue.trim() === "" ||
      !element.checkVisibility({ opacityProperty: true }) ||
      element.closest(":disabled, .visually-hidden")
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
    if (contrast < 4.5)
      faint.push(`${contrast.toFixed(2)}: ${walker.currentNode.nodeValue.trim().slice(0, 40)}`);
  }
  return { checked, faint };
}

pageTest("every control has an accessible name, and the page works by keyboard alone", {}, async (page) => {
  const { user, id } = await createLongContent();
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await page.goto(urlOf({}));
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

  // The menu of a message: opens, moves the focus, closes with Escape, and triggers an action.
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
          (/** @type {HTMLElement & { labels?: NodeList }} */ element) =>
            !(element.ariaLabel || element.labels?.[0]?.textContent || element.textContent).trim(),
        )
        .map((element) => element.outerHTML),
    );
  assert.deepEqual(await nameless(), []);
  await page.getByRole("button", { name: "Profile" }).focus();
  await press("Enter");
  await card(page).waitFor();
  // Arrow keys change the mode of a field.
  await page.getByRole("radio", { name: "Role: leave it as it is" }).focus();
  await press("ArrowRight", "Shift+Tab", "Tab");
  assert.ok(await page.getByRole("radio", { name: "Role: send this value" }).isChecked());
  assert.deepEqual(await nameless(), []);
});

pageTest("a new message is announced to screen readers once, and older ones are not", {}, async (page) => {
  const { user, id } = await createLongContent();
  const other = uniqueId("narrator");
  await rest("PUT", `/users/${other}`, { name: "Narrator" });
  await page.goto(urlOf({ user, conversation: id }));
  await composer(page).waitFor();
  await page.evaluate(() => {
    globalThis.announced = [];
    const announcer = document.getElementById("announcer");
    new MutationObserver(
      () => announcer.textContent && globalThis.announced.push(announcer.textContent),
    ).observe(announcer, { childList: true });
  });
  await post(id, other, ["Listen!"]);
  await page.waitForFunction(() => globalThis.announced.some((text) => text.includes("Listen!")));
  const announced = await page.evaluate(() => globalThis.announced);
  assert.deepEqual(
    announced.filter((text) => text.includes("Listen!") || text.includes("endless")),
    ["Narrator: Listen!"],
  );
});

pageTest(
  "the Content-Security-Policy forbids inline scripts, inline styles and eval, and the page complies",
  {},
  async (page, { pageErrors }) => {
    const response = await page.goto(profileUrl(uniqueId("csp")));
    await page.getByTestId("missing-user").waitFor();
    assert.match(response.headers()["content-security-policy"], /script-src 'self' 'wasm-unsafe-eval'/);
    assert.deepEqual(pageErrors, []);

    // The check itself works: an injected inline script is blocked and reported.
    const blocked = page.waitForEvent("console", (message) => message.text().includes("policy violated"));
    const ran = await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "globalThis.injected = true";
      document.body.append(script);
      return "injected" in globalThis;
    });
    assert.equal(ran, false);
    await blocked;
    assert.ok(
      pageErrors.some((text) => text.includes("policy violated")),
      pageErrors.join(),
    );
    pageErrors.length = 0;
  },
);

pageTest("the page makes no requests to other origins", {}, async (page) => {
  const otherOrigins = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith("data:"))
      otherOrigins.push(request.url());
  });
  await eachState(page, () => {});
  assert.deepEqual(otherOrigins, []);
});

pageTest("a page restored from the back-forward cache keeps its form and works", {}, async (page) => {
  const id = uniqueId("bfc");
  await rest("PUT", `/users/${id}`, { name: "Before" });
  await page.addInitScript(() => {
    addEventListener("pageshow", (event) => (globalThis.shownFromCache = event.persisted));
  });
  // A restored page does not load again. The browser may evict it for lack of memory or time; a page with
  // an open socket or an `unload` listener is never kept.
  let isRestored = false;
  for (let attempt = 0; attempt < 4 && !isRestored; attempt += 1) {
    await page.goto(profileUrl(id));
    await card(page).waitFor();
    await text(page, "Name").fill("After");
    await page.evaluate(() => (globalThis.shownFromCache = undefined));
    await page.goto(urlOf({}));
    await page.goBack({ waitUntil: "commit" });
    await page.waitForFunction(() => typeof globalThis.shownFromCache === "boolean");
    isRestored = await page.evaluate(() => globalThis.shownFromCache);
  }
  assert.ok(isRestored, "the browser did not restore the page in four attempts");
  assert.equal(await text(page, "Name").inputValue(), "After");
  await save(page).click();
  await saved(page);
  assert.equal((await rest("GET", `/users/${id}`)).name, "After");
});
