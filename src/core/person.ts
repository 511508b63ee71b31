/** What an application may tell of its customer. Nothing of it is needed to link a bank. */

export const CUSTOMER_TYPES = ["INDIVIDUAL", "BUSINESS"] as const;
export type CustomerType = (typeof CUSTOMER_TYPES)[number];

export const ADDRESS_TYPES = ["BILLING", "SHIPPING", "RESIDENCE"] as const;
export const ADDRESS_STATUSES = ["ACTIVE", "INACTIVE"] as const;

export interface PostalAddress {
  id: string;
  type: (typeof ADDRESS_TYPES)[number];
  lineOne: string;
  lineTwo: string | null;
  city: string | null;
  region: string | null;
  postalCode: string | null;
  /** ISO 3166-1 alpha-2. */
  country: string;
  status: (typeof ADDRESS_STATUSES)[number];
}

export interface Person {
  name: { firstName: string | null; lastName: string | null } | null;
  email: string | null;
  phone: string | null;
  dateOfBirth: string | null;
  addresses: readonly PostalAddress[];
}

export const NOBODY: Person = { name: null, email: null, phone: null, dateOfBirth: null, addresses: [] };
