// Debian's Chromium for tests: a page that fails its test at any console error, script error or request to a third
// party, and axe on what it shows, wide and narrow, light and dark.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import { isKeeping, kept } from "../canary.ts";
import { type Browser, type BrowserContext, chromium, type Frame, type Page, type Response } from "playwright-core";

const PROGRAMS = [process.env["CHROMIUM"] ?? "", "/usr/bin/chromium", "/usr/bin/google-chrome"];
const program = PROGRAMS.find((path) => path !== "" && existsSync(path));

/** Options of a test that needs a browser: where there is none it is left out, and says so. */
export const inBrowser = {
  timeout: 120_000,
  ...(program === undefined && { skip: "there is no Chromium here; install Debian's package `chromium`" }),
};

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export interface Opened {
  page: Page;
  context: BrowserContext;
  /** What went wrong so far, a sentence each; a test may take out what it brought about itself. */
  wrongs: string[];
  /** Every address that was asked for. */
  asked: string[];
  /** Fails where anything went wrong. */
  sound(): void;
  close(): Promise<void>;
}

export interface Looks {
  width?: number;
  height?: number;
  scheme?: "light" | "dark";
  /** Further origins that the page may ask: those of the test itself. */
  origins?: readonly string[];
}

let browser: Promise<Browser> | null = null;

/** A new customer or operator: no cookie, no storage. `origin` is the gateway's. */
export async function open(origin: string, looks: Looks = {}): Promise<Opened> {
  if (program === undefined) throw new Error("open() is for tests that have the options `inBrowser`");
  browser ??= chromium.launch({ executablePath: program, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
  const { width = 1280, height = 800, scheme = "light", origins = [] } = looks;
  const context = await (await browser).newContext({
    viewport: { width, height },
    colorScheme: scheme,
    reducedMotion: "reduce",
    locale: "en-US",
    timezoneId: "UTC",
  });
  context.setDefaultTimeout(15_000);
  const wrongs: string[] = [];
  const asked: string[] = [];
  const answers: Promise<void>[] = [];
  const ours = [origin, ...origins];
  context.on("response", (response) => answers.push(keepAnswer(response, origin)));
  context.on("request", (request) => {
    const url = request.url();
    asked.push(url);
    if (/^(data|blob|about|chrome-error):/.test(url)) return;
    if (!ours.includes(new URL(url).origin)) wrongs.push(`A request to a third party: ${url}`);
  });
  context.on("console", (message) => {
    const { url } = message.location();
    if (["error", "warning"].includes(message.type())) wrongs.push(`${message.type()} (${url}): ${message.text()}`);
  });
  context.on("weberror", (error) => wrongs.push(`A script error: ${error.error().stack}`));
  const page = await context.newPage();
  return {
    page,
    context,
    wrongs,
    asked,
    sound: () => assert.deepEqual(wrongs, []),
    close: async () => {
      await Promise.all(answers);
      for (const one of context.pages()) await look(one, origin);
      await context.close();
    },
  };
}

/** What somebody sees who opens the browser's tools on one of our pages. */
export async function look(page: Page, origin: string): Promise<void> {
  for (const frame of page.frames()) {
    if (!frame.url().startsWith(origin)) continue;
    const where = new URL(frame.url()).pathname;
    kept("browser", where, frame.url());
    kept("browser", `${where} page`, await frame.content());
    const stored = "JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state])";
    kept("browser", `${where} storage`, await frame.evaluate<string>(stored));
  }
}

/** What comes back to one of our pages, as its own scripts see it. */
async function keepAnswer(response: Response, origin: string): Promise<void> {
  const { "content-type": type = "" } = response.headers();
  if (!isKeeping() || !response.url().startsWith(origin) || !type.startsWith("application/json")) return;
  // The page may be gone before its last answer was read.
  kept("browser", `${new URL(response.url()).pathname} answer`, await response.text().catch(() => ""));
}

/** To be called when the file's tests are over. */
export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = null;
}

/** Contrast does not depend on the width, nor does a page's order on its colours: two looks show both. */
const LOOKS = [
  { width: 1280, height: 800, colorScheme: "light" },
  { width: 320, height: 640, colorScheme: "dark" },
] as const;

/** axe finds nothing, wide and light, narrow and dark; and nothing sticks out of the page. */
export async function accessible(page: Page, what: string, frame: Page | Frame = page): Promise<void> {
  const before = page.viewportSize();
  for (const { width, height, colorScheme } of LOOKS) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const where = `${what} at ${width} px, ${colorScheme}`;
    assert.deepEqual(await violations(frame), [], where);
    const sticksOut = await frame.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
    assert.ok(sticksOut <= 0, `${where}: the page is ${sticksOut} px wider than the window`);
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  if (before) await page.setViewportSize(before);
}

async function violations(frame: Page | Frame): Promise<string[]> {
  // By the debugger's door, since the page's own policy lets no foreign script in.
  await frame.evaluate(AXE);
  const found = await frame.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  return found.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} (${help}) at ${target.join(" ")}: ${failureSummary}`),
  );
}
