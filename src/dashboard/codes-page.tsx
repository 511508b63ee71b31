/** Codes of providers that no map has: each is a connection that nobody can say is well. */
import { useData } from "./api.ts";
import { useNews } from "./live.ts";
import { Shown, When } from "./parts.tsx";
import { addressOf } from "./route.ts";
import { counted } from "./words.ts";

interface Code {
  serviceProvider: string;
  code: string;
  firstAt: string;
  lastAt: string;
  count: number;
  sample: Record<string, unknown>;
  key: string;
}

export function CodesPage() {
  const asked = useData<{ unmappedCodes: Code[]; remaining: number }>("/unmapped-codes?limit=100");
  useNews(asked.again);
  return (
    <>
      <h1>Unknown codes</h1>
      <p>
        What providers answered and no map has yet. A connection that met one is <em>Unknown code</em>, never well:{" "}
        <a href={addressOf("connections", { state: "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE" })}>see them</a>.
      </p>
      <Shown asked={asked}>
        {({ unmappedCodes }) =>
          unmappedCodes.length === 0 ? (
            <p class="nothing">None. Every code that came is known.</p>
          ) : (
            <ul class="cards">
              {unmappedCodes.map((one) => (
                <li key={one.key}>
                  <h2>
                    <code>{one.code}</code>
                  </h2>
                  <p>
                    {one.serviceProvider} · met {counted(one.count)} {one.count === 1 ? "time" : "times"} · first{" "}
                    <When at={one.firstAt} /> · last <When at={one.lastAt} />
                  </p>
                  <details>
                    <summary>The latest answer</summary>
                    <pre tabIndex={0}>{JSON.stringify(one.sample, null, 2)}</pre>
                  </details>
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
    </>
  );
}
