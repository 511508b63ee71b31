/** What the customer's page does with its connect token, and anybody can do by calls alone. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { answerAccounts } from "../actions/answer-accounts.ts";
import { returnState } from "../actions/connect-token.ts";
import { decideTwin } from "../actions/decide-twin.ts";
import { findInstitutions, hasOwnPicker } from "../actions/find-institutions.ts";
import { finishSession } from "../actions/finish-link.ts";
import { withSessionEvents } from "../actions/session-events.ts";
import { chooseInstitution, openSession, refuseOver, type Opened } from "../actions/session.ts";
import { accountsOf } from "../store/accounts.ts";
import { getInstitution } from "../store/institutions.ts";
import { baseOf, type Api, type Context } from "./context.ts";
import { idOf, limit, text } from "./fields.ts";
import { onceWithoutIds } from "./idempotency.ts";
import { connectTokenOf } from "./keys.ts";
import { operation } from "./operation.ts";
import { reason, status } from "./render/connection.ts";
import { renderSession, SessionAnswer } from "./render/session.ts";

const Found = z.object({ id: z.string(), name: z.string(), domain: z.string().nullable(), isTest: z.boolean() });

const CompleteAnswer = z.object({
  finished: z.boolean().meta({ description: "False: the session asks about a twin first." }),
  connectionId: z.string(),
  replacesConnectionId: z.string().nullable(),
  status,
  statusReason: reason.nullable(),
  institutionId: z.string().nullable(),
  institutionName: z.string().nullable(),
  accountCount: z.int(),
  accounts: z
    .array(z.object({ id: z.string(), name: z.string(), type: z.string(), mask: z.string().nullable() }))
    .nullable(),
});

const proof = z
  .record(text(64), text(8192))
  .refine((pairs) => Object.keys(pairs).length <= 32, "has too many entries; send at most 32")
  .meta({ description: "What the provider's page gave back: a public token, a code." });

const BY_CALLS = `A link needs no browser:

1. \`POST /bank-linking/connect/start\` with the API key gives a connect token; send that as \`Bearer\` from here on.
2. Choose the institution here; \`page\` in the answer is what the customer's page needs of the provider.
3. The customer logs in at the provider. At a fake bank that is \`POST /farm/sittings/login\` with
   \`{"sitting": page.sitting, "user": any name, "password": "good"}\`. Where \`reply.step\` is \`answer\`, it is
   \`POST /farm/sittings/answer\` with \`{"sitting", "answer": "1234"}\` next; where it is \`accounts\`,
   \`POST /farm/sittings/accounts\` with \`{"sitting", "accounts": [each reply.accounts[].no]}\`. At the end it gives
   \`reply.slip\`. A repair needs no \`user\`: the bank knows whose login it is.
4. \`POST /bank-linking/connect/complete\` with what that gave: \`{"proof": {"slip": reply.slip}}\`.`;

/** The customer's own steps: the connect token opens them, no API key. What is over is refused before a key is kept. */
export function connectSession(app: Api, context: Context): void {
  const { gateway } = context;

  app.get(
    "/bank-linking/connect/session",
    {
      schema: operation({
        id: "getConnectSession",
        tag: "linking",
        summary: "Show the session of a connect token",
        asks: "connect token",
        answers: { 200: SessionAnswer },
        refusals: ["SESSION_OVER"],
      }),
    },
    async (request) => renderSession(context, await openSession(gateway, connectTokenOf(request))),
  );

  app.post(
    "/bank-linking/connect/institution",
    {
      schema: operation({
        id: "chooseInstitution",
        tag: "linking",
        summary: "Choose the bank and begin its part",
        description: BY_CALLS,
        asks: "connect token",
        body: z
          .object({ institutionId: idOf("institution").nullish() })
          .meta({ examples: [{ institutionId: "ins_2Ab9cDeFgHiJkLmNpQrStU" }] }),
        answers: { 200: SessionAnswer },
        refusals: [
          "NOT_FOUND",
          "SESSION_OVER",
          "IDEMPOTENCY_KEY_REUSED",
          "PROVIDER_REFUSED",
          "PROVIDER_UNAVAILABLE",
          "NOT_BUILT",
        ],
      }),
    },
    async (request) => {
      const { opener, session } = await admitted(context, request);
      const chosen = request.body.institutionId ?? null;
      const back = `${baseOf(context, request)}/connect/return?state=${returnState(gateway.ring, session.id)}`;
      return renderSession(context, await chooseInstitution(gateway, opener, chosen, "anew", back));
    },
  );

  app.post(
    "/bank-linking/connect/complete",
    {
      schema: operation({
        id: "completeConnection",
        tag: "linking",
        summary: "Finish a link or a repair",
        description: "May be repeated: once it succeeded, the same answer comes again.",
        asks: "connect token",
        body: z.object({
          proof,
          ifTwin: z
            .enum(["ASK", "ADD"])
            .nullish()
            .meta({
              description:
                "Where this login seems to be linked already: ASK stops before the exchange, and the session's " +
                "`twin` says with what; ADD (the default) links anyway.",
            }),
        }),
        answers: { 200: CompleteAnswer },
        refusals: [
          "STATE_FORBIDS",
          "QUESTION_OPEN",
          "SESSION_OVER",
          "TOO_EARLY",
          "IDEMPOTENCY_KEY_REUSED",
          "PROVIDER_REFUSED",
          "PROVIDER_UNAVAILABLE",
          "NOT_BUILT",
        ],
      }),
    },
    async (request) => {
      const { opener, ...opened } = await admitted(context, request);
      const { proof: brought, ifTwin } = request.body;
      const finish = () => finishSession(gateway, opener, brought, ifTwin === "ASK" ? "ask" : "add");
      await withSessionEvents(gateway, opened, finish);
      return completed(context, await openSession(gateway, opener));
    },
  );

  app.post(
    "/bank-linking/connect/twin",
    {
      schema: operation({
        id: "decideTwin",
        tag: "linking",
        summary: "Answer whether this login is linked already",
        description: "KEEP ends the session with the earlier connection, nothing exchanged; ADD links anyway.",
        asks: "connect token",
        body: z.object({ choice: z.enum(["KEEP", "ADD"]) }),
        answers: { 200: CompleteAnswer.extend({ repairToken: z.string().nullable() }) },
        refusals: [
          "STATE_FORBIDS",
          "SESSION_OVER",
          "IDEMPOTENCY_KEY_REUSED",
          "PROVIDER_REFUSED",
          "PROVIDER_UNAVAILABLE",
          "NOT_BUILT",
        ],
      }),
    },
    async (request) => {
      const { opener } = await admitted(context, request);
      const decided = await decideTwin(gateway, opener, request.body.choice);
      return { ...(await completed(context, decided)), repairToken: decided.repairToken };
    },
  );

  app.get(
    "/bank-linking/connect/institutions",
    {
      schema: operation({
        id: "findInstitutions",
        tag: "linking",
        summary: "Find the customer's bank by what they type, slips included",
        asks: "connect token",
        querystring: z.object({
          typed: text(200, 0).optional().meta({ description: "Empty: the popular ones." }),
          limit: limit(50, 12),
        }),
        answers: {
          200: z.object({
            institutions: z.array(Found),
            elsewhere: z.boolean().meta({
              description:
                "A provider has a picker of its own: choose no institution, and the customer finds it there.",
            }),
          }),
        },
        refusals: ["SESSION_OVER"],
      }),
    },
    async (request) => {
      const opened = await openSession(gateway, connectTokenOf(request));
      refuseOver(gateway, opened);
      const { connection } = opened;
      const { typed = "", limit: most } = request.query;
      const found = await findInstitutions(gateway, connection, typed, most);
      const institutions = found.map(({ id, name, hosts, isTest }) => ({ id, name, domain: hosts[0] ?? null, isTest }));
      return { institutions, elsewhere: hasOwnPicker(gateway) };
    },
  );

  app.post(
    "/bank-linking/connect/accounts",
    {
      schema: operation({
        id: "answerAccounts",
        tag: "linking",
        summary: "Say which account is which",
        description:
          "Answers the session's `questions`, and finishes the repair. May be repeated after success. Not answered " +
          "before the session expires, the new link is undone and the connection stays as it was.",
        asks: "connect token",
        body: z.object({
          accounts: z
            .array(
              z.object({
                now: text(16).meta({ description: "The id of an account under `now`." }),
                before: idOf("account")
                  .nullable()
                  .meta({ description: "Which of those under `before` it is; null: none of them." }),
              }),
            )
            .min(1)
            .max(1000)
            .meta({
              description: "Every account under `now`, of every question, once.",
              examples: [[{ now: "2", before: null }]],
            }),
        }),
        answers: { 200: CompleteAnswer },
        refusals: [
          "STATE_FORBIDS",
          "QUESTION_OPEN",
          "SESSION_OVER",
          "IDEMPOTENCY_KEY_REUSED",
          "TOO_EARLY",
          "PROVIDER_REFUSED",
          "PROVIDER_UNAVAILABLE",
        ],
      }),
    },
    async (request) => {
      const { opener } = await admitted(context, request);
      return completed(context, await answerAccounts(gateway, opener, request.body.accounts));
    },
  );
}

/** The session is known before a key is kept in its name. */
async function admitted(context: Context, request: FastifyRequest): Promise<Opened & { opener: string }> {
  const opener = connectTokenOf(request);
  const opened = await openSession(context.gateway, opener);
  await onceWithoutIds(context, request);
  return { ...opened, opener };
}

/** Accounts are known here where the login was linked before; else they come with the first read. */
async function completed(
  { gateway }: Context,
  { session, connection: c }: Opened,
): Promise<z.output<typeof CompleteAnswer>> {
  const institution = c.institutionId === null ? null : await getInstitution(gateway.db, c.institutionId);
  const known = c.providerConnectionId === null ? [] : await accountsOf(gateway.db, c.home, c.providerConnectionId);
  const live = known.filter(({ leftAt }) => leftAt === null);
  return {
    finished: session.finishedAt !== null,
    connectionId: c.id,
    replacesConnectionId: c.replacesConnectionId,
    status: c.status,
    statusReason: c.reason,
    institutionId: c.institutionId,
    institutionName: institution?.name ?? null,
    accountCount: live.length,
    accounts: live.length > 0 ? live.map(({ id, name, type, mask }) => ({ id, name, type, mask })) : null,
  };
}
