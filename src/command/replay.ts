/** `bowline replay`: deliver again what an endpoint has missed. */
import { type Command, Mistyped, optionOf } from "./command.ts";
import { goodAnswer } from "./ask-gateway.ts";

export const replay: Command = {
  takes: "ENDPOINT (--event ID | --from TIME --to TIME | --failed-since TIME)",
  needs: "a running gateway",
  count: [1, 1],
  does: "Delivers events to an endpoint again: one, a span of time, or all that failed since",
  tells:
    "Makes deliveries due again, under the same event ids, so that a receiver that keeps the ids it has seen takes " +
    "each once. ENDPOINT is a webhook profile's id (whp_…), as GET /notifications/webhooks lists them. Prints how " +
    "many deliveries are due again. Times are ISO 8601 with their zone; events are kept for 30 days.",
  options: {
    event: { value: "ID", means: "This one event." },
    from: { value: "TIME", means: "With --to: every event of the time between." },
    to: { value: "TIME", means: "The end of that time." },
    "failed-since": { value: "TIME", means: "What was given up since then." },
  },
  examples: [
    [
      "bowline replay whp_2Ab9cDeFgHiJkLmNpQrStU --failed-since 2026-11-20T00:00:00Z",
      "After an outage of the receiver.",
    ],
    ["bowline replay whp_2Ab9cDeFgHiJkLmNpQrStU --event evt_2Ab9cDeFgHiJkLmNpQrStU", "One event, once more."],
  ],
  async run(given) {
    const { args, config, door, tell } = given;
    const named = {
      eventId: optionOf(given, "event"),
      from: optionOf(given, "from"),
      to: optionOf(given, "to"),
      failedSince: optionOf(given, "failed-since"),
    };
    if (Object.values(named).every((value) => value === undefined))
      throw new Mistyped("Say what to replay: --event ID, or --from TIME --to TIME, or --failed-since TIME.");
    const path = `/notifications/webhooks/${encodeURIComponent(args[0] ?? "")}/replay`;
    const { count } = await goodAnswer(config, door, { method: "POST", path, body: named });
    tell(String(count));
    return 0;
  },
};
