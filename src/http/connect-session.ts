/** What the customer's page does with its connect token, and anybody can do by calls alone. */
import { z } from "zod";
import { answerAccounts } from "../actions/answer-accounts.ts";
import { finishSession } from "../actions/finish-link.ts";
import { chooseInstitution, openSession, type Opened } from "../actions/session.ts";
import { ACCOUNT_TYPES } from "../core/account.ts";
import { accountsOf } from "../store/accounts.ts";
import type { Connection } from "../store/connections.ts";
import { getInstitution } from "../store/institutions.ts";
import type { AskedAccount as StoredAccount } from "../store/sessions.ts";
import type { Api, Context } from "./context.ts";
import { idOf, instant, iso, isoOrNull, text } from "./fields.ts";
import { onceWithoutIds } from "./idempotency.ts";
import { connectTokenOf } from "./keys.ts";
import { amount, renderedOrNull } from "./money.ts";
import { operation } from "./operation.ts";
import { reason, status } from "./render/connection.ts";

const AskedAccount = z.object({
  id: z.string(),
  name: z.string(),
  type: z.enum(ACCOUNT_TYPES),
  mask: z.string().nullable(),
  currency: z.string().nullable(),
  balance: amount.nullable(),
});

const AccountQuestion = z.object({
  before: z.array(AskedAccount).meta({ description: "Accounts of the connection as they were known so far." }),
  now: z.array(AskedAccount).meta({ description: "Accounts of the new link. Their ids are keys of this question." }),
});

const SessionAnswer = z
  .object({
    id: z.string(),
    kind: z.enum(["LINK", "REPAIR"]),
    connectionId: z.string(),
    status,
    statusReason: reason.nullable(),
    institutionId: z.string().nullable(),
    serviceProvider: z.string().nullable(),
    page: z
      .record(z.string(), z.string())
      .nullable()
      .meta({ description: "What the customer's page needs of the provider." }),
    startedAt: instant,
    expiresAt: instant,
    finishedAt: instant.nullable(),
    failure: z.object({ code: z.string(), message: z.string() }).nullable(),
    questions: z
      .array(AccountQuestion)
      .nullable()
      .meta({
        description:
          "A repair that linked the bank anew, and accounts that can't be told apart: which is which? " +
          "`POST /bank-linking/connect/accounts` answers. Until then nothing has changed.",
      }),
  })
  .meta({ id: "ConnectSession" });

const CompleteAnswer = z.object({
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
    async (request) => shown(await openSession(gateway, connectTokenOf(request))),
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
        body: z.object({ institutionId: idOf("institution").nullish() }),
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
      const opener = connectTokenOf(request);
      await openSession(gateway, opener);
      await onceWithoutIds(context, request);
      return shown(await chooseInstitution(gateway, opener, request.body.institutionId ?? null));
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
        body: z.object({ proof }),
        answers: { 200: CompleteAnswer },
        refusals: [
          "STATE_FORBIDS",
          "QUESTION_OPEN",
          "SESSION_OVER",
          "IDEMPOTENCY_KEY_REUSED",
          "PROVIDER_REFUSED",
          "PROVIDER_UNAVAILABLE",
          "NOT_BUILT",
        ],
      }),
    },
    async (request) => {
      const opener = connectTokenOf(request);
      await openSession(gateway, opener);
      await onceWithoutIds(context, request);
      const { connection } = await finishSession(gateway, opener, request.body.proof);
      return completed(context, connection);
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
            .meta({ description: "Every account under `now`, of every question, once." }),
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
      const opener = connectTokenOf(request);
      await openSession(gateway, opener);
      await onceWithoutIds(context, request);
      const { connection } = await answerAccounts(gateway, opener, request.body.accounts);
      return completed(context, connection);
    },
  );
}

const shown = ({ session, connection }: Opened): z.output<typeof SessionAnswer> => ({
  id: session.id,
  kind: session.kind === "link" ? "LINK" : "REPAIR",
  connectionId: connection.id,
  status: connection.status,
  statusReason: connection.reason,
  institutionId: session.institutionId,
  serviceProvider: session.provider,
  page: session.finishedAt === null ? session.page : null,
  startedAt: iso(session.startedAt),
  expiresAt: iso(session.expiresAt),
  finishedAt: isoOrNull(session.finishedAt),
  failure: session.failure,
  questions:
    session.questions &&
    session.questions.map(({ before, now }) => ({ before: before.map(asked), now: now.map(asked) })),
});

const asked = (account: StoredAccount) => ({ ...account, balance: renderedOrNull(account.balance) });

/** Accounts are known here where the login was linked before; else they come with the first read. */
async function completed({ gateway }: Context, c: Connection): Promise<z.output<typeof CompleteAnswer>> {
  const institution = c.institutionId === null ? null : await getInstitution(gateway.db, c.institutionId);
  const known = c.providerConnectionId === null ? [] : await accountsOf(gateway.db, c.home, c.providerConnectionId);
  const live = known.filter(({ leftAt }) => leftAt === null);
  return {
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
