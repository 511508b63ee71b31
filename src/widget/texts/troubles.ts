// What can go wrong on the way, in the customer's words: by the code that the gateway, the bank or we ourselves gave.

export interface Told {
  text: string;
  /** The same can be tried again as it stands. */
  again?: true;
}

const told = (text: string, more: Omit<Told, "text"> = {}): Told => ({ text, ...more });

const TROUBLES: Record<string, Told> = {
  OFFLINE: told("There is no network right now. What you typed is kept; try again when it is back.", { again: true }),
  PROVIDER_UNAVAILABLE: told("The bank can't be reached right now. Try again in a moment.", { again: true }),
  DATABASE_UNAVAILABLE: told("We can't go on right now. Try again in a moment.", { again: true }),
  INTERNAL_ERROR: told("Something went wrong on our side. Try again in a moment.", { again: true }),
  TOO_EARLY: told("It is under way already. Wait a moment.", { again: true }),
  PROVIDER_REFUSED: told("The bank did not accept this login. Begin again."),
  STATE_FORBIDS: told("This can't be done any more; the connection has changed meanwhile."),
  BAD_REQUEST: told("This bank can't be used here. Choose another one."),
  NOT_FOUND: told("This bank can't be found any more. Choose another one."),
  NOT_BUILT: told("This bank can't be connected here yet. Choose another one."),
  ACCESS_DENIED: told("You said no at the bank, so nothing was shared. You can try again."),
  UNAUTHORIZED: told("This link does not work. Go back to where you came from and open it once more."),
  SESSION_OVER: told("This link has been used or has run out. Go back to where you came from and begin again."),
  LINK_NOT_FINISHED: told("The login is not finished yet. Go on in the bank's window."),
  MOVED_ON: told("This went on in another window meanwhile. This is where it stands now."),

  // The fake banks' own.
  "BANK-2001": told("Name and password do not belong together. Check both and try again."),
  "BANK-2002": told("That code is not the right one. Check it and try again."),
  "BANK-2003": told("You were away too long, and the bank has ended this login. Log in again."),
  "BANK-2004": told("This login was used already. Log in again."),
  "BANK-2005": told("This login has become too old. Log in again."),
  "BANK-2006": told("That is somebody else's login. Use the one that this connection was made with."),
  "BANK-2007": told("The bank has lost its place. Log in again."),
  "BANK-2008": told("The bank does not know this login. Log in again."),
};

const FALLBACK = told("The bank answered in a way that we do not know. Try again.", { again: true });

export const troubleOf = (code: string): Told => TROUBLES[code] ?? FALLBACK;

/** The bank has forgotten the login: it begins anew. */
export const startsOver = (code: string): boolean =>
  ["BANK-2003", "BANK-2004", "BANK-2005", "BANK-2007", "BANK-2008"].includes(code);
