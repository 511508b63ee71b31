// Every place in which a secret could stand in a log line.
export function contentsOf(secret: string): Record<string, unknown> {
  const failed = new Error(`GET /connect?connectToken=${secret} failed`, { cause: new Error(`Bearer ${secret}`) });
  failed.stack = `Error at Authorization: BASIC ${secret}`;
  return {
    connectionId: "con_kept",
    state: "RECONNECT_REQUIRED/OTHER",
    authorization: `Bearer ${secret}`,
    headers: { Authorization: secret, "x-farm-key": secret, cookie: secret },
    deep: [{ a: { b: { credential: secret, proof: { slip: secret }, accessToken: secret, client_secret: secret } } }],
    session: { state: `sealed ${secret}`, page: { sitting: secret } },
    url: `/x?access_token=${secret}&a=1`,
    token: `ses_2222222222222222222222.${secret}`,
    told: `a token ses_2222222222222222222222.${secret} in a sentence`,
    bytes: Buffer.from(secret),
    err: failed,
  };
}
