/** What stands and needs the operator: alarms of providers, orphans of crashes, endpoints that were switched off. */
import { useData } from "./api.ts";
import { useNews } from "./live.ts";
import { Shown, When } from "./parts.tsx";
import { addressOf } from "./route.ts";
import { counted } from "./words.ts";

interface Incident {
  id: string;
  kind: keyof typeof KINDS;
  serviceProvider: string | null;
  openedAt: string;
  lastAt: string;
  count: number;
  detail: Record<string, unknown>;
  key: string;
}

/** What it is, and what to do about it. */
const KINDS = {
  "provider-refuses-us": [
    "The provider refuses our keys",
    "Check the gateway’s keys for this provider, and its registration there. No customer has to do anything.",
  ],
  orphan: [
    "A crash may have lost a link",
    "The provider may hold a connection that nobody here has. Remove it there, or let the customer link anew.",
  ],
  "revocation-stuck": [
    "A removal is not confirmed",
    "The provider has not confirmed for a week that access has ended. Ask its support, with the ids below.",
  ],
  "webhook-disabled": [
    "An endpoint was switched off",
    "Mend it, and switch it on there. What came meanwhile is sent then; what was given up before can be replayed.",
  ],
  bug: ["The gateway’s own fault", "See its log by the ids below, and tell its maintainers."],
} as const;

export function AlarmsPage() {
  const asked = useData<{ incidents: Incident[] }>("/incidents?limit=100");
  useNews(asked.again);
  return (
    <>
      <h1>Alarms</h1>
      <Shown asked={asked}>
        {({ incidents }) =>
          incidents.length === 0 ? (
            <p class="nothing">None stands.</p>
          ) : (
            <ul class="cards">
              {incidents.map((one) => (
                <Alarm key={one.id} one={one} />
              ))}
            </ul>
          )
        }
      </Shown>
    </>
  );
}

function Alarm({ one }: { one: Incident }) {
  const [what, mend] = KINDS[one.kind];
  const { connectionId, profileId, name, because, reason } = one.detail;
  return (
    <li>
      <h2>{what}</h2>
      <p>
        {one.serviceProvider !== null && `${one.serviceProvider} · `}since <When at={one.openedAt} /> · seen{" "}
        {counted(one.count)} {one.count === 1 ? "time" : "times"}, last <When at={one.lastAt} />
      </p>
      {typeof profileId === "string" && (
        <p>
          <a href={addressOf(`deliveries/${profileId}`)}>{typeof name === "string" ? name : profileId}</a>{" "}
          {because === "GONE" ? "answered that it is gone for good (410)" : "has failed for five days"}
          {typeof reason === "string" && `: ${reason}`}.
        </p>
      )}
      <p>{mend}</p>
      {typeof connectionId === "string" && (
        <p>
          <a href={addressOf(`connections/${connectionId}`)}>{connectionId}</a>
        </p>
      )}
      <details>
        <summary>What is known</summary>
        <pre tabIndex={0}>{JSON.stringify(one.detail, null, 2)}</pre>
      </details>
    </li>
  );
}
