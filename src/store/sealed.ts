/**
 * Every column that holds a sealed value, and under which name a value is sealed there: moved to another row or column,
 * it does not open. Whatever seals or opens names its row by this table, and the rotation of keys goes through it.
 */
export interface SealedColumn {
  table: string;
  column: string;
  /** Of the primary key, in order, with their types: how a row is met again. */
  key: readonly (readonly [name: string, type: "bigint" | "text"])[];
  /** The part of the key that names the row in the seal. */
  by: string;
  /** Under which name a value is sealed. */
  row(id: string): string;
  /** Which rows have one, where others use the column otherwise. */
  only?: string;
}

const HOMED = [
  ["home", "bigint"],
  ["id", "text"],
] as const;
const itself = (id: string): string => id;
const ofEndpoint = (id: string): string => `webhook secret ${id}`;

export const SEALED = {
  credential: { table: "provider_connection", column: "credential", key: HOMED, by: "id", row: itself },
  identifiers: { table: "account", column: "sealed_identifiers", key: HOMED, by: "id", row: itself },
  person: { table: "customer", column: "sealed_person", key: HOMED, by: "id", row: itself },
  sessionState: { table: "session", column: "sealed_state", key: HOMED, by: "id", row: itself },
  sessionPage: {
    table: "session",
    column: "sealed_page",
    key: HOMED,
    by: "id",
    row: (id: string) => `page of ${id}`,
  },
  sessionProof: {
    table: "session",
    column: "sealed_proof",
    key: HOMED,
    by: "id",
    row: (id: string) => `proof of ${id}`,
  },
  finish: {
    table: "task",
    column: "payload",
    key: [
      ["home", "bigint"],
      ["subject", "text"],
      ["kind", "text"],
    ],
    by: "subject",
    row: (connectionId: string) => `finish of ${connectionId}`,
    only: "kind = 'finish'",
  },
  inbound: { table: "inbound", column: "raw", key: HOMED, by: "id", row: (id: string) => `webhook ${id}` },
  processorToken: { table: "processor_token", column: "sealed", key: HOMED, by: "id", row: itself },
  endpointSecret: { table: "webhook_profile", column: "secret", key: [["id", "text"]], by: "id", row: ofEndpoint },
  endpointOldSecret: {
    table: "webhook_profile",
    column: "old_secret",
    key: [["id", "text"]],
    by: "id",
    row: ofEndpoint,
  },
} as const satisfies Record<string, SealedColumn>;
