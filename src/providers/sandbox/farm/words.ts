// Every code that the farm publishes, with its HTTP status and the sentence beside it. The farm's own words: whoever
// calls it has to translate, as with any real provider. (One bank answers a code that is not in this list, on purpose.)

export const WORDS = {
  // Who is calling.
  "BANK-1001": [401, "This key opens no door here."],
  "BANK-1002": [403, "This key has been suspended."],
  // What was asked.
  "BANK-1101": [400, "The request cannot be made out."],
  "BANK-1102": [404, "There is no such counter."],
  "BANK-1103": [400, "This place in the book cannot be read."],
  "BANK-1104": [409, "The pages moved while they were being turned; start the walk again."],
  "BANK-1105": [400, "What was asked of this account cannot be made out."],
  "BANK-1106": [404, "There is no key of that name."],
  // The customer at the counter.
  "BANK-2001": [403, "Name and password do not belong together."],
  "BANK-2002": [403, "That is not the answer that was sent to the customer."],
  "BANK-2003": [410, "The customer waited too long; open a new sitting."],
  "BANK-2004": [409, "This slip has been traded already."],
  "BANK-2005": [410, "This slip is too old to be traded."],
  "BANK-2006": [403, "Somebody else logged in; a repair needs the same customer."],
  "BANK-2007": [409, "This step does not follow the one before."],
  "BANK-2008": [403, "This sitting was not opened here."],
  "BANK-2009": [404, "There is no such house."],
  "BANK-2010": [400, "The code can't be sent that way."],
  // Too often.
  "BANK-3001": [429, "This line's reads of the day are used up."],
  "BANK-3002": [429, "The whole application is asking this house too fast."],
  // The line to the customer's bank.
  "BANK-4001": [403, "The bank no longer takes the customer's password."],
  "BANK-4002": [403, "The bank wants a second factor from the customer."],
  "BANK-4003": [403, "The bank has locked the login; the customer has to call the branch."],
  "BANK-4004": [403, "The bank has new terms for the customer to accept."],
  "BANK-4011": [403, "The grant has run out."],
  "BANK-4012": [403, "The customer's consent has come to its end."],
  "BANK-4013": [403, "The customer has withdrawn the consent."],
  "BANK-4014": [403, "The accounts have moved to another login."],
  "BANK-4021": [503, "The line to this bank is being rebuilt."],
  "BANK-4031": [403, "The bank answers only while the customer is present."],
  "BANK-4040": [410, "There is no such line, or no longer."],
  "BANK-4041": [403, "The bank has closed this login for good."],
  "BANK-4042": [403, "This grant was not given here."],
  "BANK-4051": [404, "This house does not offer that."],
  "BANK-4052": [403, "The customer was not asked for that."],
  "BANK-4061": [502, "This account does not answer."],
  "BANK-4062": [410, "This account is closed."],
  // The bank, and the farm itself.
  "BANK-5001": [502, "The bank does not answer."],
  "BANK-5002": [502, "The bank is under maintenance."],
  "BANK-5031": [503, "The farm is out of order."],
  "BANK-5041": [504, "The bank did not answer in time."],
  "BANK-5051": [500, "Something is wrong that only our support can mend; send a ticket."],
  "BANK-5061": [410, "The farm no longer reaches this bank."],
} as const satisfies Record<string, readonly [status: number, sentence: string]>;

export type Word = keyof typeof WORDS;

export const isWord = (code: string): code is Word => Object.hasOwn(WORDS, code);
