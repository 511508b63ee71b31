/** The customer's way from screen to screen. What has happened stands on the server; this only follows and leads on. */
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { MESSAGES } from "../texts/states.ts";
import { startsOver, troubleOf } from "../texts/troubles.ts";
import { api, type Api, atBank, Failed, type Session, type Step } from "./api.ts";
import { type Acting, useAct } from "./parts.tsx";
import { go, placeOf, takeToken, type View, whenBack } from "./place.ts";
import { post, postError } from "./post.ts";

export interface Flow {
  gateway: Api;
  session: Session | null;
  view: View;
  acting: Acting;
  load(): void;
  agree(): void;
  choose(institutionId: string | null): void;
  login(user: string, password: string): void;
  answer(answer: string): void;
  share(accounts: string[]): void;
  /** Ends what the provider's own page began, where nobody tells us that it has ended. */
  check(): void;
  decide(choice: "KEEP" | "ADD"): void;
  say(accounts: { now: string; before: string | null }[]): void;
  beginAgain(): void;
  look(): void;
  close(): void;
}

const MOST_PAUSE = 5000;
const ACCOUNTS_WITHIN = 4000;

export function useFlow(): Flow {
  const [token, setToken] = useState(takeToken);
  const gateway = useMemo(() => api(token), [token]);
  const [session, setSession] = useState<Session | null>(null);
  const [view, setView] = useState<View>({ at: "loading" });
  const acting = useAct();
  const { act, clear } = acting;
  const told = useRef<string | null>(null);
  const now = useRef({ session, view, token });
  now.current = { session, view, token };

  const show = useCallback((next: View, forward = false) => {
    go(next, now.current.token, forward);
    setView(next);
    post("debug", { details: `screen=${next.at}` });
  }, []);

  const tellOnce = useCallback((finished: Session) => {
    if (told.current === finished.id) return;
    told.current = finished.id;
    tell(finished);
  }, []);

  /** Takes in what the server says, and goes where that leads on its own; true where it did. */
  const follow = useCallback(
    (fresh: Session): boolean => {
      setSession(fresh);
      const { at } = now.current.view;
      if (fresh.finishedAt !== null) {
        if (fresh.progress?.over === true || (fresh.progress?.accounts.length ?? 0) > 0) tellOnce(fresh);
        if (at !== "done") show({ at: "done" });
        return true;
      }
      const end = fresh.state === "EXPIRED" || fresh.state === "DELETED" ? fresh.state : "SESSION_OVER";
      if (end !== "SESSION_OVER" || (fresh.expired && !fresh.finishing)) {
        show({ at: "over", code: end });
        return true;
      }
      if (fresh.twin) {
        if (at !== "twin") show({ at: "twin" });
        return true;
      }
      if (fresh.questions) {
        if (at !== "which") show({ at: "which" });
        return true;
      }
      if (fresh.finishing) {
        if (at !== "finish") show({ at: "finish", proof: null });
        return true;
      }
      return false;
    },
    [show, tellOnce],
  );

  // The accounts come a moment after the login; an application that closes the page at once is told of them, too.
  const isUntold = session?.finishedAt != null && told.current !== session.id;
  useEffect(() => {
    if (!isUntold) return;
    const timer = setTimeout(() => now.current.session && tellOnce(now.current.session), ACCOUNTS_WITHIN);
    return () => clearTimeout(timer);
  }, [isUntold, tellOnce]);

  // It ran out under the customer's hands: the session itself says how.
  const isOut = acting.failed?.code === "SESSION_OVER" || acting.failed?.code === "UNAUTHORIZED";
  useEffect(() => {
    if (!isOut) return;
    const end = () => setView({ at: "over", code: "SESSION_OVER" });
    gateway.session().then((fresh) => follow(fresh) || end(), end);
  }, [isOut, gateway, follow]);

  const begin = useCallback(
    async (institutionId: string | null, forward: boolean) => {
      setSession(await gateway.choose(institutionId));
      show({ at: "login" }, forward);
    },
    [gateway, show],
  );

  const finish = useCallback(
    async (proof: Record<string, string>) => {
      show({ at: "finish", proof });
      await gateway.complete(proof).catch(unlessAsked);
      follow(await gateway.session());
    },
    [gateway, show, follow],
  );

  const resume = useCallback(async () => {
    let fresh: Session;
    try {
      if (now.current.token === "") throw new Failed("UNAUTHORIZED");
      fresh = await gateway.session();
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      // Where the customer is stays in the history; only what is shown meanwhile is another thing.
      setView({ at: "over", code: error.code });
      postError(error.code, troubleOf(error.code).text);
      return;
    }
    if (follow(fresh)) return;
    const kept = placeOf();
    if (kept.at === "finish" && kept.proof) return finish(kept.proof);
    if (["login", "answer", "accounts"].includes(kept.at) && fresh.page) return setView(kept);
    if (kept.at === "search" && fresh.kind === "LINK") return setView(kept);
    if (fresh.kind === "LINK") return show(fresh.page ? { at: "login" } : { at: "consent" });
    if (MESSAGES[fresh.state]("").action === "close") return show({ at: "notice" });
    if (fresh.page) return show({ at: "login" });
    await begin(null, false);
  }, [gateway, follow, show, finish, begin]);

  useEffect(() => {
    if (told.current === null) post("init");
    setView({ at: "loading" });
    act(resume);
  }, [resume, act]);

  useEffect(
    () =>
      whenBack((back) => {
        clear();
        // What has happened can't be gone back on: the customer stays where that has led.
        const { view: here, session: known } = now.current;
        const isFixed = known?.finishedAt != null || ["finish", "twin", "which", "done"].includes(here.at);
        const isDead = ["loading", "finish", "twin", "which", "done", "over"].includes(back.at);
        if (isFixed) go(here, now.current.token, true);
        else if (!isDead) setView(back);
      }),
    [clear],
  );

  const look = useCallback(() => {
    gateway.session().then(follow, (error: unknown) => {
      // Not answered: the next look comes soon.
      if (error instanceof Failed && error.code === "SESSION_OVER") setView({ at: "over", code: error.code });
    });
  }, [gateway, follow]);

  const isWaiting = view.at === "finish" && view.proof === null && session?.finishing === true;
  const isArriving = view.at === "done" && session?.progress?.over === false;
  useEffect(() => {
    if (!isWaiting && !isArriving) return;
    let pause = 700;
    let timer = setTimeout(turn, pause);
    function turn(): void {
      look();
      pause = Math.min(pause * 1.2, MOST_PAUSE);
      timer = setTimeout(turn, pause);
    }
    return () => clearTimeout(timer);
  }, [isWaiting, isArriving, look]);

  const close = useCallback(() => {
    const known = now.current.session;
    if (known?.finishedAt != null) tellOnce(known);
    post("exit", { connectionId: known?.connectionId ?? null, finished: known?.finishedAt != null });
  }, [tellOnce]);

  useEffect(() => {
    const leave = (event: KeyboardEvent): void => {
      if (event.key === "Escape" && !event.defaultPrevented) close();
    };
    window.addEventListener("keydown", leave);
    return () => window.removeEventListener("keydown", leave);
  }, [close]);

  /** What is typed here must not go to another bank, nor be refused in one's name. */
  const refuseMoved = async (): Promise<boolean> => {
    const fresh = await gateway.session();
    if (follow(fresh)) return true;
    if (fresh.page?.["sitting"] === session?.page?.["sitting"]) return false;
    show({ at: fresh.page ? "login" : "consent" });
    throw new Failed("MOVED_ON");
  };

  const step = (name: "login" | "answer" | "accounts", sitting: string | undefined, said: object): void =>
    act(async () => {
      if (await refuseMoved()) return;
      let next: Step;
      try {
        next = await atBank(name, { sitting, ...said });
      } catch (error) {
        if (error instanceof Failed) gateway.tell(`${name} refused`, error.code);
        if (error instanceof Failed && startsOver(error.code)) await begin(session?.institutionId ?? null, false);
        throw error;
      }
      if (next.step === "done") return finish({ slip: next.slip });
      const { step: at, ...rest } = next;
      show({ at, ...rest } as View, true);
    });

  return {
    gateway,
    session,
    view,
    acting,
    look,
    close,
    load: () => act(resume),
    agree: () =>
      session?.institutionId ? act(() => begin(session.institutionId, true)) : show({ at: "search" }, true),
    choose: (institutionId) => act(() => begin(institutionId, true)),
    login: (user, password) => step("login", session?.page?.["sitting"], { user, password }),
    answer: (answer) => step("answer", view.at === "answer" ? view.sitting : undefined, { answer }),
    share: (accounts) => step("accounts", view.at === "accounts" ? view.sitting : undefined, { accounts }),
    check: () =>
      act(async () => {
        await gateway.complete({}).catch(unlessAsked);
        follow(await gateway.session());
      }),
    decide: (choice) =>
      act(async () => {
        const { repairToken } = await gateway.decide(choice);
        if (!repairToken) {
          follow(await gateway.session());
          return;
        }
        // The earlier connection is in trouble: its repair is a session of its own, and this page goes on in it.
        now.current.token = repairToken;
        show({ at: "loading" });
        setSession(null);
        setToken(repairToken);
      }),
    say: (accounts) =>
      act(async () => {
        // More may be asked after the first answer.
        await gateway.which(accounts).catch(unlessAsked);
        follow(await gateway.session());
      }),
    beginAgain: () => act(() => begin(session?.institutionId ?? null, false)),
  };
}

/** A question is no failure: the session shows it. */
function unlessAsked(error: unknown): void {
  if (!(error instanceof Failed) || error.code !== "QUESTION_OPEN") throw error;
}

function tell(session: Session): void {
  const accounts = session.progress?.accounts ?? [];
  post("connect_complete", {
    connectionId: session.connectionId,
    institutionId: session.institutionId,
    institutionName: session.institutionName,
    // None told is not none there.
    accountCount: accounts.length > 0 || session.progress?.over === true ? accounts.length : null,
    accounts: accounts.length > 0 ? accounts.map(({ name, type, mask }) => ({ name, type, mask })) : null,
  });
}
