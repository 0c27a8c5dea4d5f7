// What both walks do: against the fake server and against a real one.
import assert from "node:assert/strict";

import { axe_faults, desktop, overflow_of, phone, shoot } from "./browser.mjs";

export async function sign_in(page, url, email, password) {
  await page.goto(`${url}/sign-in`);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
}

/** Pages of a store: name -> path after the store, and what is there once it is complete. */
export const pages = {
  overview: ["", ".kpi-value"],
  orders: ["/orders", "h1"],
  products: ["/products", "h1"],
  sync: ["/sync", ".job"],
  settings: ["/settings", "#settings"],
  keys: ["/keys", "h1"],
};

/** Goes to a page and waits until nothing is loading. */
export async function visit(page, url, store, name) {
  const [path, sign] = pages[name];
  await page.goto(`${url}/s/${store}${path}`);
  await settled(page, sign);
}

export async function settled(page, sign = "h1") {
  await page.locator(sign).first().waitFor();
  await page.waitForFunction(() => document.querySelectorAll(".skeleton").length === 0);
}

const looks = [
  ["light", desktop, "desktop-light"],
  ["dark", phone, "phone-dark"],
  ["dark", desktop, "desktop-dark"],
  ["light", phone, "phone-light"],
];

/** Looks at the page as it stands, in both themes and both sizes: accessible, nothing to scroll sideways, a picture. */
export function look_everywhere(page, name) {
  return look_in(page, name, looks);
}

/** For states of a page that was looked at everywhere: light on a desktop and dark on a phone. */
export function look(page, name) {
  return look_in(page, name, looks.slice(0, 2));
}

async function look_in(page, name, chosen) {
  const faults = [];
  for (const [scheme, size, label] of chosen) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    await page.evaluate(() => scrollTo(0, 0));
    await shoot(page, `${name}-${label}`);
    faults.push(...(await axe_faults(page)).map((x) => `${label}: ${x}`));
    const wide = await overflow_of(page);
    if (wide > 0) faults.push(`${label}: ${wide} px wider than the window`);
  }
  await page.setViewportSize(desktop);
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  assert.deepEqual(faults, [], name);
}
