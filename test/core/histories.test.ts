import assert from "node:assert/strict";
import { test } from "node:test";
import { STATES } from "../../src/core/status/table.ts";
import { observationsOf, play, readHistories } from "../histories/history.ts";

const histories = readHistories();

test("there are at least 80 histories, and every state is the end of one", () => {
  assert.ok(histories.length >= 80, `${histories.length} histories`);
  assert.deepEqual(
    STATES.filter((state) => !histories.some(({ expect }) => expect === state)),
    [],
  );
});

test("every history ends as it was written", () => {
  const wrong = histories.flatMap((history) => {
    try {
      const { state, until } = play(history);
      const late = history.until !== undefined && history.until !== until;
      return state !== history.expect || late
        ? [`${history.where}: ${history.text}\n  is ${state} until ${until}`]
        : [];
    } catch (error) {
      return [`${history.where}: ${history.text}\n  ${String(error)}`];
    }
  });
  assert.deepEqual(wrong, [], `${wrong.length} of ${histories.length} histories end otherwise:\n${wrong.join("\n")}`);
});

test("no history depends on the order or the repetition of its observations", () => {
  for (const history of histories.filter((h) => !h.text.includes("refused"))) {
    const seen = observationsOf(history);
    const { state, until } = play(history);
    for (const arranged of [[...seen].reverse(), [...seen, ...seen], [...seen.slice(1), ...seen.slice(0, 1)]]) {
      const again = play(history, () => arranged);
      assert.deepEqual([again.state, again.until], [state, until], `${history.where}: ${history.text}`);
    }
  }
});
