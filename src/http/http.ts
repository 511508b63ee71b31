/** The HTTP side of the gateway: its parts are chosen here, and nothing else is decided. */
import Fastify, { type FastifyInstance, type FastifyReply, LogController } from "fastify";
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import type { Gateway } from "../actions/gateway.ts";
import { addresses } from "./addresses.ts";
import { refuseAbsent } from "./absent.ts";
import { accounts } from "./accounts.ts";
import { apiKeyPages } from "./api-keys.ts";
import { activityLog } from "./activity-log.ts";
import { auditActs } from "./audit.ts";
import { auditLog } from "./audit-log.ts";
import { readBodies } from "./bodies.ts";
import { connect } from "./connect.ts";
import { connectionEvents } from "./connection-events.ts";
import { connectEvents } from "./connect-events.ts";
import { connectPage } from "./connect-page.ts";
import { connectSession } from "./connect-session.ts";
import { connections } from "./connections.ts";
import type { Api, Context, HttpParts } from "./context.ts";
import { customers } from "./customers.ts";
import { dashboard } from "./dashboard/dashboard.ts";
import { answerError, answerUnreadable, requestIdFrom } from "./errors.ts";
import { deliveries } from "./deliveries.ts";
import { events } from "./events.ts";
import { farm } from "./farm.ts";
import { imports } from "./import.ts";
import { institutions } from "./institutions.ts";
import { investments } from "./investments.ts";
import { requireKey, requireToken } from "./keys.ts";
import { maskedText } from "./log.ts";
import { openapi } from "./openapi.ts";
import { operator } from "./operator.ts";
import { updates } from "./products.ts";
import { processors } from "./processors.ts";
import { probes } from "./probes.ts";
import { providerWebhooks } from "./provider-webhooks.ts";
import { receivedWebhooks } from "./received-webhooks.ts";
import { reference } from "./reference.ts";
import { limitAsked, limitRefused } from "./rate-limit.ts";
import { refreshes } from "./refreshes.ts";
import { logRequests } from "./request-log.ts";
import { refuseUnknown } from "./routes.ts";
import { requireScopes } from "./scopes.ts";
import { sandbox } from "./sandbox.ts";
import { serviceProviders } from "./service-providers.ts";
import { states } from "./states.ts";
import { ticket } from "./ticket.ts";
import { transactionChanges } from "./transaction-changes.ts";
import { transactions } from "./transactions.ts";
import { refuseUnknownParameters } from "./unknown-parameters.ts";
import { answerVersion, refuseVersion } from "./version.ts";
import { webhooks } from "./webhooks.ts";

const KEYED = [
  connect,
  connections,
  imports,
  states,
  connectionEvents,
  ticket,
  refreshes,
  updates,
  accounts,
  processors,
  transactions,
  transactionChanges,
  investments,
  institutions,
  customers,
  addresses,
  serviceProviders,
  webhooks,
  deliveries,
  events,
  receivedWebhooks,
  operator,
  apiKeyPages,
  auditLog,
  activityLog,
  sandbox,
];
const OPEN = [probes, connectPage, reference];

export const BODY_LIMIT = 1024 * 1024;
/** As long as a request's head may be: what is too long for an id is told so by its field. */
export const PARAM_LIMIT = 16 * 1024;
/**
 * In milliseconds: by then a request's head, and the whole of it, has come in; who sends it slower is cut off. Unless
 * told, Fastify waits for a body without end.
 */
export const PATIENCE = { head: 30_000, request: 60_000, checkEvery: 10_000 };

export async function createHttp(gateway: Gateway, parts: HttpParts): Promise<FastifyInstance> {
  const context: Context = { ...parts, gateway };
  const { door } = gateway;
  const patience = parts.patience ?? PATIENCE;
  const app = Fastify({
    loggerInstance: parts.logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    requestTimeout: patience.request,
    http: { headersTimeout: patience.head, connectionsCheckingInterval: patience.checkEvery },
    trustProxy: (_address, hop) => hop < (parts.proxies ?? 0),
    routerOptions: { maxParamLength: PARAM_LIMIT },
    genReqId: () => requestIdFrom(door),
    clientErrorHandler: (error, socket) => answerUnreadable(error, socket, door),
    frameworkErrors: (error, request, reply) => answerError(error, request, reply, door) as never,
  }).withTypeProvider<ZodTypeProvider>() as Api;

  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, door));
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
    reply.header("x-content-type-options", "nosniff");
    answerVersion(request, reply);
  });
  limitRefused(app, door, parts.limits);
  app.addHook("onResponse", async (request, reply) => {
    const path = request.routeOptions.url ?? maskedText(request.url.split("?")[0] ?? "");
    const ms = Math.round(reply.elapsedTime);
    request.log.info(
      { requestId: request.id, method: request.method, path, status: reply.statusCode, ms },
      "Answered.",
    );
  });

  readBodies(app);
  refuseUnknown(app);
  await openapi(app);
  await app.register(async (keyed) => {
    logRequests(keyed, context);
    keyed.addHook("onRequest", requireKey(gateway));
    keyed.addHook("onRequest", keepOut);
    limitAsked(keyed, door, parts.limits);
    requireScopes(keyed);
    auditActs(keyed, context);
    keyed.addHook("onRequest", refuseVersion);
    refuseAbsent(keyed);
    refuseUnknownParameters(keyed);
    for (const resource of KEYED) resource(keyed, context);
  });
  await app.register(async (tokened) => {
    logRequests(tokened, context);
    tokened.addHook("onRequest", requireToken(gateway.ring));
    tokened.addHook("onRequest", keepOut);
    limitAsked(tokened, door, parts.limits);
    refuseUnknownParameters(tokened);
    connectSession(tokened, context);
    connectEvents(tokened, context);
  });
  await app.register(async (open) => {
    for (const resource of OPEN) resource(open, context);
  });
  await app.register((mount) => dashboard(mount as Api, context, KEYED));
  await app.register((mount) => providerWebhooks(mount as Api, context));
  await app.register((mount) => farm(mount as Api, context));
  await app.ready();
  return app;
}

/** What is told of customers is no cache's to keep. */
const keepOut = async (_request: unknown, reply: FastifyReply): Promise<void> => {
  reply.header("cache-control", "no-store");
};
