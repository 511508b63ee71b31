import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Session } from "../api.ts";
import { type Acting, Heading, Monogram, Primary, Trouble, useRetried } from "../parts.tsx";

/** The bank's second factor: a code to type, or a way to choose. */
export function Answer(props: {
  session: Session;
  ask: string;
  among: readonly string[] | undefined;
  acting: Acting;
  onAnswer: (answer: string) => void;
}): JSX.Element {
  const { session, ask, among, acting, onAnswer } = props;
  const [answer, setAnswer] = useState(among?.[0] ?? "");
  const bank = session.institutionName ?? "Your bank";
  const isWrong = acting.failed?.code === "BANK-2002";
  const field = useRetried(isWrong, acting);

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    onAnswer(answer);
  };

  return (
    <form onSubmit={submit}>
      <div class="bank-head">
        <Monogram name={bank} large />
        <div>
          <Heading>{among ? "One more step" : "Enter the code"}</Heading>
          <p class="turn">{bank} makes sure that it is you</p>
        </div>
      </div>
      <Trouble acting={acting} />
      {among ? (
        <fieldset>
          <legend>{ask}</legend>
          {among.map((way) => (
            <label class="choice" key={way}>
              <input type="radio" name="way" value={way} checked={answer === way} onChange={() => setAnswer(way)} />
              <span>{way}</span>
            </label>
          ))}
        </fieldset>
      ) : (
        <>
          <label for="code">{ask}</label>
          <input
            id="code"
            ref={field}
            class="field code"
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={32}
            required
            aria-invalid={isWrong}
            value={answer}
            onInput={(event) => setAnswer(event.currentTarget.value)}
          />
        </>
      )}
      <Primary type="submit" busy={acting.busy}>
        Continue
      </Primary>
    </form>
  );
}
