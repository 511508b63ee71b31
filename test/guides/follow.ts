// Follows a page from its first block to its last, as somebody does who copies each into a terminal.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { ROOT } from "../../scripts/imports.ts";
import { gateway, scratch, stop } from "../process/process.ts";
import { startGateway } from "../stories/gateway.ts";
import { differs } from "./answer.ts";
import { type Block, blocksOf } from "./blocks.ts";
import { openTerminal, type Terminal } from "./shell.ts";

/** What stands in a page for what is different on each machine. */
const ADDRESS = "http://127.0.0.1:4400";
const KEY = "THE_KEY_THAT_WAS_PRINTED";

interface Reached {
  url: string;
  /** Its data folder, where it has one. */
  data?: string;
  key: string;
  stop(): Promise<void>;
}

/** A block that starts a gateway and stays with it, as in a terminal of its own. */
const STARTS = /^(?:(?:[A-Z_]+=\S+ )*)npm start$/m;

/** Of curl, for an answer of 400 or above. */
const REFUSED = 22;

/** Settings under which the guides' own receivers, on this machine, may be told of events. */
const SETTINGS = { BOWLINE_WEBHOOK_ALLOW: "127.0.0.0/8", BOWLINE_LOG_LEVEL: "error" };

/** Each block is a test of its own, by its line. */
export async function follow(t: TestContext, page: string, folder?: string): Promise<void> {
  const blocks = blocksOf(readFileSync(join(ROOT, page), "utf8"));
  assert.ok(blocks.length > 0, `${page} has no block`);
  const starts = blocks.some(isStart);
  let reached: Reached | null = starts ? null : await inThisProcess();
  let terminal: Terminal | undefined;
  let end: (() => Promise<void>) | undefined;
  try {
    for (const block of blocks) {
      const title = `${page}:${block.line} ${block.language}`;
      if (block.notRun !== null) {
        await t.test(title, { skip: block.notRun }, () => undefined);
        continue;
      }
      await t.test(title, async () => {
        if (isStart(block)) {
          await reached?.stop();
          reached = await started(block);
          return;
        }
        assert.ok(!block.text.includes("…"), "what has a … in it can't be run: take it out, or say why it is not run");
        assert.ok(reached, "nothing is started yet: the page's `npm start` comes first");
        terminal ??= openTerminal(settingsOf(reached, folder), folder);
        end = terminal.close;
        const ran = await terminal.run({ ...block, text: there(block.text, reached) });
        const said = `It said:\n${ran.printed}${ran.errors}`;
        // What is shown may be a refusal.
        const refused = ran.status === REFUSED && block.answer !== null;
        assert.ok(ran.status === 0 || refused, `The block ended with status ${ran.status}. ${said}`);
        if (block.answer === null) return;
        const wrong = differs({ ...block.answer, text: there(block.answer.text, reached) }, ran.printed);
        assert.equal(wrong, null, `Line ${block.answer.line}: ${wrong}\n${said}`);
      });
    }
  } finally {
    await end?.();
    await reached?.stop();
  }
}

/** What a terminal beside the gateway knows: where it is, and where its data are. */
const settingsOf = ({ url, key, data }: Reached, folder: string | undefined): Record<string, string> => ({
  U: url,
  K: key,
  BOWLINE_URL: url,
  ...(data !== undefined && { BOWLINE_DATA: data }),
  ...(folder !== undefined && { CHECKOUT: folder }),
});

const isStart = ({ language, notRun, text }: Block): boolean =>
  notRun === null && language === "sh" && STARTS.test(text);

const there = (text: string, { url, key }: Reached): string => text.replaceAll(ADDRESS, url).replaceAll(KEY, key);

async function inThisProcess(): Promise<Reached> {
  const { url, key, stop } = await startGateway(SETTINGS);
  return { url, key, stop };
}

/** With the settings that stand before the command, in a data folder that is new. */
async function started({ text }: Block): Promise<Reached> {
  const line = STARTS.exec(text)?.[0] ?? "";
  const settings = Object.fromEntries([...line.matchAll(/([A-Z_]+)=(\S+) /g)].map(([, name, value]) => [name, value]));
  const data = scratch();
  const running = gateway({ BOWLINE_DATA: data, ...SETTINGS, ...settings });
  await running.says(/^Bowline is up/m);
  const url = await running.url();
  const [, key = ""] = await running.says(/^ +API key +(\S+)$/m);
  return { url, key, data, stop: () => stop(running) };
}
