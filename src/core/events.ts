/** The kinds of event that a connection's life causes. Names are the contract's. */
export const EVENT_TYPES = [
  "BANK_LINKING_CONNECTION_COMPLETED",
  "BANK_LINKING_CONNECTION_STATUS_CHANGE",
  "BANK_LINKING_CONNECTION_DELETED",
] as const;

export type EventType = (typeof EVENT_TYPES)[number];
