/** A customer in the contract's shape, with what the application told of the person. */
import { z } from "zod";
import { personOf } from "../../actions/customers.ts";
import { ADDRESS_STATUSES, ADDRESS_TYPES, CUSTOMER_TYPES, type PostalAddress } from "../../core/person.ts";
import type { Customer } from "../../store/customers.ts";
import { customerKey } from "../../store/lists/customers.ts";
import type { Context } from "../context.ts";
import { cursorOf } from "../../store/lists/cursor.ts";
import { instant, iso } from "../fields.ts";

const part = z.string().nullable();

export const AddressBody = z
  .object({
    id: z.string(),
    type: z.enum(ADDRESS_TYPES),
    lineOne: z.string(),
    lineTwo: part,
    city: part,
    region: part,
    postalCode: part,
    country: z.string(),
    status: z.enum(ADDRESS_STATUSES),
  })
  .meta({ id: "Address" });

export const renderAddress = (address: PostalAddress): z.output<typeof AddressBody> => ({ ...address });

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
    type: z.enum(CUSTOMER_TYPES),
    addresses: z.array(AddressBody),
    serviceProviderCustomers: z.array(
      z.object({
        serviceProvider: z.string(),
        serviceProviderCustomerId: z.string().meta({ description: "What the provider knows the customer by." }),
      }),
    ),
    previouslyUsedOnramps: z.array(z.unknown()),
    createdAt: instant,
    key: z.string(),
  })
  .meta({ id: "Customer" });

export function renderCustomer(
  { accountId, gateway }: Pick<Context, "accountId" | "gateway">,
  c: Customer,
): z.output<typeof CustomerBody> {
  const { addresses, ...person } = personOf(gateway, c);
  return {
    id: c.id,
    accountId,
    externalId: c.externalId,
    ...person,
    status: "ACTIVE",
    type: c.type,
    addresses: addresses.map(renderAddress),
    serviceProviderCustomers: (c.providers ?? []).map((serviceProvider) => ({
      serviceProvider,
      serviceProviderCustomerId: c.id,
    })),
    previouslyUsedOnramps: [],
    createdAt: iso(c.createdAt),
    key: cursorOf(gateway.salt, "customers", customerKey(c)),
  };
}
