/** A connection, and what belongs to it, as the API tells them: as far as these pages show it. */
import type { Actor } from "../core/status/next-step.ts";
import type { Reason, State, Status } from "../core/status/table.ts";

export interface Connection {
  id: string;
  customerId: string;
  externalCustomerId: string | null;
  institutionName: string | null;
  status: Status;
  statusReason: Reason | null;
  products: string[];
  optionalProducts: string[];
  duplicateConnectionIds: string[] | null;
  activeDuplicateConnectionId: string | null;
  serviceProviderDetails: { serviceProvider: string; serviceProviderConnectionId: string | null } | null;
  createdAt: string;
  key: string;
  canRefresh: boolean;
  canReconnect: boolean;
  stateSince: string;
  nextStep: { actor: Actor; what: string; at: string | null; why: string | null };
  cause: { code: string; message: string | null; httpStatus: number | null; scope: string; at: string | null } | null;
  lastAttemptAt: string | null;
  lastSuccessAt: string | null;
  dataAsOf: Record<string, string>;
  nextRefreshAllowedAt: string | null;
  replacesConnectionId: string | null;
}

export const stateOf = ({ status, statusReason }: Pick<Connection, "status" | "statusReason">): State =>
  (statusReason === null ? status : `${status}/${statusReason}`) as State;

export interface Entry {
  id: string;
  at: string;
  kind: "state" | "observation" | "act" | "session";
  detail: Record<string, unknown>;
  key: string;
}

export interface ToldEvent {
  id: string;
  sequence: number;
  type: string;
  at: string;
  deliveries: {
    webhookProfileId: string;
    name: string;
    status: "PENDING" | "DELIVERED" | "FAILED";
    tries: number;
    reason: string | null;
  }[];
  key: string;
}
