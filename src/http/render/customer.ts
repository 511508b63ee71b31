/** A customer in the contract's shape. Of the person, nothing but the application's own name for it is kept. */
import { z } from "zod";
import type { Customer } from "../../store/customers.ts";
import { customerKey } from "../../store/lists/customers.ts";
import type { Context } from "../context.ts";
import { cursorOf } from "../../store/lists/cursor.ts";
import { instant, iso } from "../fields.ts";

export const CustomerBody = z
  .object({
    id: z.string(),
    accountId: z.string(),
    externalId: z.string().nullable(),
    name: z.object({ firstName: z.string().nullable(), lastName: z.string().nullable() }).nullable(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    dateOfBirth: z.string().nullable(),
    status: z.enum(["ACTIVE", "INACTIVE"]),
    type: z.enum(["INDIVIDUAL", "BUSINESS"]),
    addresses: z.array(z.unknown()),
    serviceProviderCustomers: z.array(z.unknown()),
    previouslyUsedOnramps: z.array(z.unknown()),
    createdAt: instant,
    key: z.string(),
  })
  .meta({ id: "Customer" });

export function renderCustomer(
  { accountId, gateway }: Pick<Context, "accountId" | "gateway">,
  c: Customer,
): z.output<typeof CustomerBody> {
  return {
    id: c.id,
    accountId,
    externalId: c.externalId,
    name: null,
    email: null,
    phone: null,
    dateOfBirth: null,
    status: "ACTIVE",
    type: "INDIVIDUAL",
    addresses: [],
    serviceProviderCustomers: [],
    previouslyUsedOnramps: [],
    createdAt: iso(c.createdAt),
    key: cursorOf(gateway.salt, "customers", customerKey(c)),
  };
}
