/** What is known of a customer as a person: sealed, and changed whole under the customer's lock. */
import { type Home, homeOf } from "../core/ids.ts";
import { type CustomerType, NOBODY, type Person } from "../core/person.ts";
import { Refusal } from "../core/refusal.ts";
import { type Customer, findOrCreateCustomer, getCustomer, lockCustomer, savePerson } from "../store/customers.ts";
import { hashOfContact } from "../store/home.ts";
import { open, seal } from "../store/seal.ts";
import type { Gateway } from "./gateway.ts";

export type Contact = "email" | "phone";

/** By what an application may look for a customer, without it being readable in the database. */
export const contactHash = ({ salt }: Pick<Gateway, "salt">, kind: Contact, value: string): Buffer =>
  hashOfContact(salt, kind, kind === "email" ? value.trim().toLowerCase() : value.replace(/[^\d+]/g, ""));

export const personOf = ({ ring }: Pick<Gateway, "ring">, { id, sealedPerson }: Customer): Person =>
  sealedPerson ? (JSON.parse(open(ring, sealedPerson, id)) as Person) : NOBODY;

export interface Told extends Partial<Person> {
  type?: CustomerType;
}

/** One that is there is retrieved; what is told of it is kept where nothing was told before. */
export async function createCustomer(
  gateway: Gateway,
  id: string,
  externalId: string | null,
  told: Told,
): Promise<Customer> {
  const home = homeOf("customer", id) as Home;
  const made = await findOrCreateCustomer(gateway.db, home, id, externalId, gateway.door.now());
  if (Object.keys(told).length === 0 || made.sealedPerson) return made;
  return (await changeCustomer(gateway, made.id, (person) => ({ ...person, ...told }))).customer;
}

/** Answers what it became; what `change` throws changes nothing. */
export async function changeCustomer(
  gateway: Gateway,
  customerId: string,
  change: (person: Person) => Person & { type?: CustomerType },
): Promise<{ customer: Customer; person: Person }> {
  const home = homeOf("customer", customerId) as Home;
  const { db, ring, door } = gateway;
  return db.tx("customer changed", async (sql) => {
    await lockCustomer(sql, home, customerId);
    const found = await getCustomer(sql, home, customerId);
    if (!found || found.deletedAt !== null)
      throw new Refusal("NOT_FOUND", `There is no customer ${customerId}; send an id that this gateway answered.`);
    const { type = found.type, ...person } = change(personOf(gateway, found));
    const sealedPerson = seal(ring, door, JSON.stringify(person), customerId);
    await savePerson(sql, home, customerId, {
      type,
      sealedPerson,
      emailHash: person.email === null ? null : contactHash(gateway, "email", person.email),
      phoneHash: person.phone === null ? null : contactHash(gateway, "phone", person.phone),
    });
    return { customer: { ...found, type, sealedPerson }, person };
  });
}
