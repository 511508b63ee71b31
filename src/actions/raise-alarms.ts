/**
 * What a run met that is the operator's and no customer's: our keys refused, a code that no map has, a bug. Reference
 * tables, so outside the customer's transaction; if it is lost in a crash, the next run says it again.
 */
import type { Observation } from "../core/status/health.ts";
import { countUnmapped, raise, settle } from "../store/incidents.ts";
import type { Found, Work } from "./run.ts";

const UNKNOWN = "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE";

export async function raiseAlarms(work: Work, found: Found, seen: Observation): Promise<void> {
  const { gateway, provider } = work;
  const { db, door } = gateway;
  const now = door.now();
  const refused = found.told.find(({ scope }) => scope === "application");
  if (refused) {
    const { raw } = refused;
    const isNew = await raise(db, door, "provider-refuses-us", provider.name, provider.name, { raw }, now);
    if (isNew) gateway.log.error({ provider: provider.name, raw }, "The provider refuses the gateway's own keys");
  } else if (seen.successes.length > 0) {
    await settle(db, "provider-refuses-us", provider.name, now);
  }
  for (const { state, raw } of seen.troubles) {
    if (state === UNKNOWN) await countUnmapped(db, provider.name, raw.code, { raw }, now);
    if (raw.code === "GATEWAY_BUG") await raise(db, door, "bug", provider.name, provider.name, { raw }, now);
  }
}
