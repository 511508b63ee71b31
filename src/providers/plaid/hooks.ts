/**
 * What Plaid's webhooks mean, by `webhook_type: webhook_code`. The Item and the cursor tell all that a hook does, so a
 * hook says "look now" and no more; the two exceptions stand below. Hooks of products that are not read here, and of
 * Link's own sessions, change nothing.
 */
import type { HookMeaning } from "../incoming.ts";

export const HOOKS = {
  // https://plaid.com/docs/api/items/#webhooks
  "ITEM: ERROR": "hint",
  "ITEM: LOGIN_REPAIRED": "hint",
  // No endpoint answers this: it is told here or nowhere.
  "ITEM: NEW_ACCOUNTS_AVAILABLE": "newAccounts",
  // Its time stands in `consent_expiration_time` as well.
  "ITEM: PENDING_EXPIRATION": "hint",
  // A week before: `disconnect_time` and `reason` are told here alone, for the Item has no such fields.
  "ITEM: PENDING_DISCONNECT": "disconnect",
  "ITEM: USER_ACCOUNT_REVOKED": "hint",
  "ITEM: USER_PERMISSION_REVOKED": "hint",
  "ITEM: WEBHOOK_UPDATE_ACKNOWLEDGED": "noChange",

  // https://plaid.com/docs/api/products/transactions/#webhooks : the next four come beside the first, for those who
  // read in the older way.
  "TRANSACTIONS: SYNC_UPDATES_AVAILABLE": "hint",
  "TRANSACTIONS: INITIAL_UPDATE": "hint",
  "TRANSACTIONS: HISTORICAL_UPDATE": "hint",
  "TRANSACTIONS: DEFAULT_UPDATE": "hint",
  "TRANSACTIONS: TRANSACTIONS_REMOVED": "hint",
  "TRANSACTIONS: RECURRING_TRANSACTIONS_UPDATE": "noChange",

  // https://plaid.com/docs/api/products/auth/#webhooks and the pages of the other products beside it
  "AUTH: AUTOMATICALLY_VERIFIED": "noChange",
  "AUTH: DEFAULT_UPDATE": "hint",
  "AUTH: PRODUCT_PERMISSIONS_REQUIRED": "hint",
  "AUTH: SMS_MICRODEPOSITS_VERIFICATION": "noChange",
  "AUTH: VERIFICATION_EXPIRED": "noChange",
  "HOLDINGS: DEFAULT_UPDATE": "hint",
  "IDENTITY: DEFAULT_UPDATE": "hint",
  "IDENTITY: PRODUCT_PERMISSIONS_REQUIRED": "hint",
  "INVESTMENTS_TRANSACTIONS: DEFAULT_UPDATE": "hint",
  "INVESTMENTS_TRANSACTIONS: HISTORICAL_UPDATE": "hint",
  "LIABILITIES: DEFAULT_UPDATE": "noChange",
  "STATEMENTS: STATEMENTS_REFRESH_COMPLETE": "noChange",

  // https://plaid.com/docs/api/link/#webhooks and https://plaid.com/docs/account/activity/
  "LINK: EVENTS": "noChange",
  "LINK: ITEM_ADD_RESULT": "noChange",
  "LINK: SESSION_FINISHED": "noChange",
  "ISSUES: ISSUE_RESOLVED": "noChange",
  "DASHBOARD_CONFIGURED_ALERT: INSTITUTION_STATUS_ALERT_TRIGGERED": "noChange",
} as const satisfies Record<string, HookMeaning>;
