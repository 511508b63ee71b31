/** One box for any id: ours of every kind, the application's name for a customer, the provider's, a request's. */
import { z } from "zod";
import { type Home, homeOf, kindOf } from "../../core/ids.ts";
import { SERVICE_PROVIDERS } from "../../providers/provider.ts";
import { homeFor } from "../../store/home.ts";
import { getInbound } from "../../store/inbound.ts";
import {
  belongs,
  type Hit,
  hitsByCustomer,
  hitsByIds,
  hitsByInstitution,
  hitsByLogins,
  hitsByPart,
  hitsByRequest,
} from "../../store/search.ts";
import { entriesOf } from "../../store/signposts.ts";
import { getProfile } from "../../store/webhook-profiles.ts";
import type { Api, Context } from "../context.ts";
import { named } from "../fields.ts";

export const MOST = 20;

export function search(app: Api, { gateway }: Context): void {
  // The salt is known only once the database is there, so it is asked for each time.
  const { db } = gateway;

  async function byOwnId(id: string): Promise<Hit[] | null> {
    const kind = kindOf(id);
    if (kind === null) return null;
    const home = homeOf(kind, id) as Home;
    if (kind === "connection") return hitsByIds(db, home, [id], MOST);
    if (kind === "providerConnection") return hitsByLogins(db, home, [id], MOST);
    if (kind === "customer") return hitsByCustomer(db, home, id, MOST);
    if (kind === "institution") return hitsByInstitution(db, id, MOST);
    if (kind === "inbound") {
      const received = await getInbound(db, id);
      return received?.ref ? byRef(received.ref) : [];
    }
    return belongs(kind) ? hitsByPart(db, kind, home, id, MOST) : [];
  }

  /** The provider's own id of a connection, whichever provider's it is. */
  async function byRef(ref: string): Promise<Hit[]> {
    const found = await Promise.all(
      SERVICE_PROVIDERS.map(async (provider) => {
        const ids = await entriesOf(db, { home: homeFor(gateway.salt, "signpost", provider, ref), provider, ref });
        return Promise.all(ids.map((id) => hitsByLogins(db, homeOf("providerConnection", id) as Home, [id], MOST)));
      }),
    );
    return found.flat(2);
  }

  app.get("/search", { schema: { querystring: z.object({ q: named(255) }) } }, async ({ query }) => {
    const q = query.q.trim();
    const own = await byOwnId(q);
    const profile = kindOf(q) === "webhook" ? await getProfile(db, q) : null;
    const hits =
      own ??
      (
        await Promise.all([
          hitsByCustomer(db, homeFor(gateway.salt, "customer", q), q, MOST),
          byRef(q),
          hitsByRequest(db, q, MOST),
        ])
      ).flat();
    const once = new Map(hits.map((hit) => [hit.id, hit]));
    return {
      connections: [...once.values()].slice(0, MOST),
      endpoint: profile && { id: profile.id, name: profile.name },
    };
  });
}
