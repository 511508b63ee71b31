/** Which products a bank has, and what is refused for want of one. */
import type { Product } from "../core/products.ts";
import { Refusal } from "../core/refusal.ts";
import type { Provider } from "../providers/provider.ts";
import { getInstitution, type Institution } from "../store/institutions.ts";
import type { Gateway } from "./gateway.ts";

/** A bank that no catalogue describes (it offers nothing at all) is not refused: the provider will say. */
export const lacking = (offered: readonly Product[], products: readonly Product[]): Product[] =>
  offered.length === 0 ? [] : products.filter((product) => !offered.includes(product));

export function refuseProducts(bank: Institution, products: readonly Product[]): void {
  const [missing = []] = Object.values(bank.offers)
    .map((offered) => lacking(offered, products))
    .toSorted((a, b) => a.length - b.length);
  if (missing.length === 0) return;
  const mend = "ask for them in optionalProducts, or choose another institution";
  throw new Refusal("BAD_REQUEST", `[products] ${bank.name} does not offer ${missing.join(", ")}; ${mend}.`);
}

/** For a connection whose provider is known. */
export async function refuseUnsupported(
  gateway: Gateway,
  institutionId: string | null,
  provider: Provider,
  products: readonly Product[],
): Promise<void> {
  const bank = institutionId === null ? null : await getInstitution(gateway.db, institutionId);
  const unknown = products.filter((product) => !provider.products.includes(product));
  const missing = unknown.length > 0 ? unknown : lacking(bank?.offers[provider.name] ?? [], products);
  if (missing.length === 0) return;
  const who = unknown.length > 0 ? provider.name : (bank?.name ?? "The institution");
  throw new Refusal("BAD_REQUEST", `[products] ${who} does not offer ${missing.join(", ")}; leave it out.`);
}
