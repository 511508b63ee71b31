/** Customers: list, get, create or retrieve, change, delete. */
import { z } from "zod";
import { type Home, homeOf } from "../core/ids.ts";
import { CONTRACT_PROVIDERS } from "../core/compatibility.ts";
import { CUSTOMER_TYPES } from "../core/person.ts";
import { Refusal } from "../core/refusal.ts";
import { changeCustomer, contactHash, createCustomer, type Told as Known } from "../actions/customers.ts";
import { deleteCustomer } from "../actions/delete-customer.ts";
import { getCustomer } from "../store/customers.ts";
import { homeFor, mint, randomHome } from "../store/home.ts";
import { listCustomers } from "../store/lists/customers.ts";
import type { Api, Context } from "./context.ts";
import { placeOf } from "../store/lists/cursor.ts";
import { NewAddress, newAddress } from "./address.ts";
import { day, idOf, list, named, startOf, text } from "./fields.ts";
import { once, onceWithoutIds } from "./idempotency.ts";
import { counts, countsOf, notFound, paging } from "./listing.ts";
import { operation } from "./operation.ts";
import { CustomerBody, renderCustomer } from "./render/customer.ts";

const email = text(254).refine((value) => /^[^@\s]+@[^@\s]+$/.test(value), "is no e-mail address; send name@host");
const phone = text(32).refine(
  (value) => /\d{4}/.test(value.replace(/\D/g, "")) && /^[\d+()./ -]+$/.test(value),
  "is no phone number; send digits, with + and the country's code in front",
);
const EARLIEST = "1900-01-01";
const dateOfBirth = day
  .refine((value) => value >= EARLIEST, `lies before ${EARLIEST}; send the day of birth, or leave it out`)
  .meta({ description: "yyyy-mm-dd; not in the future." });

const Told = z.object({
  name: z.object({ firstName: named(255).nullish(), lastName: named(255).nullish() }).nullish(),
  email: email.nullish(),
  phone: phone.nullish(),
  dateOfBirth: dateOfBirth.nullish(),
  type: z.enum(CUSTOMER_TYPES).nullish(),
});

const New = Told.extend({
  externalId: named(255).nullish(),
  addresses: z.array(NewAddress).max(20).nullish(),
});

const Change = Told.extend({
  externalId: named(255)
    .nullish()
    .meta({ description: "It is for good: only the one that the customer has is taken." }),
});

/** What is not named stays; null takes it back. */
function toldOf({ gateway }: Context, body: z.output<typeof Told>): Known {
  const { name, type, email: mail, phone: number, dateOfBirth: born } = body;
  if (born && startOf(born) > gateway.door.now())
    throw new Refusal("BAD_REQUEST", `[dateOfBirth] ${born} lies in the future; send the day of birth as YYYY-MM-DD.`);
  return {
    ...(name !== undefined && {
      name: name && { firstName: name.firstName ?? null, lastName: name.lastName ?? null },
    }),
    ...(mail !== undefined && { email: mail }),
    ...(number !== undefined && { phone: number }),
    ...(born !== undefined && { dateOfBirth: born }),
    ...(type && { type }),
  };
}

const Search = z.object({
  customerIds: list(idOf("customer")).optional(),
  externalId: named(255).optional(),
  externalIds: list(named(255)).optional(),
  email: email.optional(),
  phone: phone.optional(),
  status: list(z.enum(["ACTIVE", "INACTIVE"]))
    .optional()
    .meta({ description: "None is INACTIVE: it is deleted." }),
  type: z.enum(CUSTOMER_TYPES).optional(),
  ...paging(),
});

const Deleted = z.object({
  id: z.string(),
  isDeleted: z.boolean().meta({ description: "False where providers were named: the customer stays." }),
  serviceProviderCustomersDeleted: z
    .record(z.string(), z.string())
    .meta({ description: "What each provider knew the customer by." }),
});

export const customerPath = z.object({ customerId: idOf("customer") });

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
    async ({ query, url }) => {
      const ids = query.customerIds;
      const filters = {
        ids,
        externalIds: query.externalId === undefined ? query.externalIds : [query.externalId],
        emailHash: query.email === undefined ? undefined : contactHash(gateway, "email", query.email),
        phoneHash: query.phone === undefined ? undefined : contactHash(gateway, "phone", query.phone),
        type: query.type,
      };
      // All that are named, where no limit is.
      const limit = ids && !/[?&]limit=/.test(url) ? Math.min(100, ids.length) : query.limit;
      const none = query.status !== undefined && !query.status.includes("ACTIVE");
      const place = placeOf(gateway.salt, "customers", query);
      const found = none ? { rows: [], remaining: 0 } : await listCustomers(gateway.db, filters, place, limit);
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
        description:
          "What is told of the person is kept sealed, and is needed for nothing here. Of a customer who is there " +
          "already it is kept where nothing was told before.",
        body: New,
        answers: { 200: CustomerBody },
        refusals: ["IDEMPOTENCY_KEY_REUSED", "GONE"],
      }),
    },
    async (request) => {
      const { addresses, ...body } = request.body;
      const externalId = body.externalId ?? null;
      const { ids } = await once(context, request, () => {
        const home = externalId === null ? randomHome(gateway.door) : homeFor(gateway.salt, "customer", externalId);
        return { customer: mint(gateway.door, "customer", home) };
      });
      const told = {
        ...toldOf(context, body),
        ...(addresses && { addresses: addresses.map((one) => newAddress(context, one)) }),
      };
      return renderCustomer(context, await createCustomer(gateway, ids.customer, externalId, told));
    },
  );

  app.patch(
    "/accounts/customers/:customerId",
    {
      schema: operation({
        id: "updateCustomer",
        tag: "customers",
        summary: "Change what is known of a customer",
        description: "What is not named stays; null takes it back. The external id is for good.",
        params: customerPath,
        body: Change,
        answers: { 200: CustomerBody },
        refusals: ["NOT_FOUND", "IDEMPOTENCY_KEY_REUSED"],
      }),
    },
    async (request) => {
      await onceWithoutIds(context, request);
      const { customerId } = request.params;
      const { externalId, ...body } = request.body;
      const told = toldOf(context, body);
      const known = await getCustomer(gateway.db, homeOf("customer", customerId) as Home, customerId);
      if (known && externalId !== undefined && externalId !== known.externalId)
        throw new Refusal(
          "BAD_REQUEST",
          "[externalId] is for good and can't be changed; leave it out, or make another customer under that name.",
        );
      const changed = await changeCustomer(gateway, customerId, (person) => ({ ...person, ...told }));
      return renderCustomer(context, changed.customer);
    },
  );

  app.delete(
    "/accounts/customers/:customerId",
    {
      schema: operation({
        id: "deleteCustomer",
        tag: "customers",
        summary: "Delete a customer with all connections, or the connections at some providers",
        description:
          "Access at the providers is revoked, and the customer's data erased. With `serviceProviders` the " +
          "connections through these alone go, and the customer stays.",
        params: customerPath,
        querystring: z.object({ serviceProviders: list(z.enum(CONTRACT_PROVIDERS)).optional() }),
        answers: { 200: Deleted },
        refusals: ["NOT_FOUND", "TOO_EARLY"],
      }),
    },
    async ({ params, query }) => {
      const { customerId: id } = params;
      const providers = query.serviceProviders ?? null;
      const ended = await deleteCustomer(gateway, id, providers);
      return {
        id,
        isDeleted: providers === null,
        serviceProviderCustomersDeleted: Object.fromEntries(ended.map((provider) => [provider, id])),
      };
    },
  );
}
