/** Customers' addresses. They are kept with the customer, sealed. */
import { z } from "zod";
import { changeCustomer, personOf } from "../actions/customers.ts";
import { type Home, homeOf } from "../core/ids.ts";
import type { PostalAddress } from "../core/person.ts";
import { Refusal } from "../core/refusal.ts";
import { getCustomer } from "../store/customers.ts";
import { mint, randomHome } from "../store/home.ts";
import { NewAddress, newAddress } from "./address.ts";
import type { Api, Context } from "./context.ts";
import { customerPath } from "./customers.ts";
import { idOf } from "./fields.ts";
import { once, onceWithoutIds } from "./idempotency.ts";
import { notFound } from "./listing.ts";
import { operation } from "./operation.ts";
import { AddressBody, renderAddress } from "./render/customer.ts";

export const MOST = 20;
const BASE = "/accounts/customers/:customerId/addresses";
const addressPath = customerPath.extend({ addressId: idOf("address") });
const Change = NewAddress.partial().meta({ id: "AddressChange" });

export function addresses(app: Api, context: Context): void {
  const { gateway } = context;

  const addressesOf = async (customerId: string): Promise<readonly PostalAddress[]> => {
    const found = await getCustomer(gateway.db, homeOf("customer", customerId) as Home, customerId);
    if (!found || found.deletedAt !== null) throw notFound("customer", customerId);
    return personOf(gateway, found).addresses;
  };

  app.post(
    BASE,
    {
      schema: operation({
        id: "addCustomerAddress",
        tag: "customers",
        summary: "Add an address",
        params: customerPath,
        body: NewAddress,
        answers: { 200: AddressBody },
        refusals: ["NOT_FOUND", "IDEMPOTENCY_KEY_REUSED"],
      }),
    },
    async (request) => {
      const mine = () => ({ address: mint(gateway.door, "address", randomHome(gateway.door)) });
      const { ids } = await once(context, request, mine);
      const made = newAddress(context, request.body, ids.address);
      await changeCustomer(gateway, request.params.customerId, (person) => {
        if (person.addresses.some(({ id }) => id === made.id)) return person;
        if (person.addresses.length >= MOST)
          throw new Refusal("BAD_REQUEST", `[customerId] has ${MOST} addresses already; delete one of them.`);
        return { ...person, addresses: [...person.addresses, made] };
      });
      return renderAddress(made);
    },
  );

  app.get(
    BASE,
    {
      schema: operation({
        id: "listCustomerAddresses",
        tag: "customers",
        summary: "A customer's addresses, oldest first",
        params: customerPath,
        answers: { 200: z.object({ addresses: z.array(AddressBody), count: z.int(), remaining: z.int() }) },
        refusals: ["NOT_FOUND"],
      }),
    },
    async ({ params }) => {
      const found = await addressesOf(params.customerId);
      return { addresses: found.map(renderAddress), count: found.length, remaining: 0 };
    },
  );

  app.get(
    `${BASE}/:addressId`,
    {
      schema: operation({
        id: "getCustomerAddress",
        tag: "customers",
        summary: "Get an address",
        params: addressPath,
        answers: { 200: AddressBody },
        refusals: ["NOT_FOUND"],
      }),
    },
    async ({ params }) => {
      const found = (await addressesOf(params.customerId)).find(({ id }) => id === params.addressId);
      if (!found) throw notFound("address", params.addressId);
      return renderAddress(found);
    },
  );

  app.patch(
    `${BASE}/:addressId`,
    {
      schema: operation({
        id: "updateCustomerAddress",
        tag: "customers",
        summary: "Change an address",
        params: addressPath,
        body: Change,
        answers: { 200: AddressBody },
        refusals: ["NOT_FOUND", "IDEMPOTENCY_KEY_REUSED"],
      }),
    },
    async (request) => {
      await onceWithoutIds(context, request);
      const { customerId, addressId } = request.params;
      const named = Object.entries(request.body).filter(
        ([name, value]) => value !== undefined && (!["type", "status"].includes(name) || value),
      );
      const { person } = await changeCustomer(gateway, customerId, (known) => {
        if (!known.addresses.some(({ id }) => id === addressId)) throw notFound("address", addressId);
        const changed = known.addresses.map((one) =>
          one.id === addressId ? { ...one, ...(Object.fromEntries(named) as Partial<PostalAddress>) } : one,
        );
        return { ...known, addresses: changed };
      });
      const [changed] = person.addresses.filter(({ id }) => id === addressId);
      if (!changed) throw notFound("address", addressId);
      return renderAddress(changed);
    },
  );

  app.delete(
    `${BASE}/:addressId`,
    {
      schema: operation({
        id: "deleteCustomerAddress",
        tag: "customers",
        summary: "Delete an address",
        params: addressPath,
        answers: { 200: z.object({ id: z.string(), requestId: z.string() }) },
        refusals: ["NOT_FOUND"],
      }),
    },
    async ({ params, id: requestId }) => {
      const { customerId, addressId } = params;
      await changeCustomer(gateway, customerId, (known) => {
        const left = known.addresses.filter(({ id }) => id !== addressId);
        if (left.length === known.addresses.length) throw notFound("address", addressId);
        return { ...known, addresses: left };
      });
      return { id: addressId, requestId };
    },
  );
}
