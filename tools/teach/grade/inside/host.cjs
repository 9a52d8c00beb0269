// In the sandbox: holds the answers and is called by the tests outside. Nothing that it says is
// believed but as a value, so it need not defend itself against the answers.
//
//   node host.cjs COURSE ANSWERS.cjs SETTINGS.json
//
// It reads calls on fd 0 and replies on fd 1. What answers print goes nowhere.

const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { join } = require("node:path");
const { compileFunction } = require("node:vm");
const { frames } = require("./frames.cjs");
const { Peer } = require("./peer.cjs");

const [course, file, settingsFile] = process.argv.slice(2);
const { tensors, prefer } = JSON.parse(readFileSync(settingsFile, "utf8"));
const talk = frames(0, 1);
const [send, exit] = [talk.send, process.exit.bind(process)];

/** Line and column of what runs, of the innermost frame in the answers' file. */
function placeIn({ stack }) {
  for (const frame of String(stack).split("\n")) {
    const found = frame.includes(file) && /:(\d+):(\d+)\)?$/.exec(frame);
    if (found) return [Number(found[1]), Number(found[2])];
  }
  return undefined;
}

/** What an answer's file imports. */
function imports(course, file) {
  const here = createRequire(join(course, "dist/course/exercise.js"));
  const near = createRequire(file);
  return (name) => {
    try {
      return name.startsWith("llm/") ? here(`../${name.slice(4)}`) : near(name);
    } catch (error) {
      if (error.code !== "MODULE_NOT_FOUND") throw error;
      throw new Error(`Cannot find module "${name}": answers of this lesson may not import it.`);
    }
  };
}

/** The answers' module, anew. `given` stands for the functions of these names. */
async function load(given) {
  const names = Object.keys(given);
  const text = readFileSync(file, "utf8").replace(/\n\/\/# sourceMappingURL=\S+\s*$/, "\n");
  const rest = names.map((name) => `${name} = __given.${name}; exports.${name} = ${name};`);
  // Asynchronous, because a module may await at its outermost level; on one line with the first, so
  // that lines stay what they are.
  const code = `return (async () => {${text}\n${rest.join("\n")}})();`;
  const module = { exports: {} };
  const parameters = ["exports", "require", "module", "__given"];
  const run = compileFunction(code, parameters, { filename: file });
  await run(module.exports, imports(course, file), module, given);
  // Given ones are the other side's: it need not be told of them.
  const own = Object.entries(module.exports).filter(
    ([name, f]) => typeof f === "function" && !names.includes(name),
  );
  // In an array: an answer that is called `then` would make a promise of the record.
  return [Object.fromEntries(own)];
}

async function main() {
  let tf;
  const engine = tensors ? require(join(course, "dist/engine/index.js")) : undefined;
  if (engine) {
    await engine.useEngine({ prefer, quiet: true });
    tf = engine.tf;
  }
  const quiet = () => true;
  process.stdout.write = process.stderr.write = quiet;
  for (const method of Object.keys(console))
    if (typeof console[method] === "function") console[method] = () => {};
  Error.stackTraceLimit = 60;
  const peer = new Peer({ talk, sign: -1, engine: () => tf, frames: placeIn });
  const useEngine = async (name) => {
    await engine?.useEngine({ prefer: name, quiet: true });
  };
  peer.publish(load, useEngine);
  process.on("beforeExit", () => {
    // Nothing is left to do, and a call has not come to its end.
    send(peer.thrown(Object.assign(new Error("never settles"), { name: "NeverSettles" })));
    exit(0);
  });
  send({ json: { op: "hello" }, bytes: [] });
  for (;;) {
    const reply = await peer.serveLater(talk.receive());
    try {
      send(reply);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      send(peer.thrown(error)); // too much for one message
    }
  }
}

main().catch(() => exit(1));
