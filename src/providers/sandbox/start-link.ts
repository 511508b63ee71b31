import { bad, good } from "../provider.ts";
import type { Answer, Call, Held, LinkSession, Provider, StartLink, Verb } from "../provider.ts";
import { ask } from "./client.ts";
import type { Settings } from "./client.ts";
import { wantsOf } from "./statements.ts";
import { Opened } from "./wire.ts";

export const startLink = (settings: Settings): Provider["startLink"] => ({
  cost: "once",
  source: "cache",
  run: (call, input) => open(call, settings, input),
});

/** The sitting knows by the grant which line it repairs, and takes no other customer. */
export const startRepair = (settings: Settings): Verb<Held & StartLink, LinkSession> => ({
  cost: "free",
  source: "cache",
  run: (call, input) => open(call, settings, input, input.credential),
});

async function open(call: Call, settings: Settings, input: StartLink, grant?: string): Promise<Answer<LinkSession>> {
  const opened = await ask(call, settings, {
    to: "POST /sittings",
    body: {
      mark: input.connectionId,
      house: input.institutionRef,
      wants: wantsOf([...input.products, ...input.optionalProducts]),
      ...(input.returnUrl !== undefined && { back: input.returnUrl }),
      tell: input.webhookUrl,
    },
    ...(grant === undefined ? {} : { grant }),
    shape: Opened,
    whose: { scope: "session" },
  });
  if (!opened.ok) return bad(opened.trouble);
  const { sitting, door, anew } = opened.facts;
  const more = anew ? { relinks: true as const } : {};
  if (door === undefined) return good({ state: sitting, page: { sitting }, ...more });
  // Relative to the page that shows it: a customer's browser reaches the farm where it reaches the gateway.
  const url = `${new URL(settings.baseUrl).pathname.replace(/\/$/, "")}${door}?sitting=${encodeURIComponent(sitting)}`;
  return good({ state: sitting, page: { sitting, url }, ...more });
}
