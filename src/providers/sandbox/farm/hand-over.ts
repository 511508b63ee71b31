// A line that another installation opened: whose it is, and from now on told of to whoever shows its grant.
import { bankOf } from "./banks.ts";
import { type Fields, type Office, refuse, say, textOf } from "./office.ts";
import { subscribed } from "./post.ts";
import type { Work } from "./reads.ts";
import { statusOf } from "./status.ts";

export const handOver =
  (office: Office, ref: string, asked: Fields): Work =>
  (owner, line) => {
    const answers = line.trouble?.answers;
    if (answers?.kind === "never") return { line, reply: "never" };
    if (answers?.kind === "code" && answers.everywhere) return { line, reply: refuse(answers.code) };
    const name = bankOf(line.house)?.name ?? line.house;
    const state = statusOf(owner, line, office.now);
    const reply = say({ line: ref, house: { id: line.house, name }, wants: [...line.wants], state });
    return { line: subscribed(line, textOf(asked["tell"]), office.now), reply };
  };
