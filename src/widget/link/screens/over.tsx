import type { JSX } from "preact";
import { MESSAGES } from "../../texts/states.ts";
import { troubleOf } from "../../texts/troubles.ts";
import type { Session } from "../api.ts";
import { Heading, Primary, Reference } from "../parts.tsx";
import { isEmbedded } from "../post.ts";

const ENDS: Record<string, { title: string; text: string }> = {
  UNAUTHORIZED: {
    title: "This link does not work",
    text: "It may be cut off or come from somewhere else. Go back to where you came from and open it once more.",
  },
  SESSION_OVER: {
    title: "This link has been used or has run out",
    text: "Each link opens one session, for four hours. Go back to where you came from and begin again.",
  },
};

/** Nothing more can be done with this link; or, with `onAgain`, not at this moment. */
export function Over(props: {
  code: string;
  session: Session | null;
  onAgain: (() => void) | null;
  onClose: () => void;
}): JSX.Element {
  const { code, session, onAgain, onClose } = props;
  const bank = session?.institutionName ?? "your bank";
  const expired = session?.state === "EXPIRED" ? MESSAGES.EXPIRED(bank) : null;
  const end = ENDS[code] ?? expired ?? { title: "We can’t go on right now", text: troubleOf(code).text };
  return (
    <>
      <Heading>{end.title}</Heading>
      <p class="lead">{end.text}</p>
      {onAgain && <Primary onClick={onAgain}>Try again</Primary>}
      {!onAgain && isEmbedded && <Primary onClick={onClose}>Close</Primary>}
      {session && <Reference id={session.connectionId} />}
    </>
  );
}
