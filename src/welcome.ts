/** What a start prints: where things are, the key (once), and a first call that works when it is pasted. */
import type { Config } from "./config.ts";
import type { Role, Running } from "./serve.ts";

export function welcome(config: Config, role: Role, running: Running, folder: string | null, took: number): string {
  const { url, newKey } = running;
  const lines = [`Bowline is ${role === "serve" ? "up" : `up as ${role}`} (${(took / 1000).toFixed(1)} s).`, ""];
  if (url) {
    lines.push(
      `  API        ${url}`,
      `  Dashboard  ${url}/dashboard`,
      `  Reference  ${url}/docs  ${url}/openapi.json`,
      `  Health     ${url}/health  ${url}/ready`,
      `  Metrics    ${url}/metrics`,
    );
    if (config.BOWLINE_SANDBOX === "on") lines.push(`  Fake banks ${url}/institutions`);
  }
  lines.push(`  Data       ${folder ?? "the server of DATABASE_URL"}`);
  if (folder) {
    const ring = config.BOWLINE_SECRET_KEYS === null ? `${folder}/secret-keys` : "BOWLINE_SECRET_KEYS";
    lines.push(`             back it up together with ${ring}, the keys of its secrets`);
  }
  if (config.BOWLINE_PUBLIC_URL === null)
    lines.push("  Webhooks   BOWLINE_PUBLIC_URL is not set: providers are polled, none can call in");
  if (newKey) lines.push("", `  API key    ${newKey}`, "             shown this once; keep it");
  if (url && config.BOWLINE_SANDBOX === "on") {
    const key = newKey ?? "$BOWLINE_API_KEY";
    lines.push(
      "",
      newKey ? "Link a fake bank:" : "Link a fake bank (with your API key in BOWLINE_API_KEY):",
      "",
      `  curl -s ${url}/sandbox/connections -H 'Content-Type: application/json' \\`,
      `    -H "Authorization: Bearer ${key}" -d '{"externalCustomerId":"first-customer"}'`,
    );
  }
  return `${lines.join("\n")}\n\n`;
}
