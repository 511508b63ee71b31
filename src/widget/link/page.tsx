/** The connect page: which screen is shown, and the frame around it. */
import { type JSX, render } from "preact";
import { useFlow, type Flow } from "./flow.ts";
import { Arrow, Cross, Heading, Lock, Monogram, Primary, Trouble } from "./parts.tsx";
import { isEmbedded } from "./post.ts";
import { Accounts } from "./screens/accounts.tsx";
import { Answer } from "./screens/answer.tsx";
import { Consent } from "./screens/consent.tsx";
import { Done } from "./screens/done.tsx";
import { HandOff } from "./screens/hand-off.tsx";
import { Login } from "./screens/login.tsx";
import { Notice } from "./screens/notice.tsx";
import { Over } from "./screens/over.tsx";
import { Search } from "./screens/search.tsx";
import { Twin } from "./screens/twin.tsx";
import { Which } from "./screens/which.tsx";

function Page(): JSX.Element {
  const flow = useFlow();
  const { view, session } = flow;
  const canGoBack =
    ["search", "answer", "accounts"].includes(view.at) || (view.at === "login" && session?.kind === "LINK");
  return (
    <>
      <header>
        {canGoBack ? (
          <button type="button" class="round" onClick={() => history.back()} aria-label="Back">
            <Arrow />
          </button>
        ) : (
          <span class="round" />
        )}
        <p class="brand">
          <Lock /> {session?.application || "Secure bank link"}
        </p>
        {isEmbedded ? (
          <button type="button" class="round" onClick={flow.close} aria-label="Close">
            <Cross />
          </button>
        ) : (
          <span class="round" />
        )}
      </header>
      {/* Each screen is made anew, so that none keeps what was typed into another. */}
      <main key={view.at} class={`screen ${view.at}`} aria-busy={flow.acting.busy}>
        <Screen flow={flow} />
      </main>
    </>
  );
}

function Screen({ flow }: { flow: Flow }): JSX.Element {
  const { view, session, acting } = flow;
  if (view.at === "over") {
    const isFinal = ["UNAUTHORIZED", "SESSION_OVER", "EXPIRED", "DELETED"].includes(view.code);
    return <Over code={view.code} session={session} onAgain={isFinal ? null : flow.load} onClose={flow.close} />;
  }
  if (session === null || view.at === "loading") return <Loading flow={flow} />;
  switch (view.at) {
    case "consent":
      return <Consent session={session} acting={acting} onYes={flow.agree} />;
    case "search":
      return <Search api={flow.gateway} acting={acting} onOver={flow.look} onChoose={flow.choose} />;
    case "notice":
      return <Notice session={session} acting={acting} onLogin={flow.beginAgain} onClose={flow.close} />;
    case "login":
      return <AtBank flow={flow} />;
    case "answer":
      return (
        <Answer
          key={view.sitting}
          session={session}
          ask={view.ask}
          among={view.among}
          acting={acting}
          onAnswer={flow.answer}
        />
      );
    case "accounts":
      return <Accounts session={session} accounts={view.accounts} acting={acting} onShare={flow.share} />;
    case "finish":
      return <Finish flow={flow} />;
    case "twin":
      return <Twin session={session} acting={acting} onDecide={flow.decide} />;
    case "which":
      return <Which key={JSON.stringify(session.questions)} session={session} acting={acting} onSay={flow.say} />;
    case "done":
      return <Done session={session} onClose={flow.close} />;
  }
}

function AtBank({ flow }: { flow: Flow }): JSX.Element {
  const { session, acting } = flow;
  if (session?.page?.["url"]) {
    const onCheck = session.page["collect"] ? flow.check : null;
    return <HandOff session={session} url={session.page["url"]} acting={acting} onLook={flow.look} onCheck={onCheck} />;
  }
  if (session?.page?.["sitting"]) return <Login session={session} acting={acting} onLogin={flow.login} />;
  return (
    <>
      <Heading>This bank can’t be opened here</Heading>
      <p class="lead">The service that reaches it has no page of its own for this. Choose another bank.</p>
    </>
  );
}

/** What the customer brought is being exchanged; a failure of it begins the login anew. */
function Finish({ flow }: { flow: Flow }): JSX.Element {
  const { session, acting, view } = flow;
  const bank = session?.institutionName ?? "your bank";
  const isRefused = acting.failed !== null || (session?.failure != null && !session.finishing && !acting.busy);
  const isSame = acting.failed?.code === "OFFLINE" && view.at === "finish" && view.proof !== null;
  return (
    <>
      <div class="bank-head">
        <Monogram name={bank} large />
        <div>
          <Heading>{isRefused ? `${bank} is not connected yet` : `Connecting ${bank}`}</Heading>
          <p class="turn">{isRefused ? "Nothing is lost" : "This takes a moment"}</p>
        </div>
      </div>
      <Trouble acting={acting} />
      {!isRefused && <p class="line-skeleton" aria-hidden="true" />}
      {isRefused && !isSame && (
        <Primary busy={acting.busy} onClick={flow.beginAgain}>
          Log in again
        </Primary>
      )}
    </>
  );
}

const Loading = ({ flow }: { flow: Flow }): JSX.Element => (
  <>
    <h1 class="unseen">Loading</h1>
    <Trouble acting={flow.acting} />
    <div class="skeleton" aria-hidden="true">
      <p class="line-skeleton" />
      <p class="line-skeleton" />
      <p class="line-skeleton" />
    </div>
  </>
);

const root = document.getElementById("root");
if (root) render(<Page />, root);
