/** Takes the port; what keeps it from us is told as a sentence with the mend. */
import { type Config, StartRefused } from "./config.ts";
import type { createHttp } from "./http/http.ts";

const isLoopback = (host: string) => /^(localhost|\[?::1\]?|127(\.\d{1,3}){3})$/.test(host);

/**
 * Does nobody but this machine's own programs ask here? A proxy that passes requests on under our own name and adds
 * nothing looks like one of them; that there is one shows in a public address that is another, or in the setting.
 */
export const isAlone = (config: Pick<Config, "BOWLINE_HOST" | "BOWLINE_PUBLIC_URL" | "BOWLINE_PROXIES">): boolean =>
  isLoopback(config.BOWLINE_HOST) &&
  config.BOWLINE_PROXIES === 0 &&
  (!config.BOWLINE_PUBLIC_URL || isLoopback(new URL(config.BOWLINE_PUBLIC_URL).hostname));

export async function listen(app: Awaited<ReturnType<typeof createHttp>>, config: Config): Promise<string> {
  try {
    return await app.listen({ host: config.BOWLINE_HOST, port: config.BOWLINE_PORT });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const where = `${config.BOWLINE_HOST}:${config.BOWLINE_PORT}`;
    if (code === "EADDRINUSE")
      throw new StartRefused(
        `Port ${config.BOWLINE_PORT} is in use; stop what listens there or set BOWLINE_PORT to another.`,
      );
    if (code === "EACCES")
      throw new StartRefused(
        `Port ${config.BOWLINE_PORT} is not this user's to take; set BOWLINE_PORT to 1024 or more.`,
      );
    if (code === "EADDRNOTAVAIL")
      throw new StartRefused(`${where} is no address of this machine; correct BOWLINE_HOST.`);
    throw error;
  }
}
