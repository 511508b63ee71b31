import type { JSX, TargetedKeyboardEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Api, Found } from "../api.ts";
import { Failed } from "../api.ts";
import { type Acting, Announcement, Glass, Heading, Monogram, Trouble } from "../parts.tsx";

const PAUSE = 120;

/** Answers of letters that are typed over come late, and are let go. */
function useBanks(
  api: Api,
  typed: string,
  onOver: () => void,
): { found: Found | null; isOffline: boolean; again: () => void } {
  const [found, setFound] = useState<Found | null>(null);
  const [isOffline, setOffline] = useState(false);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let late = false;
    const timer = setTimeout(
      () => {
        api
          .banks(typed)
          .then((fresh) => {
            if (late) return;
            setFound(fresh);
            setOffline(false);
          })
          .catch((error: unknown) => {
            if (late) return;
            setOffline(error instanceof Failed);
            if (error instanceof Failed && error.code === "SESSION_OVER") onOver();
          });
      },
      typed === "" ? 0 : PAUSE,
    );
    return () => {
      late = true;
      clearTimeout(timer);
    };
  }, [api, typed, round, onOver]);
  return { found, isOffline, again: () => setRound(round + 1) };
}

export function Search(props: {
  api: Api;
  acting: Acting;
  onOver: () => void;
  onChoose: (institutionId: string | null) => void;
}): JSX.Element {
  const { api, acting, onOver, onChoose } = props;
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  const { found, isOffline, again } = useBanks(api, typed, onOver);
  const banks = found?.institutions ?? null;
  const list = useRef<HTMLUListElement>(null);

  /** The arrows go up and down the list, from the field and back. */
  const move = (event: TargetedKeyboardEvent<HTMLElement>): void => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const items = [...(list.current?.querySelectorAll("button") ?? [])];
    const place = items.indexOf(document.activeElement as HTMLButtonElement) + (event.key === "ArrowDown" ? 1 : -1);
    const next = place < 0 ? document.getElementById("typed") : items[Math.min(place, items.length - 1)];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };

  const count = banks?.length ?? 0;
  const nothing = banks !== null && count === 0;
  return (
    <div onKeyDown={move} class="search">
      <Heading>Which bank do you use?</Heading>
      <label for="typed">Search by name</label>
      <div class="field with-icon">
        <Glass />
        <input
          id="typed"
          type="search"
          value={typed}
          autoComplete="off"
          autoCapitalize="off"
          spellcheck={false}
          placeholder="For example Copper Mesa"
          maxLength={100}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </div>
      <Announcement
        text={banks === null ? "" : nothing ? "No bank found." : `${count} ${count === 1 ? "bank" : "banks"} found.`}
      />
      <Trouble acting={acting} />
      {isOffline && (
        <p class="trouble quiet">
          The list can’t be loaded right now.{" "}
          <button type="button" class="link" onClick={again}>
            Try again
          </button>
        </p>
      )}
      {banks === null && !isOffline && <Skeleton />}
      {nothing && (
        <div class="nothing">
          <p>
            <strong>No bank is called “{typed}”.</strong>
          </p>
          <p>Try the name on your card, or a part of it.</p>
        </div>
      )}
      <ul class="banks" ref={list} aria-label={typed === "" ? "Often chosen banks" : "Banks found"}>
        {banks?.map((bank) => (
          <li key={bank.id}>
            <button
              type="button"
              aria-disabled={acting.busy}
              class={acting.busy && chosen === bank.id ? "bank busy" : "bank"}
              onClick={() => {
                setChosen(bank.id);
                onChoose(bank.id);
              }}
            >
              <Monogram name={bank.name} />
              <span>
                <strong>{bank.name}</strong>
                {bank.domain && <small>{bank.domain}</small>}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {found?.elsewhere && (
        <button type="button" class="secondary" aria-disabled={acting.busy} onClick={() => onChoose(null)}>
          My bank is not in this list
        </button>
      )}
    </div>
  );
}

const Skeleton = (): JSX.Element => (
  <div class="skeleton" aria-hidden="true">
    {[0, 1, 2, 3, 4].map((row) => (
      <div key={row}>
        <i />
        <b />
      </div>
    ))}
  </div>
);
