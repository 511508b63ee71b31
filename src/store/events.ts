/** What the application is told. An event is committed with the change that caused it, gap-free per connection. */
import type { Door, Instant } from "../core/door.ts";
import type { EventType } from "../core/events.ts";
import type { Home } from "../core/ids.ts";
import { type Sql, stamp } from "./database.ts";
import { mint } from "./home.ts";

export async function appendEvent(
  sql: Sql,
  door: Pick<Door, "random">,
  home: Home,
  connectionId: string,
  type: EventType,
  payload: Record<string, unknown>,
  now: Instant,
): Promise<void> {
  await sql.run(
    `with next as (
       update connection set sequence = sequence + 1 where home = $1 and id = $2 returning sequence
     )
     insert into event (home, connection_id, sequence, id, type, at, payload)
     select $1, $2, sequence, $3, $4, $5, $6 from next`,
    [home, connectionId, mint(door as Door, "event", home), type, stamp(now), JSON.stringify(payload)],
  );
}
