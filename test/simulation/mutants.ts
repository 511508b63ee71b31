/**
 * Planted bugs, each a mistake that somebody could make. The simulation has to catch every one; a mutant that it misses
 * is a hole in what it looks at. `seed`: one that caught it, tried first.
 */
export interface Mutant {
  name: string;
  means: string;
  file: string;
  find: string;
  plant: string;
  seed?: number;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: "cursor-before-rows",
    seed: 27,
    means: "The place in the history is committed before the page's rows are.",
    file: "src/actions/read-transactions.ts",
    find: `  await step(work, "transactions", async (sql, fresh) => {`,
    plant: `  await step(work, "cursor", async (sql, fresh) =>
    saveProviderConnection(sql, { ...fresh, cursor: page.cursor, cursorBase: page.more ? base : page.cursor }),
  );
  await step(work, "transactions", async (sql, fresh) => {`,
  },
  {
    name: "outbox-apart",
    seed: 1,
    means: "A change of state is committed, and its event in a transaction after it.",
    file: "src/store/database.ts",
    find: `        const result = await work(statements(client, false));
        await reach?.(\`before commit: \${name}\`);
        await away(() => client.query("commit"));`,
    plant: `        const later = [];
        const plain = statements(client, false);
        const run = (text, values) =>
          /insert into event/.test(text) ? (later.push([text, values]), Promise.resolve(1)) : plain.run(text, values);
        const result = await work({ ...plain, run });
        await reach?.(\`before commit: \${name}\`);
        await away(() => client.query("commit"));
        for (const [text, values] of later) await statements(pool, true).run(text, values);`,
  },
  {
    name: "no-fence",
    seed: 21,
    means: "A worker whose lease ran out goes on as if the task were still its own.",
    file: "src/store/tasks.ts",
    find: `lease_until = greatest(lease_until, $5)
      where home = $1 and subject = $2 and kind = $3 and fence = $4 and lease_until > '-infinity'\``,
    plant: `lease_until = greatest(lease_until, $5)
      where home = $1 and subject = $2 and kind = $3 and $4::bigint is not null and lease_until > '-infinity'\``,
  },
  {
    name: "lost-wake-up",
    seed: 49,
    means: "What makes a task due while it is in hand is forgotten at its end.",
    file: "src/store/tasks.ts",
    find: "run_at = least(task.run_at, excluded.run_at), again_at = least(task.again_at, excluded.run_at),",
    plant: "run_at = least(task.run_at, excluded.run_at),",
  },
  {
    name: "mark-before-send",
    seed: 1,
    means: "A delivery is written down as made before it is sent.",
    file: "src/actions/lane.ts",
    find: "  const outcome = await sendWebhook(gateway, endpoint, due.id, body, retry);",
    plant: `  journal.add({ home: due.home, eventId: due.id, dueAt: due.dueAt, at: door.now(), url: endpoint.url, body,
    code: 200, reason: null, detail: null, ms: 0, answer: "", nextAt: null });
  await journal.written();
  const outcome = await sendWebhook(gateway, endpoint, due.id, body, retry);`,
  },
  {
    name: "hold-is-no-hold",
    seed: 2,
    means: "A connection expires while the finish that began in time is still under way.",
    file: "src/core/status/project.ts",
    find: "  Math.max(acts.startedAt + widgetLifetime, acts.heldAt === undefined ? 0 : acts.heldAt + holdExtension);",
    plant: "  acts.startedAt + widgetLifetime + 0 * Math.max(holdExtension, acts.heldAt ?? 0);",
  },
  {
    name: "quota-forgotten",
    seed: 74,
    means: "A limit that the bank has named is not kept.",
    file: "src/actions/aggregate.ts",
    find: "  if (held.nextRefreshAllowedAt !== null && held.nextRefreshAllowedAt > at) {",
    plant: "  if (held.nextRefreshAllowedAt !== null && held.nextRefreshAllowedAt > at + 1e12) {",
  },
  {
    name: "stamp-before-commit",
    seed: 18,
    means: "An event takes its place in the feed before it is committed: a later one can be read before it.",
    file: "src/store/events.ts",
    find: `     insert into event (home, connection_id, sequence, id, type, at, payload)
     select $1, $2, sequence, $3, $4, $5, $6 from next\``,
    plant: `     insert into event (home, connection_id, sequence, id, type, at, payload, position)
     select $1, $2, sequence, $3, $4, $5, $6,
            greatest((select max(position) from event), (select position from feed where name = 'events')) + 1
       from next\``,
  },
  {
    name: "anyone-ends-access",
    seed: 95,
    means: "Whoever deletes a connection ends the login at the bank, also where another customer has it still.",
    file: "src/store/signposts.ts",
    find: "  return left === null || left.entries.length === 0;",
    plant: "  return left === null || left.entries.length >= 0;",
  },
  {
    name: "deleted-and-not-revoked",
    seed: 1,
    means: "Nobody is told to end the access of a deleted connection.",
    file: "src/actions/revoke.ts",
    find: `  await makeDue(sql, held.home, held.id, "revoke", now, now);`,
    plant: `  await makeDue(sql, held.home, held.id, "revoke", now + 1e12, now);`,
  },
  {
    name: "deletion-forgets-accounts",
    seed: 1,
    means: "The accounts outlive the last claim.",
    file: "src/actions/disconnect.ts",
    find: "  await eraseAccounts(sql, home, held.id);",
    plant: "  if (gone.length > 99) await eraseAccounts(sql, home, held.id);",
  },
  {
    name: "siblings-are-not-projected",
    seed: 2,
    means: "Only the connection that was asked about is projected, and not those that share its login.",
    file: "src/store/projection.ts",
    find: "  if (connection.providerConnectionId) {",
    plant: `  const login = connection.providerConnectionId;
  const held = login && (await getProviderConnection(sql, home, login));
  if (held) return [await write(sql, projector, connection, held, null, now)];
  if (connection.providerConnectionId) {`,
  },
  {
    name: "hints-unheard",
    seed: 2,
    means: "A webhook is kept, and nothing is read for it.",
    file: "src/actions/hear-webhook.ts",
    find: `    await makeDue(sql, home, held.id, "aggregate", soonest, now);`,
    plant: `    if (soonest < 0) await makeDue(sql, home, held.id, "aggregate", soonest, now);`,
  },
  {
    name: "asked-for-or-not",
    seed: 1,
    means: "Every run asks the bank live, and not only those that somebody asked for.",
    file: "src/actions/aggregate.ts",
    find: "  if (provider.refresh && work.forced.length > 0 && isWanted(work, provider.refresh)) {",
    plant: "  if (provider.refresh && work.forced.length >= 0) {",
  },
  {
    name: "refresh-without-end",
    seed: 14,
    means: "A refresh that was asked for during a run is closed by no run.",
    file: "src/actions/begin-run.ts",
    find: "  for (const refresh of taken) await saveRefresh(sql, refresh);",
    plant: "  for (const refresh of taken.slice(1)) await saveRefresh(sql, refresh);",
  },
  {
    name: "credential-in-the-timeline",
    seed: 1,
    means: "What the provider gave is noted in clear.",
    file: "src/actions/complete.ts",
    find: "      { act: `${session.kind} finished`, session: session.id },",
    plant: "      { act: `${session.kind} finished`, session: session.id, key: gateway.farm?.key },",
  },
];
