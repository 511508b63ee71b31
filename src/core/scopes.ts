/** What an API key may do. Each scope may do all that the ones above it may, so a key has one and not a set. */

export const SCOPES = {
  read: "Look at everything but full account numbers, API keys and the audit log.",
  link: "What an application does for its customers: link, repair, refresh, delete, and read full account numbers.",
  operate: "What an operator does: webhook profiles, replay, import, and the fake banks.",
  admin: "API keys and the audit log.",
} as const;

export type Scope = keyof typeof SCOPES;
export const SCOPE_NAMES = Object.keys(SCOPES) as [Scope, ...Scope[]];

export const covers = (held: Scope, needed: Scope): boolean => SCOPE_NAMES.indexOf(held) >= SCOPE_NAMES.indexOf(needed);

export const isScope = (text: string): text is Scope => Object.hasOwn(SCOPES, text);

/** Full account numbers move money elsewhere: whoever only looks does not need them. */
export const SHOWS_NUMBERS: Scope = "link";
