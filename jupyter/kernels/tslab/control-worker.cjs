// Owns the kernel's control channel, in a thread of its own: a stop must be heard while a cell
// keeps the main thread busy. It raises SIGINT, which breaks a synchronous cell; if the main thread
// still does not answer (a loop behind an `await`, where tslab's own interrupt cannot reach), V8 is
// asked to end what it is running. It also watches whether the kernel's server is still there.
const { createHmac, randomUUID } = require("node:crypto");
const { Session } = require("node:inspector");
const { parentPort, workerData } = require("node:worker_threads");

const { zeromq, connection, port, shared } = workerData;
const { Router } = require(zeromq);

/**
 * Longer than any step of honest work: a break in the middle of a tensor operation is a last
 * resort.
 */
const BLOCKED_MS = 3_000;
const DELIMITER = "<IDS|MSG>";

const sign = (parts) =>
  parts
    .reduce((hmac, part) => hmac.update(part), createHmac("sha256", connection.key))
    .digest("hex");

function reply(frames, at, header) {
  const answer = {
    ...header,
    msg_type: "interrupt_reply",
    msg_id: randomUUID(),
    date: new Date().toISOString(),
  };
  const parts = [answer, header, {}, { status: "ok" }].map((part) => JSON.stringify(part));
  return [...frames.slice(0, at), DELIMITER, sign(parts), ...parts];
}

const PARENT_MS = 2_000;

/**
 * Ends the process when the server that started it has gone without a word (killed, or out of
 * memory): nobody could reach this kernel any more, and on a hub it would keep its memory for days.
 * Windows does not change a process's parent.
 */
function endWithParent() {
  const parent = process.ppid;
  const look = () => process.ppid === parent || process.kill(process.pid, "SIGTERM");
  if (process.platform !== "win32") setInterval(look, PARENT_MS).unref();
}

let pings = 0;
function stop() {
  const count = ++pings;
  parentPort.postMessage({ kind: "ping", count });
  // On Windows this would end the process at once. There the ping is the request: loops that look
  // at the flag, cells that wait and loops behind an `await` stop; one without any costs the kernel
  // (tried on Linux with the signal left out).
  if (process.platform !== "win32") process.kill(process.pid, "SIGINT");
  setTimeout(() => {
    if (Atomics.load(shared, 0) >= count) return;
    Atomics.store(shared, 1, 1);
    const session = new Session();
    session.connectToMainThread();
    session.post("Runtime.terminateExecution", () => session.disconnect());
  }, BLOCKED_MS);
}

async function main() {
  const socket = new Router({ linger: 0 });
  await socket.bind(`${connection.transport}://${connection.ip}:${port}`);
  // Identities are binary and stay here; a token stands for them on the way to the main thread and
  // back.
  const identities = new Map();
  parentPort.on("message", (frames) => {
    if (frames === "close") {
      // A thread that is ended with an open socket takes the whole process down with an abort.
      socket.close();
      parentPort.close();
      return;
    }
    const at = frames.indexOf(DELIMITER);
    socket.send([...(identities.get(frames[0]) ?? frames.slice(0, at)), ...frames.slice(at)]);
  });
  parentPort.postMessage({ kind: "ready" });
  for await (const frames of socket) {
    const at = frames.findIndex((frame) => frame.toString() === DELIMITER);
    if (at < 0 || frames[at + 1].toString() !== sign(frames.slice(at + 2, at + 6))) continue;
    const header = JSON.parse(frames[at + 2].toString());
    if (header.msg_type === "interrupt_request") {
      stop();
      socket.send(reply(frames, at, header));
      continue;
    }
    const token = randomUUID();
    identities.set(token, frames.slice(0, at));
    parentPort.postMessage({ kind: "message", frames: [Buffer.from(token), ...frames.slice(at)] });
  }
}
endWithParent();
main();
