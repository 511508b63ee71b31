/** Takes the port; what keeps it from us is told as a sentence with the mend. */
import { type Config, StartRefused } from "./config.ts";
import type { createHttp } from "./http/http.ts";

export const isLoopback = (host: string) => host === "localhost" || host === "::1" || host.startsWith("127.");

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
