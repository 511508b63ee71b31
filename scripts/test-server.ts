// The database server of one test run: an embedded one made for the run and thrown away, or, where DATABASE_TEST_URL
// is set, the server named there, on which the run's databases are dropped at the end. Test processes find it by the
// same variable, so a test never knows which of the two it has.

export interface TestServer {
  /** What the test processes must find in their environment. */
  environment: Record<string, string>;
  close(): Promise<void>;
}

export async function openTestServer(): Promise<TestServer> {
  throw new Error("The embedded server of the tests is not built yet.");
}
