/**
 * Which rows of the table can follow which: an x at the other's place in the table. Printed by `npm run print` from
 * scripts/print/walk.ts: change that, or the projection, not this.
 */
import type { State } from "../core/status/table.ts";

export const CAN_FOLLOW: Record<State, string> = {
  IN_PROGRESS: ".xx...................x",
  EXPIRED: ".......................",
  ACTIVE: "...xxxxxxxxxxxxxxxxxxxx",
  "ACTIVE/ACCESS_EXPIRING_SOON": "..x..xxxxxxxxxxxxxxxxxx",
  "ACTIVE/NEW_ACCOUNTS_AVAILABLE": "..xx.xxxxxxxxxxxxxxxxxx",
  "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS": "..x...xxxx.xxxxxxxxxxxx",
  "PARTIALLY_ACTIVE/INACTIVE_DUPLICATE": "..x...................x",
  "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE": "..x..xx.xx.xxxxxxx....x",
  "DEGRADED/INSTITUTION_ACTION_REQUIRED": "..x..xxx.x.xxxxxxx....x",
  "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE": "..x..xxxx.xxxxxxxxxxxxx",
  "DEGRADED/INTERACTIVE_REFRESH": "..x..xxxxx.xxxxxxxxxxxx",
  "RECONNECT_REQUIRED/LOGIN_REQUIRED": "..x..xx.....xxx.xx....x",
  "RECONNECT_REQUIRED/REPAIRING_INSTITUTION": "..x..xx....x.xx.xx....x",
  "RECONNECT_REQUIRED/TOKEN_EXPIRED": "..xx.xx....xx.x.xx....x",
  "RECONNECT_REQUIRED/OTHER": "..x..xx....xxx..xx....x",
  "UNRECOVERABLE/CONTINUED_AGGREGATION_FAILURES": "..x..xx....xxxx.xx....x",
  "UNRECOVERABLE/INSTITUTION_DISABLED": "..x..xx...............x",
  "UNRECOVERABLE/OTHER": "..x..xx.........x.....x",
  "UNDETERMINED/AGGREGATION_TIMEOUT": "..x..xxxxx.xxxxxxx.xxxx",
  "UNDETERMINED/SUBMIT_SERVICE_PROVIDER_TICKET": "..x..xxxxx.xxxxxxxx.xxx",
  "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE": "..x..xxxxx.xxxxxxxxx.xx",
  "UNDETERMINED/INTERNAL_ERROR": "..x..xxxxxxxxxxxxxxxx.x",
  DELETED: ".......................",
};
