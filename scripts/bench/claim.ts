// Due work claimed while a million tasks sleep beside it, against the same claims with nothing asleep.

import { performance } from "node:perf_hooks";
import { realDoor } from "../../src/door.ts";
import { openDatabase } from "../../src/store/database.ts";
import { claimTasks } from "../../src/store/tasks.ts";
import { startGateway } from "./parts/gateway.ts";
import type { Report } from "./parts/report.ts";

export const name = "claim";

/** As many as a worker of the usual width takes in one statement. */
const MOST = 16;
const DUE = `insert into task (home, subject, kind, run_at, since)
  select n, 'due ' || n, 'probe', now() - interval '1 second', now() from generate_series(1, $1::int) n`;
const ASLEEP = `insert into task (home, subject, kind, run_at, since)
  select n, 'asleep ' || n, 'probe', now() + interval '1 day' * (1 + n % 30), now() from generate_series(1, $1::int) n`;

export async function run(report: Report, small: boolean): Promise<void> {
  const [asleep, due, rounds] = small ? [1_000, 64, 1] : [1_000_000, 4_000, 5];
  const gateway = await startGateway();
  // Its own worker would take what is claimed here: the tasks lie in a database beside its own.
  await gateway.sql.query("create database claims template template0");
  const db = openDatabase({ ...gateway.sql.options, database: "claims" }, () => undefined);
  const door = realDoor();
  try {
    const columns = await gateway.sql.query<{ ddl: string }>(DDL);
    for (const { ddl } of columns.rows) await db.run(ddl);
    const claimed = async () => {
      await db.run("delete from task where kind = 'probe' and subject like 'due %'");
      await db.run(DUE, [due]);
      const began = performance.now();
      let left = due;
      while (left > 0) {
        const now = door.now();
        const taken = await claimTasks(db, now, now, now + 60_000, ["probe"], MOST);
        if (taken.length === 0) throw new Error(`${left} due tasks were not found`);
        left -= taken.length;
      }
      return (due / (performance.now() - began)) * 1000;
    };
    const alone: number[] = [];
    for (let round = 0; round < rounds; round++) alone.push(await claimed());
    report.progress(`${asleep} tasks go to sleep`);
    await db.run(ASLEEP, [asleep]);
    await db.run("analyze task");
    const beside: number[] = [];
    for (let round = 0; round < rounds; round++) {
      beside.push(await claimed());
      report.progress(`round ${round + 1} of ${rounds}: ${Math.round(beside.at(-1) ?? 0)}/s`);
    }
    const peer = { name: "nothing asleep", value: alone };
    report.ratio(`due tasks claimed beside ${asleep.toLocaleString("en")} asleep`, beside, "/s", peer);
  } finally {
    await db.close();
    await gateway.stop();
  }
}

/** The table and its indexes, as the gateway's own migrations have left them. */
const DDL = `select 'create table task (' || string_agg(format('%I %s %s %s', a.attname,
      format_type(a.atttypid, a.atttypmod), case when a.attnotnull then 'not null' else '' end,
      case when d.adbin is null then '' else 'default ' || pg_get_expr(d.adbin, d.adrelid) end), ', ' order by a.attnum)
      || ')' as ddl, 0 as place
    from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
   where a.attrelid = 'task'::regclass and a.attnum > 0 and not a.attisdropped
  union all select pg_get_indexdef(indexrelid), 1 from pg_index where indrelid = 'task'::regclass
   order by place`;
