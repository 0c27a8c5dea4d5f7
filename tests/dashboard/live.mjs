// Walks every page against a real server and holds its answers to the contract:
//   CLIQUE_URL=http://127.0.0.1:8080 CLIQUE_EMAIL=... CLIQUE_PASSWORD=... node tests/dashboard/live.mjs
// CLIQUE_STORE: id of the store to walk (default: the first). CLIQUE_ONCE: a one-time secret instead of e-mail and
// password. CLIQUE_EXPECT_ORDERS=1: fail unless an order arrives while the overview is open. Changes nothing.
import assert from "node:assert/strict";

import { open_browser, open_page } from "./support/browser.mjs";
import { look_everywhere, settled, sign_in, visit } from "./support/steps.mjs";

const { CLIQUE_URL, CLIQUE_EMAIL, CLIQUE_PASSWORD, CLIQUE_STORE, CLIQUE_ONCE, CLIQUE_EXPECT_ORDERS } = process.env;
if (!CLIQUE_URL || !(CLIQUE_ONCE || (CLIQUE_EMAIL && CLIQUE_PASSWORD))) {
  console.error("set CLIQUE_URL, and CLIQUE_EMAIL with CLIQUE_PASSWORD, or CLIQUE_ONCE");
  process.exit(2);
}
const url = CLIQUE_URL.replace(/\/$/, "");
const browser = await open_browser();
const { page, complaints } = await open_page(browser.context, url);
page.setDefaultTimeout(30_000);

let passed = 0;
const failures = [];

/** One step; the next ones go on when it fails, so that one run tells everything. */
async function step(name, run, allowed) {
  try {
    await run();
    assert.deepEqual(await complaints(allowed), []);
    passed += 1;
    console.log(`ok   ${name}`);
  } catch (error) {
    failures.push(name);
    console.log(`FAIL ${name}\n     ${String(error.message).replaceAll("\n", "\n     ")}`);
  }
}

try {
  await step(
    "signing in leads to the overview",
    async () => {
      if (!CLIQUE_ONCE) return sign_in(page, url, CLIQUE_EMAIL, CLIQUE_PASSWORD);
      await page.goto(`${url}/sign-in#once=${CLIQUE_ONCE}`);
      await page.getByRole("heading", { name: "Overview" }).waitFor();
    },
    /401/,
  );
  await page.waitForURL(/\/s\/\d+/);
  const store = CLIQUE_STORE ?? /\/s\/(\d+)/.exec(page.url())[1];

  await step("the overview goes live and stays accessible", async () => {
    await visit(page, url, store, "overview");
    await page.getByText("Live", { exact: true }).waitFor();
    await page.locator(".line-chart canvas").waitFor();
    await look_everywhere(page, "live-overview");
  });
  if (CLIQUE_EXPECT_ORDERS)
    await step("an order appears while the overview is open", async () => {
      await visit(page, url, store, "overview");
      const link = page.locator("[aria-label='Latest orders'] tbody a").first();
      await link.waitFor();
      const before = await link.textContent();
      await page.waitForFunction((old) => document.querySelector("[aria-label='Latest orders'] tbody a")?.textContent !== old, before, { timeout: 60_000 });
    });
  for (const name of ["orders", "products", "sync", "settings", "keys"])
    await step(`${name} is complete and accessible`, async () => {
      await visit(page, url, store, name);
      assert.equal(await page.locator(".problem").count(), 0, (await page.locator(".problem").allTextContents()).join(" | "));
      await look_everywhere(page, `live-${name}`);
    });
  await step("the newest order opens down to entries that add up", async () => {
    await visit(page, url, store, "orders");
    await page.locator("tbody a").first().click();
    await page.getByText("Sales ledger").waitFor();
    await settled(page);
    assert.equal(await page.getByText("Does not add up").count(), 0);
    await look_everywhere(page, "live-order");
  });
  await step("a wrong setting is refused while typed and discarding brings the old one back", async () => {
    await visit(page, url, store, "settings");
    const low = page.getByLabel("Low stock at");
    if (await low.isDisabled()) return;
    const before = await low.inputValue();
    await low.fill("-1");
    await page.getByText("A whole number from 0 to 100000.").waitFor();
    await page.getByRole("button", { name: "Discard" }).click();
    assert.equal(await low.inputValue(), before);
  });
} catch (error) {
  failures.push("the walk");
  console.log(`FAIL the walk\n     ${error.message}`);
} finally {
  await browser.close();
}
console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length > 0 ? 1 : 0);
