/**
 * Tells open pages what moved, by server-sent events. One reader follows the feed for all of them, and only while there
 * are any; a page that was away names the last place that it saw and is told what it missed, or to read anew.
 */
import type { ServerResponse } from "node:http";
import { Refusal } from "../../core/refusal.ts";
import { type FedEvent, headOf, readFeed } from "../../store/feed.ts";
import type { Api, Context } from "../context.ts";
import { iso } from "../fields.ts";

export const MOST_PAGES = 64;
const LOOK = 1000;
/** Proxies close what is silent for a minute. */
const BEAT = 15_000;
/** More than this at once is not told one by one: the page reads anew. */
const BATCH = 200;

export function live(app: Api, { gateway }: Context): void {
  const { db, door } = gateway;
  const pages = new Set<ServerResponse>();
  const closing = new AbortController();
  let place: string | null = null;
  let following = false;

  const send = (page: ServerResponse, id: string, name: string, data: unknown) =>
    page.write(`id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`);

  /** Up to `upto`, from where this page stood. */
  async function tell(to: Iterable<ServerResponse>, after: string, upto: string): Promise<void> {
    const events = BigInt(upto) - BigInt(after) > BATCH ? null : await readFeed(db, after, upto, null, BATCH);
    for (const page of to) {
      if (events === null) send(page, upto, "anew", {});
      else for (const event of events) send(page, event.position ?? upto, "told", toldOf(event));
    }
  }

  async function follow(): Promise<void> {
    if (following) return;
    following = true;
    let beatAt = door.wall() + BEAT;
    while (pages.size > 0 && !closing.signal.aborted) {
      try {
        const head = await headOf(db);
        if (place !== null && BigInt(head) > BigInt(place)) await tell(pages, place, head);
        place = head;
      } catch {
        // The database is away: what happens meanwhile is in the feed when it is back.
      }
      if (door.wall() >= beatAt) {
        for (const page of pages) page.write(": still here\n\n");
        beatAt = door.wall() + BEAT;
      }
      await door.wait(LOOK, closing.signal).catch(() => undefined);
    }
    following = false;
    place = null;
  }

  app.get("/live", async (request, reply) => {
    if (pages.size >= MOST_PAGES)
      throw new Refusal("TOO_EARLY", `${MOST_PAGES} pages are open already; close one.`, door.now() + BEAT);
    const seen = String(request.headers["last-event-id"] ?? "");
    const head = await headOf(db);
    reply.hijack();
    const page = reply.raw;
    page.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
      "x-request-id": request.id,
    });
    page.on("error", () => pages.delete(page));
    page.on("close", () => pages.delete(page));
    pages.add(page);
    // From the reader's place on it is told with the others; told twice is harmless, and not told is not.
    place ??= head;
    const upto = BigInt(place) > BigInt(head) ? place : head;
    send(page, upto, "here", {});
    if (/^\d{1,18}$/.test(seen) && BigInt(seen) < BigInt(upto)) await tell([page], seen, upto).catch(() => undefined);
    void follow();
  });

  app.addHook("preClose", async () => {
    closing.abort();
    for (const page of pages) page.end();
  });
}

const toldOf = ({ id, connectionId, type, at, payload }: FedEvent) => ({
  id,
  connectionId,
  type,
  at: iso(at),
  ...("newStatus" in payload && { from: payload["oldStatus"], to: payload["newStatus"] }),
});
