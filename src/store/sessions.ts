/** Widget sessions: one customer's way through a link or a repair. The page is only a view of what stands here. */
import type { AccountType } from "../core/account.ts";
import type { Instant } from "../core/door.ts";
import { type Home, homeOf } from "../core/ids.ts";
import type { Decimal } from "../core/money.ts";
import { type Sql, stamp, stampOrNull } from "./database.ts";

/** An account as the customer may know it again. `id` is ours of one before, a key of the question's of one now. */
export interface AskedAccount {
  id: string;
  name: string;
  type: AccountType;
  mask: string | null;
  currency: string | null;
  balance: Decimal | null;
}

/** Which of these is which? Any of them may be none of the others. */
export interface AccountQuestion {
  before: AskedAccount[];
  now: AskedAccount[];
}

export interface Session {
  home: Home;
  id: string;
  connectionId: string;
  kind: "link" | "repair";
  startedAt: Instant;
  expiresAt: Instant;
  institutionId: string | null;
  provider: string | null;
  /** The provider's own part of the session, sealed. */
  sealedState: Buffer | null;
  /** What the customer's page needs of the provider, sealed. */
  sealedPage: Buffer | null;
  finishedAt: Instant | null;
  /** Where it ended: the connection itself, or the one that replaced it after its expiry. */
  completedConnectionId: string | null;
  /** Why the last finish did not succeed, for the page. */
  failure: { code: string; message: string } | null;
  /** The connection that seems to be the same login, while the customer is asked about it or after it was kept. */
  twinConnectionId: string | null;
  /** What waits for that answer. */
  sealedProof: Buffer | null;
  /** A repair that makes a new provider connection: what it obtains can be lost. */
  relinks: boolean;
  /** What only the customer knows, and is asked before the finish goes on. */
  questions: AccountQuestion[] | null;
}

const COLUMNS = `home, id, connection_id as "connectionId", kind, started_at as "startedAt", expires_at as "expiresAt",
  institution_id as "institutionId", provider, sealed_state as "sealedState",
  sealed_page as "sealedPage", finished_at as "finishedAt", completed_connection_id as "completedConnectionId",
  failure, twin_connection_id as "twinConnectionId", sealed_proof as "sealedProof", relinks, questions`;

export const getSession = (sql: Sql, id: string): Promise<Session | null> =>
  sql.row(`select ${COLUMNS} from session where home = $1 and id = $2`, [homeOf("session", id), id]);

export async function saveSession(sql: Sql, s: Session): Promise<void> {
  await sql.run(
    `insert into session (home, id, connection_id, kind, started_at, expires_at, institution_id, provider, sealed_state,
       sealed_page, finished_at, completed_connection_id, failure, twin_connection_id, sealed_proof, relinks, questions)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
     on conflict (home, id) do update set
       institution_id = excluded.institution_id, provider = excluded.provider, sealed_state = excluded.sealed_state,
       sealed_page = excluded.sealed_page, finished_at = excluded.finished_at,
       completed_connection_id = excluded.completed_connection_id, failure = excluded.failure,
       twin_connection_id = excluded.twin_connection_id, sealed_proof = excluded.sealed_proof,
       relinks = excluded.relinks, questions = excluded.questions`,
    [
      s.home,
      s.id,
      s.connectionId,
      s.kind,
      stamp(s.startedAt),
      stamp(s.expiresAt),
      s.institutionId,
      s.provider,
      s.sealedState,
      s.sealedPage,
      stampOrNull(s.finishedAt),
      s.completedConnectionId,
      s.failure && JSON.stringify(s.failure),
      s.twinConnectionId,
      s.sealedProof,
      s.relinks,
      s.questions && JSON.stringify(s.questions),
    ],
  );
}

export const eraseSessions = (sql: Sql, home: Home, connectionId: string): Promise<number> =>
  sql.run("delete from session where home = $1 and connection_id = $2", [home, connectionId]);
