// Debian's Chromium, headless, with everything off that would speak to the outside; and the checks that hold on every page.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { faults_of } from "./contract.mjs";
import { need } from "./need.mjs";

const { chromium } = need("playwright-core");
const { AxeBuilder } = need("@axe-core/playwright");

export const artifacts = fileURLToPath(new URL("../../../dashboard/artifacts/", import.meta.url));
export const desktop = { width: 1440, height: 900 };
export const phone = { width: 390, height: 844 };

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"];

/** A browser with a user folder of its own; `close` removes it. */
export async function open_browser() {
  const folder = mkdtempSync(join(tmpdir(), "clique-dashboard-"));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: process.env.CLIQUE_CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: flags,
    viewport: desktop,
    reducedMotion: "reduce",
    locale: "en-GB",
  });
  context.setDefaultTimeout(15_000);
  return {
    context,
    async close() {
      await context.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * A page that remembers what it should not have done: errors on the console (content security included), failed
 * loads, requests to elsewhere, answers against the contract. *allowed*: complaints that a test provokes.
 */
export async function open_page(context, url) {
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(url)) complaints.push(`request to elsewhere: ${request.url()}`);
  });
  const checks = [];
  page.on("response", (response) => checks.push(judge(response, complaints)));
  return {
    page,
    async complaints(allowed = /^$/) {
      await Promise.all(checks.splice(0));
      return complaints.splice(0).filter((x) => !allowed.test(x));
    },
  };
}

async function judge(response, complaints) {
  const url = new URL(response.url());
  if (!/^\/(api\/v1\/(?!openapi)|auth\/)/.test(url.pathname) || response.status() < 200) return;
  try {
    const text = response.status() === 204 ? "" : await response.text();
    const body = text ? JSON.parse(text) : undefined;
    complaints.push(...faults_of(response.request().method(), url.pathname, response.status(), body));
  } catch (error) {
    // A page that was left before the answer had come takes the answer along.
    if (!/closed|No resource|evicted|navigat|Protocol error/i.test(String(error))) complaints.push(`${url.pathname}: ${error}`);
  }
}

/** Violations of accessibility rules as sentences. */
export async function axe_faults(page) {
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
  return violations.flatMap((x) => x.nodes.map((node) => `${x.id}: ${x.help} (${node.target.join(" ")})`));
}

/** How far the content is wider than the window; 0 when nothing must be scrolled sideways. */
export function overflow_of(page) {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth));
}

export async function shoot(page, name) {
  mkdirSync(artifacts, { recursive: true });
  await page.screenshot({ path: join(artifacts, `${name}.png`), fullPage: false });
}
