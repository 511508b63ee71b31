/** What the customer's page tells of what it sees: refusals above all, for whoever asks later why it did not work. */
import { z } from "zod";
import { tellSession } from "../actions/session-events.ts";
import type { Api, Context } from "./context.ts";
import { text } from "./fields.ts";
import { connectTokenOf } from "./keys.ts";
import { operation } from "./operation.ts";

const WORD = /^[\w .:/-]+$/;
const word = (most: number) => text(most).refine((value) => WORD.test(value), "must be plain words; send a name");

export function connectEvents(app: Api, { gateway }: Context): void {
  app.post(
    "/bank-linking/connect/events",
    {
      schema: operation({
        id: "tellSessionEvent",
        tag: "linking",
        summary: "Tell what happened on the customer's page",
        description: "It changes nothing: it goes to the connection's timeline and to the activity log.",
        asks: "connect token",
        body: z.object({
          id: word(100).meta({ description: "Told again under the same id, it stands there once." }),
          name: word(100),
          code: word(100).nullish().meta({ description: "Of what went wrong." }),
        }),
        answers: { 200: z.object({ requestId: z.string() }) },
        refusals: ["SESSION_OVER"],
      }),
    },
    async (request) => {
      const { id, name, code } = request.body;
      await tellSession(gateway, connectTokenOf(request), { id, name, code: code ?? null, at: null });
      return { requestId: request.id };
    },
  );
}
