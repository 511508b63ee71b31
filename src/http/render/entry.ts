/** A line of a connection's timeline. */
import { z } from "zod";
import { entryKey } from "../../store/lists/timeline.ts";
import { ENTRY_KINDS, type Entry } from "../../store/timeline.ts";
import type { Context } from "../context.ts";
import { cursorOf } from "../../store/lists/cursor.ts";
import { instant, iso } from "../fields.ts";
import { masked } from "../log.ts";

export const EntryBody = z
  .object({
    id: z.string(),
    at: instant,
    kind: z.enum(ENTRY_KINDS).meta({
      description:
        "state: it moved in the table · observation: a run told something · act: start, hold, finish, reconnect, " +
        "refresh, delete · session: something in the widget that changed nothing · webhook: the provider called in",
    }),
    detail: z.record(z.string(), z.unknown()),
    key: z.string(),
  })
  .meta({ id: "TimelineEntry" });

export const renderEntry = ({ gateway }: Pick<Context, "gateway">, e: Entry): z.output<typeof EntryBody> => ({
  id: e.id,
  at: iso(e.at),
  kind: e.kind,
  detail: Object.fromEntries(
    Object.entries(masked(e.detail) as Entry["detail"]).map(([name, value]) => [name, timed(name, value)]),
  ),
  key: cursorOf(gateway.salt, "timeline", entryKey(e)),
});

/** Inside, instants are numbers; outside, they are not. */
const timed = (name: string, value: unknown) =>
  typeof value === "number" && /(^at|At)$/.test(name) ? iso(value) : value;
