// Walks every page in headless Chromium against the fake server: content, live updates, states, keyboard, looks.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { desktop, open_browser, open_page, phone } from "./support/browser.mjs";
import { start_fake_server } from "./support/fake_server.mjs";
import { look, look_everywhere, settled, sign_in, visit } from "./support/steps.mjs";
import { place_order } from "./support/world.mjs";

let browser, server, page, complaints;

before(async () => {
  browser = await open_browser();
});
after(() => browser.close());

/** Each test has its own server and starts signed in. */
beforeEach(async () => {
  server = await start_fake_server();
  await browser.context.clearCookies();
  ({ page, complaints } = await open_page(browser.context, server.url));
  await sign_in(page, server.url, "owner@example.com", "correct horse");
  await complaints(/401/); // asking who is signed in, before anybody is
});

const tenant = (id = "1") => server.world.tenants.get(id);

/** A test that also fails when the page complained; *allowed* are complaints that it provokes itself. */
function walk(name, run, allowed) {
  test(name, async () => {
    try {
      await run();
      assert.deepEqual(await complaints(allowed), []);
    } finally {
      await page.close();
      await server.stop();
    }
  });
}

walk("a wrong password is told in the server's words and a right one leads back", async () => {
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("E-mail").fill("owner@example.com");
  await page.getByLabel("Password").fill("wrong horse");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").getByText("e-mail or password is wrong").waitFor();
  await look_everywhere(page, "sign-in");
  assert.equal(await page.getByLabel("Password").inputValue(), "");
  await page.getByLabel("Password").fill("correct horse");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Overview" }).waitFor();
}, /401/);

walk("a one-time link signs in and leaves no secret in the address", async () => {
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.goto("about:blank");
  await page.goto(`${server.url}/sign-in#once=once-secret-1`);
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  assert.ok(!page.url().includes("once"));
}, /401/);

walk("the overview is complete and accessible in both themes and sizes", async () => {
  await visit(page, server.url, "1", "overview");
  await page.locator(".line-chart canvas").waitFor();
  await page.getByText("Live", { exact: true }).waitFor();
  for (const text of ["Net sales", "Today in lines", "Today by hour", "Latest orders", "Against Shopify"]) await page.getByText(text).first().waitFor();
  await look_everywhere(page, "overview");
});

walk("figures and the order list move when an order is pushed", async () => {
  await visit(page, server.url, "1", "overview");
  const card = page.locator(".kpi", { hasText: "Orders" }).locator(".kpi-value");
  const before = Number(await card.textContent());
  const order = place_order(tenant());
  server.push.publish("1");
  await page.getByRole("link", { name: order.item.name, exact: true }).waitFor();
  await page.waitForFunction((wanted) => [...document.querySelectorAll(".kpi-value")].some((x) => x.textContent === wanted), String(before + 1));
});

walk("the chart's table says the same as the chart and marks the unfinished day", async () => {
  await visit(page, server.url, "1", "overview");
  await page.getByRole("button", { name: "View as table" }).click();
  const table = page.getByRole("table", { name: /Net sales by day/ });
  assert.equal(await table.getByRole("row").count(), 31);
  await table.getByText("(so far)").waitFor();
  await page.getByRole("button", { name: /^Orders today/ }).click();
  await page.getByRole("table", { name: /Orders by day/ }).waitFor();
  await page.getByRole("button", { name: "7 days" }).click();
  await page.waitForFunction(() => document.querySelectorAll(".sales-card tbody tr").length === 7);
  await look(page, "overview-table");
});

walk("a missed patch leads to a new subscription and right figures", async () => {
  await visit(page, server.url, "1", "overview");
  await page.locator(".arrived, [aria-label='Latest orders'] a").first().waitFor();
  const start = server.push.heard.length;
  const order = place_order(tenant());
  server.push.publish("1", { skip: 5 });
  await server.push.until((x) => x.t === "sub" && x.ch === "orders.live" && x.seq === undefined, start);
  await page.getByRole("link", { name: order.item.name, exact: true }).waitFor();
});

walk("a cut connection shows the age of the figures and resumes where it was", async () => {
  await page.clock.install();
  await visit(page, server.url, "1", "overview");
  await page.getByText("Live", { exact: true }).waitFor();
  await page.locator("[aria-label='Latest orders'] a").first().waitFor();
  const start = server.push.heard.length;
  server.push.refusing = true;
  server.push.cut();
  await page.waitForFunction(() => document.querySelector(".link-badge.live") === null);
  await page.clock.runFor(6_000);
  await page.getByText(/^Stale · \d+ s$/).waitFor();
  await page.getByText(/Live updates stopped/).waitFor();
  await look(page, "overview-stale");
  const order = place_order(tenant());
  server.push.refusing = false;
  await page.clock.runFor(11_000);
  const again = await server.push.until((x) => x.t === "sub" && x.ch === "orders.live", start);
  assert.deepEqual([again.epoch, again.seq], ["1", 100]);
  await page.getByText("Live", { exact: true }).waitFor();
  await page.getByRole("link", { name: order.item.name, exact: true }).waitFor();
}, /WebSocket/);

walk("orders are searched, paged and opened down to entries that add up", async () => {
  await visit(page, server.url, "1", "orders");
  await look_everywhere(page, "orders");
  assert.equal(await page.locator("tbody tr").count(), 50);
  const first = await page.locator("tbody a").first().textContent();
  await page.getByRole("button", { name: "Next" }).click();
  await page.waitForFunction((old) => document.querySelector("tbody a")?.textContent !== old, first);
  await page.goBack();
  await page.waitForFunction((old) => document.querySelector("tbody a")?.textContent === old, first);

  const refunded = tenant().shop.orders.findLast((x) => x.ledger.length > 1).item;
  await page.keyboard.press("/");
  await page.keyboard.type(refunded.name);
  await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 1);
  await page.getByRole("link", { name: refunded.name }).click();
  await page.getByText("Adds up").waitFor();
  await page.getByRole("heading", { name: "Refunds" }).waitFor();
  await look_everywhere(page, "order");
});

walk("a search without a hit offers the way back", async () => {
  await visit(page, server.url, "1", "orders");
  await page.getByPlaceholder("Order name or number").fill("#999999");
  await page.getByText("No order fits.").waitFor();
  await look(page, "orders-empty");
  await page.getByRole("button", { name: "Show all orders" }).click();
  await page.locator("tbody tr").first().waitFor();
});

walk("an unknown order says so", async () => {
  await page.goto(`${server.url}/s/1/orders/12345`);
  await page.getByText("there is no order 12345 in this store").waitFor();
}, /404/);

walk("products are filtered by stock and open to their variants", async () => {
  await visit(page, server.url, "1", "products");
  await page.getByRole("button", { name: /Linen throw/ }).click();
  await page.getByRole("table", { name: "Variants of Linen throw" }).waitFor();
  await look_everywhere(page, "products");
  await page.getByRole("button", { name: "Out of stock" }).click();
  await page.waitForFunction(() => [...document.querySelectorAll("tbody tr .phone-title")].length === 2);
  await page.getByLabel("Sort").selectOption("title");
  await page.waitForFunction(() => location.search.includes("sort=title"));
});

walk("stock moves on the page when it moves in the shop", async () => {
  await visit(page, server.url, "1", "products");
  const product = tenant().shop.products[3];
  const changed = { ...product, available: 0, variants: product.variants.map((x) => ({ ...x, available: 0 })) };
  await page.getByText(/2 out of stock/).waitFor();
  tenant().shop.products[3] = changed;
  server.push.publish("1");
  await page.locator("tr", { hasText: product.title }).getByText("Out", { exact: true }).waitFor();
  await page.getByText(/3 out of stock/).waitFor();
});

walk("sync now shows progress until its result and a second click is the same job", async () => {
  await visit(page, server.url, "1", "sync");
  await look_everywhere(page, "sync");
  const job = () => tenant().jobs.find((x) => x.feature === "manual_sync");
  const card = page.locator(".job", { hasText: "Reads products" });
  await card.getByRole("button", { name: "Sync now" }).click();
  await card.getByText("0 of 200 records", { exact: false }).or(card.getByText("Running 0 %")).first().waitFor();
  Object.assign(job(), { done: 120 });
  tenant().jobs = tenant().jobs.map((x) => ({ ...x }));
  server.push.publish("1");
  await card.getByText("Running 60 %").waitFor();
  assert.equal(await card.getByRole("progressbar").getAttribute("aria-valuenow"), "60");
  Object.assign(job(), { state: "done", done: 200, finished_at: "2026-03-14T14:10:00Z", result: { new: 2, changed: 1, verified_at: "2026-03-14T14:10:00Z" } });
  tenant().jobs = tenant().jobs.map((x) => ({ ...x }));
  server.push.publish("1");
  await card.getByText("2 new, 1 changed").waitFor();
});

walk("dead letters are replayed and discarding asks first", async () => {
  await visit(page, server.url, "1", "sync");
  await page.getByRole("button", { name: "Replay delivery 17" }).click();
  await page.getByText("Being processed again.").waitFor();
  await page.getByRole("button", { name: "Discard delivery 16" }).click();
  const dialog = page.getByRole("dialog", { name: "Discard this delivery?" });
  await dialog.waitFor();
  await look(page, "sync-discard");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Discard delivery 16" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Discard" }).click();
  await page.getByText("No dead letters.").waitFor();
});

walk("settings are judged while typed and saved with the bar", async () => {
  await visit(page, server.url, "1", "settings");
  await look_everywhere(page, "settings");
  const low = page.getByLabel("Low stock at");
  await low.fill("200000");
  await page.getByText("A whole number from 0 to 100000.").waitFor();
  assert.equal(await page.getByRole("button", { name: "Save" }).isDisabled(), true);
  await look(page, "settings-fault");
  await low.fill("9");
  await low.press("Enter");
  await page.getByText("Settings saved.").waitFor();
  assert.deepEqual([tenant().settings.low_stock_threshold, tenant().version], [9, 8]);
  assert.equal(await page.locator(".save-bar").count(), 0);
});

walk("a field that the server refuses is marked", async () => {
  await visit(page, server.url, "1", "settings");
  await page.getByLabel("Store name").fill("refuse me");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("this name is taken").waitFor();
}, /422/);

walk("settings that somebody else saved meanwhile are shown beside mine", async () => {
  await visit(page, server.url, "1", "settings");
  Object.assign(tenant(), { version: 8, settings: { ...tenant().settings, low_stock_threshold: 20, week_start: "sunday" } });
  await page.getByLabel("Low stock at").fill("7");
  await page.getByLabel("Keep raw deliveries for").fill("90");
  await page.getByRole("button", { name: "Save" }).click();
  const dialog = page.getByRole("dialog", { name: "The settings have changed meanwhile" });
  await dialog.getByText("Yours: 7").waitFor();
  await dialog.getByText("Week starts on: Monday → Sunday").waitFor();
  await look(page, "settings-conflict");
  await dialog.getByText("Theirs: 20").click();
  await dialog.getByRole("button", { name: "Save this" }).click();
  await page.getByText("Settings saved.").waitFor();
  const { low_stock_threshold, week_start, retention_days } = tenant().settings;
  assert.deepEqual([low_stock_threshold, week_start, retention_days, tenant().version], [20, "sunday", 90, 9]);
}, /412/);

walk("an API key is shown once and deleted after a question", async () => {
  await visit(page, server.url, "1", "keys");
  await look(page, "keys-empty");
  await page.getByRole("button", { name: "New key" }).click();
  await page.getByLabel("Name").fill("warehouse export");
  await page.getByRole("button", { name: "Create key" }).click();
  await page.getByText(/^clq_[0-9a-f]{64}$/).waitFor();
  await look(page, "keys-secret");
  await page.getByRole("button", { name: "I have it" }).click();
  assert.equal(await page.getByText(/clq_/).count(), 0);
  await page.getByRole("button", { name: "Delete key warehouse export" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("No keys yet.").waitFor();
});

walk("a store without anything yet is calm on every page", async () => {
  for (const name of ["overview", "orders", "products", "sync", "settings", "keys"]) {
    await visit(page, server.url, "3", name);
    await look(page, `fresh-${name}`);
  }
});

walk("a viewer cannot press what only others may", async () => {
  await visit(page, server.url, "3", "sync");
  assert.equal(await page.getByRole("button", { name: "Sync now" }).isDisabled(), true);
  await visit(page, server.url, "3", "settings");
  assert.equal(await page.getByLabel("Store name").isDisabled(), true);
});

walk("amounts of a currency without minor units have none", async () => {
  await visit(page, server.url, "2", "overview");
  const value = await page.locator(".kpi-value").first().textContent();
  assert.match(value, /^JP¥[\d,]+$|^¥[\d,]+$/);
  await look(page, "yen-overview");
});

walk("a store that must be reconnected says so with the way out", async () => {
  await visit(page, server.url, "4", "overview");
  await page.getByText("Shopify no longer accepts our access to this shop.").waitFor();
  assert.equal(await page.getByRole("link", { name: "Reconnect" }).getAttribute("href"), "/auth/shopify?shop=old-harbour.myshopify.com");
  await look(page, "disconnected-overview");
});

walk("a failed view offers another try", async () => {
  server.fail_next(/overview$/, 503);
  await page.reload();
  await page.getByText("the database does not answer").waitFor();
  await look(page, "overview-error");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.locator(".kpi-value").first().waitFor();
}, /503/);

walk("an expired session leads to the sign-in form", async () => {
  await visit(page, server.url, "1", "keys");
  server.forget_sessions();
  await page.getByRole("link", { name: "Products" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
}, /401|WebSocket/);

walk("switching the store keeps the page", async () => {
  await visit(page, server.url, "1", "products");
  await page.getByLabel("Store", { exact: true }).selectOption("2");
  await page.waitForURL(/\/s\/2\/products$/);
  await settled(page);
});

walk("another store's address is not found and not told apart from a missing one", async () => {
  await page.goto(`${server.url}/s/77/orders`);
  await page.getByText("it is not yours to see").waitFor();
});

walk("everything on the way to an order is reached by keyboard", async () => {
  await visit(page, server.url, "1", "overview");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to content");
  const seen = [];
  for (let i = 0; i < 12 && seen.at(-1) !== "Orders"; i += 1) {
    await page.keyboard.press("Tab");
    seen.push((await page.evaluate(() => document.activeElement.textContent)).trim());
  }
  assert.equal(seen.at(-1), "Orders", seen.join(" | "));
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.tagName === "H1" && document.activeElement.textContent === "Orders");
  await page.locator("tbody a").first().focus();
  await page.keyboard.press("Enter");
  await page.getByText("Sales ledger").waitFor();
});

walk("a phone reaches the rest through More and switches the theme there", async () => {
  await page.setViewportSize(phone);
  await visit(page, server.url, "1", "overview");
  await page.getByRole("button", { name: "More" }).click();
  await page.locator("#more-sheet").getByRole("button", { name: "Dark" }).click();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  await page.locator("#more-sheet").getByRole("link", { name: "Settings" }).click();
  await page.getByRole("heading", { name: "Settings" }).waitFor();
  await page.setViewportSize(desktop);
  await page.evaluate(() => localStorage.clear());
});
