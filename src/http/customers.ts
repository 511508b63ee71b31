/** Customers: list, get, create or retrieve. */
import { z } from "zod";
import { type Home, homeOf } from "../core/ids.ts";
import { Refusal } from "../core/refusal.ts";
import { findOrCreateCustomer, getCustomer } from "../store/customers.ts";
import { homeFor, mint, randomHome } from "../store/home.ts";
import { listCustomers } from "../store/lists/customers.ts";
import type { Api, Context } from "./context.ts";
import { placeOf } from "../store/lists/cursor.ts";
import { idOf, list, named } from "./fields.ts";
import { once } from "./idempotency.ts";
import { counts, countsOf, notFound, paging } from "./listing.ts";
import { operation } from "./operation.ts";
import { CustomerBody, renderCustomer } from "./render/customer.ts";

const Search = z.object({
  customerIds: list(idOf("customer")).optional(),
  externalIds: list(named(255)).optional(),
  ...paging(),
});

const customerPath = z.object({ customerId: idOf("customer") });

export function customers(app: Api, context: Context): void {
  const { gateway } = context;

  app.get(
    "/accounts/customers",
    {
      schema: operation({
        id: "listCustomers",
        tag: "customers",
        summary: "List customers by external id",
        querystring: Search,
        answers: { 200: z.object({ customers: z.array(CustomerBody), ...counts }) },
      }),
    },
    async ({ query }) => {
      const filters = { ids: query.customerIds, externalIds: query.externalIds };
      const found = await listCustomers(gateway.db, filters, placeOf(gateway.salt, "customers", query), query.limit);
      return { customers: found.rows.map((row) => renderCustomer(context, row)), ...countsOf(found) };
    },
  );

  app.get(
    "/accounts/customers/:customerId",
    {
      schema: operation({
        id: "getCustomer",
        tag: "customers",
        summary: "Get a customer",
        params: customerPath,
        answers: { 200: CustomerBody },
        refusals: ["NOT_FOUND"],
      }),
    },
    async ({ params }) => {
      const found = await getCustomer(gateway.db, homeOf("customer", params.customerId) as Home, params.customerId);
      if (!found || found.deletedAt !== null) throw notFound("customer", params.customerId);
      return renderCustomer(context, found);
    },
  );

  app.post(
    "/accounts/customers",
    {
      schema: operation({
        id: "createCustomer",
        tag: "customers",
        summary: "Create a customer, or retrieve it by its external id",
        description: "Of the person nothing else is kept: name, email, phone, birth and addresses come back empty.",
        body: z.object({ externalId: named(255).nullish() }),
        answers: { 200: CustomerBody },
        refusals: ["IDEMPOTENCY_KEY_REUSED"],
      }),
    },
    async (request) => {
      const externalId = request.body.externalId ?? null;
      const { ids } = await once(context, request, () => {
        const home = externalId === null ? randomHome(gateway.door) : homeFor(gateway.salt, "customer", externalId);
        return { customer: mint(gateway.door, "customer", home) };
      });
      const home = homeOf("customer", ids.customer) as Home;
      const made = await findOrCreateCustomer(gateway.db, home, ids.customer, externalId, gateway.door.now());
      return renderCustomer(context, made);
    },
  );

  app.delete(
    "/accounts/customers/:customerId",
    {
      schema: operation({
        id: "deleteCustomer",
        tag: "later",
        summary: "Delete a customer",
        params: customerPath,
        answers: {},
        refusals: ["NOT_BUILT"],
      }),
    },
    async () => {
      throw new Refusal("NOT_BUILT", "Customers can't be deleted yet; delete the customer's connections one by one.");
    },
  );
}
