/** What the page tells the page that embeds it: each message once under each domain, to the exact origins alone. */

const meta = (name: string): string[] =>
  (document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "").split(" ").filter(Boolean);

const domains = meta("message-domains");
const origins = meta("embed-origins");

export const isEmbedded = window.parent !== window;

/** The one embedder's origin where the browser tells it; else all that may be it: the others do not get it. */
function targets(): string[] {
  const told = location.ancestorOrigins?.[0];
  if (told === undefined) return origins;
  return origins.includes(told) ? [told] : [];
}

export function post(eventName: "init" | "debug" | "error" | "connect_complete" | "exit", more: object = {}): void {
  if (!isEmbedded) return;
  for (const origin of targets()) {
    for (const domain of domains) window.parent.postMessage({ domain, eventName, ...more }, origin);
  }
}

/** As the contract has it, the particulars also as one query string. */
export const postError = (reason: string, details: string): void =>
  post("error", { reason, details, metadata: new URLSearchParams({ details, reason }).toString() });
