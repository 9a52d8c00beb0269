// The course's Jupyter kernel: stock tslab, started with its own parts, none of its files changed.
// What it adds: all variables of earlier cells (cells.cjs), real `error` messages with a short
// traceback (errors.cjs), a queue that never skips a cell silently, output that cannot flood the
// browser (output.cjs), an interrupt that keeps the variables (interrupt.cjs, control-worker.cjs),
// and no death of errors outside of a cell (strays.cjs) or when watched files change. The kernel's
// name is "tslab", so notebooks run under stock tslab as well.
const { createRequire } = require("node:module");
const path = require("node:path");
const timers = require("node:timers");
const { types } = require("node:util");

// Two folders may be named by {resource_dir}: the repository's own jupyter/, always three levels
// below the root.
const repository = path.resolve(__dirname, "../../..");
const tslabMain = createRequire(path.join(repository, "package.json")).resolve(
  "tslab/dist/main.js",
);
const fromTslab = createRequire(tslabMain);

process.env.TF_CPP_MIN_LOG_LEVEL ??= "3"; // TensorFlow's notices say nothing to a learner

// The key to the whole server is not for the code in cells, nor for the processes that a check
// starts.
for (const name of ["JUPYTER_TOKEN", "JUPYTERHUB_API_TOKEN", "JPY_API_TOKEN"])
  delete process.env[name];

const { instrumentTypescript } = require("./cells.cjs");
const { createErrorReporter, shorten } = require("./errors.cjs");
// before tslab's converter is loaded: it keeps what it gets
const cells = instrumentTypescript(fromTslab);
quietWatchers(fromTslab("@tslab/typescript-for-tslab").sys);
// For messages that name a line themselves (llm/engine's CompileError): the line as it was typed.
globalThis[Symbol.for("llm.cellLine")] = (file, line, column) => {
  const found = cells.locate(file, line, column);
  return (
    found && `cell [${found.cell.count}], line ${found.line}: ${shorten(found.text.trim(), 200)}`
  );
};

const { createConverter } = fromTslab("./converter");
const { createExecutor } = fromTslab("./executor");
const { JupyterHandlerImpl, ZmqServer } = fromTslab("./jupyter");
const { limitOutput } = require("./output.cjs");
const { createInterrupt } = require("./interrupt.cjs");
const { keepAlive } = require("./strays.cjs");

/**
 * tslab's converter throws "Unexpected pending rebuildTimer", and is broken for good, when two
 * kinds of watcher fire between cells: `npm install` or a rebuilt dist/ do that. Only the
 * notebook's own neighbours need watching.
 */
function quietWatchers(sys) {
  const watchFile = sys.watchFile.bind(sys);
  const ignored = { close() {} };
  sys.watchDirectory = () => ignored;
  sys.watchFile = (file, ...rest) =>
    /\.tsx?$/.test(file) && !/\.d\.ts$|[\\/]node_modules[\\/]/.test(file)
      ? watchFile(file, ...rest)
      : ignored;
}

const converter = createConverter({ isJS: false, isBrowser: false });
const { convert } = converter;
converter.convert = (...args) => {
  const result = convert(...args);
  // tslab sees `await`, but not `for await`
  if (cells.current().awaits) result.hasToplevelAwait = true;
  return result;
};
const converters = { node: converter, browser: converter, close: () => converter.close() };
/**
 * tslab prints the value of a cell's last expression, also after a `;`. Handles (`plot(…)`) ask not
 * to be printed.
 */
function echo(value) {
  if (value?.[Symbol.for("llm.silent")] === true) return;
  if (types.isPromise(value))
    console.log("A promise, not awaited: to wait for its value, begin with `await`.");
  else console.log(value);
}

const reporter = createErrorReporter({ cells, repository });
for (const name of ["log", "info", "debug", "warn", "error"]) {
  const print = console[name].bind(console);
  console[name] = (...values) => print(...values.map(reporter.forPrinting));
}
const executor = createExecutor(process.cwd(), converters, { log: echo, error: reporter.note });
const interrupt = createInterrupt(executor);

/**
 * Requests that reach the kernel this long after a failure were sent before anybody could know of
 * it.
 */
const DRAIN_MS = 60;

/**
 * Runs cells one after another. tslab's own queue drops whatever comes within 200 ms of a failure,
 * unreported.
 */
class Handler extends JupyterHandlerImpl {
  #waiting = [];
  #running = false;
  #arrived = 0;
  #abortedBefore = 0;

  handleExecute(request, writeStream, writeDisplay) {
    const ticket = ++this.#arrived;
    return new Promise((resolve) => {
      this.#waiting.push({
        resolve,
        run: () => this.#runCell(ticket, request, writeStream, writeDisplay),
      });
      this.#next();
    });
  }

  /**
   * Each cell starts from the event loop, with no promise of ours half resolved: when V8 breaks an
   * endless loop it forgets every pending microtask, and a chain of `.then` would wait for ever for
   * the lost one.
   */
  #next() {
    if (this.#running || this.#waiting.length === 0) return;
    this.#running = true;
    const { resolve, run } = this.#waiting.shift();
    timers.setImmediate(async () => {
      resolve(await run());
      this.#running = false;
      this.#next();
    });
  }

  async #runCell(ticket, request, writeStream, writeDisplay) {
    if (ticket <= this.#abortedBefore) return { status: "aborted" };
    const output = limitOutput(writeStream, writeDisplay);
    reporter.reset();
    cells.begin(this.execCount + 1, request.code);
    interrupt.begin();
    let failure = null;
    try {
      await this.handleExecuteImpl(request, output.stream, output.display);
    } catch (thrown) {
      // handleExecuteImpl throws only the execution count after a reported failure; anything else
      // is tslab's own.
      failure = reporter.failure() ?? reporter.describe(thrown);
    }
    failure = interrupt.end(failure);
    // promises that failed meanwhile are told here
    await new Promise((resolve) => timers.setImmediate(resolve));
    await output.end();
    // a stop means the cells behind this one, too
    if (interrupt.wasRequested()) await this.#abortWaiting();
    if (failure === null) {
      return { status: "ok", execution_count: this.execCount, payload: [], user_expressions: {} };
    }
    if (request.stop_on_error !== false) await this.#abortWaiting();
    return { status: "error", execution_count: this.execCount, ...failure };
  }

  async #abortWaiting() {
    await new Promise((resolve) => timers.setTimeout(resolve, DRAIN_MS));
    this.#abortedBefore = this.#arrived;
  }
}

class Server extends ZmqServer {
  /**
   * The control channel belongs to a worker, which can act on a stop while this thread is busy in a
   * loop.
   */
  async bindSocket(socket, port) {
    // a publisher drops messages at its mark
    if (socket === this.iopub) socket.sendHighWaterMark = 0;
    // With a time-out zeromq puts off every 513th send to the event loop, and the next one before
    // that fails ("Socket is busy writing"). Without one each send is done when it returns; on
    // these sockets none has to wait.
    socket.sendTimeout = 0;
    if (socket !== this.control) return super.bindSocket(socket, port);
    await interrupt.listen({
      fromTslab,
      connection: this.connInfo,
      port,
      handle: (reply, frames) => this.handleShellMessage(reply, ...frames),
    });
  }

  async handleExecute(socket, message) {
    const send = (type, content, to) => {
      const reply = message.createReply();
      reply.header.msg_type = type;
      reply.content = content;
      reply.signAndSend(this.connInfo.key, to);
    };
    if (message.content.silent !== true) {
      send(
        "execute_input",
        { code: message.content.code, execution_count: this.handler.execCount + 1 },
        this.iopub,
      );
    }
    const content = await this.handler.handleExecute(
      message.content,
      (name, text) => send("stream", { name, text }, this.iopub),
      (data, update) => send(update ? "update_display_data" : "display_data", data, this.iopub),
    );
    if (content.status === "error") {
      const { ename, evalue, traceback } = content;
      send("error", { ename, evalue, traceback }, this.iopub);
    }
    send("execute_reply", content, socket);
  }

  handleShutdown(socket, message) {
    super.handleShutdown(socket, message);
    // A timer or a child of some cell must not keep a kernel alive that was told to go.
    setTimeout(() => interrupt.close().then(() => exit(0)), 100);
    setTimeout(() => process.kill(process.pid, "SIGKILL"), 1_000).unref();
  }

  /**
   * tslab answers these kinds and prints a warning for others into whatever cell ran last.
   * JupyterLab also asks for the history when it opens a notebook, and shows the kernel's state as
   * "Unknown" until that is answered.
   */
  async handleShellMessage(socket, ...frames) {
    const header = JSON.parse(frames[frames.findIndex((frame) => frame.equals(DELIMITER)) + 2]);
    if (ANSWERED.test(header.msg_type)) return super.handleShellMessage(socket, ...frames);
    if (header.msg_type !== "history_request") return;
    const warn = console.warn;
    console.warn = () => {}; // for this one call, which is over before anything else can run
    const done = super.handleShellMessage(socket, ...frames);
    console.warn = warn;
    await done;
  }

  publishStatus(state, parent) {
    super.publishStatus(state, parent);
    if (state !== "busy" || parent.header.msg_type !== "history_request") return;
    const reply = parent.createReply();
    reply.header.msg_type = "history_reply";
    reply.content = { status: "ok", history: [] };
    reply.signAndSend(this.connInfo.key, this.shell);
  }
}
const DELIMITER = Buffer.from("<IDS|MSG>");
const ANSWERED = /^(kernel_info|execute|is_complete|inspect|complete|comm_info|shutdown)_request$/;

const exit = process.exit.bind(process);
process.exit = (code) => {
  throw new Error(
    `process.exit(${code ?? ""}): a cell cannot end the kernel, its variables would be lost. ` +
      "Restart it from the Kernel menu instead",
  );
};
keepAlive(reporter.printStray);

const configPath = process.argv[process.argv.indexOf("--config-path") + 1];
new Server(new Handler(executor, false), configPath).init();
