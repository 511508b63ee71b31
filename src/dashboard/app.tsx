/** The frame of every page: who is there, where one is, and the box that finds anything. */
import { useCallback, useEffect, useState } from "preact/hooks";
import { AlarmsPage } from "./alarms-page.tsx";
import { ask } from "./api.ts";
import { CodesPage } from "./codes-page.tsx";
import { ConnectionPage } from "./connection-page.tsx";
import { DeliveriesPage } from "./deliveries-page.tsx";
import { ListPage } from "./list-page.tsx";
import { Acts } from "./deed.tsx";
import { closeLive, openLive, useIsLive } from "./live.ts";
import { addressOf, followLinks, type Route, useRoute } from "./route.ts";
import { SearchBox, SearchPage } from "./search.tsx";
import { SignIn } from "./sign-in.tsx";
import { TablePage } from "./table-page.tsx";
import { setNow } from "./words.ts";

export interface Standing {
  asksForKey: boolean;
  signedIn: boolean;
  /** The operations that may be asked for. */
  acts: string[];
  sandbox: boolean;
  /** The names of those that this version knows. */
  providers: string[];
  now: string;
}

const PLACES = [
  ["", "Table"],
  ["connections", "Connections"],
  ["deliveries", "Deliveries"],
  ["codes", "Unknown codes"],
  ["alarms", "Alarms"],
] as const;

export function App() {
  const [standing, set] = useState<Standing | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const look = useCallback(() => {
    ask<Standing>("GET", "/dashboard/session").then(
      (told) => {
        setNow(told.now);
        set(told);
        setProblem(null);
      },
      (error: Error) => setProblem(error.message),
    );
  }, []);
  useEffect(look, [look]);
  useEffect(() => {
    if (standing?.signedIn) openLive();
    return closeLive;
  }, [standing?.signedIn]);

  if (problem !== null)
    return (
      <main class="alone">
        <h1>Bowline</h1>
        <p role="alert">{problem}</p>
        <button type="button" onClick={look}>
          Try again
        </button>
      </main>
    );
  if (standing === null) return <main class="alone" aria-busy="true" />;
  if (!standing.signedIn) return <SignIn done={look} />;
  return <Signed standing={standing} left={look} />;
}

function Signed({ standing, left }: { standing: Standing; left: () => void }) {
  const route = useRoute();
  const isLive = useIsLive();
  const [place = ""] = route.path.split("/");
  const leave = () => void ask("DELETE", "/dashboard/session").then(left, left);
  return (
    // The links within are links; this only spares a plain click on one of them a reload.
    <div class="frame" onClick={followLinks}>
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <header class="top">
        <a class="brand" href={addressOf("")}>
          Bowline
        </a>
        <nav aria-label="Pages">
          {PLACES.map(([path, name]) => (
            <a key={path} href={addressOf(path)} aria-current={path === place ? "page" : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <SearchBox />
        <span class={`live ${isLive ? "on" : "off"}`} title="Whether news arrive by themselves">
          {isLive ? "Live" : "Not live"}
        </span>
        {standing.asksForKey && (
          <button type="button" class="plain" onClick={leave}>
            Sign out
          </button>
        )}
      </header>
      <main id="main" tabIndex={-1}>
        <Acts.Provider value={standing.acts}>
          <Page route={route} standing={standing} />
        </Acts.Provider>
      </main>
    </div>
  );
}

function Page({ route, standing: { sandbox, providers } }: { route: Route; standing: Standing }) {
  const [place = "", id] = route.path.split("/");
  useEffect(() => {
    const name = PLACES.find(([path]) => path === place)?.[1] ?? (place === "search" ? "Search" : "No such page");
    document.title = `${id ?? name} · Bowline`;
  }, [place, id]);
  switch (place) {
    case "":
      return <TablePage query={route.query} />;
    case "connections":
      if (id !== undefined) return <ConnectionPage key={id} id={id} query={route.query} sandbox={sandbox} />;
      return <ListPage query={route.query} providers={providers} />;
    case "deliveries":
      return <DeliveriesPage id={id} query={route.query} />;
    case "codes":
      return <CodesPage />;
    case "alarms":
      return <AlarmsPage />;
    case "search":
      return <SearchPage q={route.query.get("q") ?? ""} />;
    default:
      return (
        <>
          <h1>There is no such page</h1>
          <p>
            Begin at <a href={addressOf("")}>the table</a>, or search for an id above.
          </p>
        </>
      );
  }
}
