/** What the API is made with: the gateway, and what only HTTP needs to know. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, RawServerDefault } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { Gateway } from "../actions/gateway.ts";
import type { Instant, Millis } from "../core/door.ts";

export interface FarmRequest {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  body: string;
}

export interface FarmAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** The bank takes its time. */
  after?: Millis;
}

/** A file that was built for the browser, in the forms that it may be sent in. */
export interface PageFile {
  type: string;
  immutable: boolean;
  tag: string;
  bodies: { identity: Buffer; gzip?: Buffer; br?: Buffer };
}

/** By path from the folder of the build: "connect/index.html". */
export type Pages = ReadonlyMap<string, PageFile>;

export interface Limits {
  /** Requests a minute of one key or session; 0: as many as it likes. */
  asked: number;
  /** Answers with 401 a minute to one address; 0: as many as it likes. */
  refused: number;
}

export interface HttpParts {
  /** One deployment is one account; the same in every answer. */
  accountId: string;
  settings: {
    /** Where the widget is reached, without a slash at its end; empty: where the request came in. */
    publicUrl: string;
    /** What the customer knows the application by; empty: it has no name. */
    application: string;
    /** There are fake banks. */
    sandbox: boolean;
    /** Nobody but this machine asks here: the operator's pages want no key. */
    alone: boolean;
    /** Origins that may show the connect page in a frame, and are told what happens in it. */
    embedOrigins: readonly string[];
  };
  /** What runs in the browser; null: it was not built. */
  pages: Pages | null;
  logger: FastifyBaseLogger;
  /** How long a request's head, and the whole of it, may take to arrive, in ms; absent: as in http.ts. */
  patience?: { head: number; request: number; checkEvery: number };
  /** Absent: whoever is let in may ask as often as they like. */
  limits?: Limits;
  /** How many proxies of the operator's own stand in front, and write X-Forwarded-For. Absent: none is believed. */
  proxies?: number;
  /** Able to serve, the database included. */
  ready(): Promise<boolean> | boolean;
  /** Prometheus' text format. */
  metrics(): Promise<string>;
  /** The fake banks, where they live in this process. */
  farm?: { handle(request: FarmRequest): Promise<FarmAnswer | "never"> };
  /** Steps the gateway's clock; null: a real provider is configured, and time is real. */
  advanceClock(by: Millis): Promise<{ now: Instant; remaining: Millis } | null>;
}

export interface Context extends HttpParts {
  gateway: Gateway;
}

/** Where the one who asks reaches the gateway. */
export const baseOf = ({ settings }: Context, request: Pick<FastifyRequest, "protocol" | "host">): string =>
  settings.publicUrl || `${request.protocol}://${request.host}`;

export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;
