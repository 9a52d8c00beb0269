// One end of the talk between the tests, outside, and the answers, in the sandbox: either calls the
// other's functions as if they were its own. Gradients go through: where the caller is on a tape,
// a result becomes a node of it, whose gradient is asked for on the other side.

const { Values, isTensor } = require("./values.cjs");

/** Errors that came through the pipe, and whose they are: thrown on, they go back as themselves. */
const foreign = new WeakMap();
/** What an error may be called that came out of an answer: not as the kit calls its own. */
const OURS = /^(Told|CourseError|AssertionError|MachineFault|Ended)$/;
const MOST_TEXT = 2000;
/** More tensors left behind than this are as bad as this many. */
const MOST_LEFT = 1000;

const textOf = (x) => String(x ?? "").slice(0, MOST_TEXT);

/** A value with other tensors in it, in new containers. */
function replaced(value, copies) {
  if (copies.has(value)) return copies.get(value);
  if (typeof value !== "object" || value === null || isTensor(value)) return value;
  if (ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map((item) => replaced(item, copies));
  if (value instanceof Map)
    return new Map([...value].map(([key, item]) => [key, replaced(item, copies)]));
  if (value instanceof Set) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, replaced(item, copies)]);
  return Object.fromEntries(entries);
}

class Peer {
  /**
   * @param talk what ./frames.cjs returns
   * @param sign 1 for the tests' side, −1 for the answers'
   * @param engine returns tf, or undefined in a lesson without tensors
   * @param frames says where in the answers' file an error arose: [line, column] of what runs
   * @param explain is handed an error that came, and what else was said of it
   * @param broken is told what kept the talk from going on; after that there is no going on
   */
  constructor({ talk, sign, engine, frames = () => undefined, explain, broken = (e) => e }) {
    Object.assign(this, { talk, sign, engine, frames, explain, broken });
    this.values = new Values({ sign, tf: engine(), remote: (id) => this.remote(id) });
    this.errors = [];
  }

  /** A function of the other side's. */
  remote(id) {
    return (...args) => this.call(id, args);
  }

  /**
   * Gives functions of this side the first numbers, which the other one knows without being told.
   */
  publish(...functions) {
    for (const f of functions) this.values.add(this.sign * ++this.values.next, f, {});
  }

  /** Whether the engine is on a tape, outside any of its own operations. */
  onTape() {
    const state = this.engine()?.engine().state;
    return state !== undefined && state.gradientDepth > 0 && state.kernelDepth === 0;
  }

  /** Opens what the other side may change while `run` runs. */
  withOpen(values, run) {
    const before = this.values.open;
    this.values.open = new Set(before);
    for (const x of this.values.reach(...values)) this.values.open.add(this.values.idOf(x));
    try {
      return run();
    } finally {
      this.values.open = before;
    }
  }

  /** @param waits whether a promise's value is returned instead of a promise */
  call(id, args, waits = false) {
    const { values } = this;
    const wrt = this.onTape() ? values.floats(args) : [];
    return this.withOpen(args, () => {
      const asked = values.pack((encode) => ({
        op: "call",
        f: id,
        args: args.map(encode),
        wrt: wrt.map(encode),
      }));
      const reply = this.converse(asked);
      const wrap = wrt.length > 0 ? this.onto(id, args, wrt, reply.json) : undefined;
      const made = this.take(reply, (json, decode) => decode(json.value), wrap);
      const result = wrap ? this.joined(made, args, reply.json.outs ?? [], wrap) : made;
      if (this.sign > 0) values.remember(values.reach(result));
      this.leave(reply.json.left);
      return reply.json.promise && !waits ? Promise.resolve(result) : result;
    });
  }

  /** What a call left in memory over there is left behind here, for the tests to count. */
  leave(left) {
    const tf = this.engine();
    if (!tf || this.sign < 0 || this.onTape()) return;
    for (let i = 0; i < Math.min(Number(left) || 0, MOST_LEFT); i++) tf.scalar(0);
  }

  /**
   * Makes new tensors of a result nodes of the tape. What the call was given is saved for the way
   * back: a tidy() around the call may free it before.
   */
  onto(f, args, wrt, { outs = [], flows = [] }) {
    const tf = this.engine();
    const tensors = [...this.values.reach(args)].filter((x) => isTensor(x) && !x.isDisposed);
    return (id, raw) => {
      const k = outs.indexOf(id);
      const flow = k < 0 ? [] : flows[k];
      const failed = typeof flow === "string" ? textOf(flow) : undefined;
      const inputs = failed === undefined ? wrt.filter((_, i) => flow.includes(i)) : wrt;
      if (inputs.length === 0) return raw;
      const node = tf.customGrad((...given) => {
        given.pop()(tensors); // what saves them comes last
        const gradFunc = (dy, saved) => {
          if (failed !== undefined) throw new Error(failed);
          const copies = new Map(tensors.map((x, i) => [x, saved[i]]));
          const again = inputs.map((x) => copies.get(x));
          return this.vjp(f, replaced(args, copies), again, k, dy);
        };
        return { value: raw.clone(), gradFunc };
      })(...inputs);
      raw.dispose();
      return node;
    };
  }

  /**
   * A result in which tensors that a callback of this side has made on the way are nodes too:
   * they come back as themselves, and know nothing of what the callback was given.
   */
  joined(result, args, outs, wrap) {
    const { values } = this;
    const given = values.reach(args);
    const copies = new Map();
    for (const id of outs) {
      const x = Math.sign(id) === this.sign ? values.object(id) : undefined;
      if (isTensor(x) && !x.isDisposed && !given.has(x)) copies.set(x, wrap(id, x.clone()));
    }
    return copies.size > 0 ? replaced(result, copies) : result;
  }

  /** The gradient of the k-th float tensor of a call's result, times dy, by each of `wrt`. */
  vjp(f, args, wrt, k, dy) {
    const { values } = this;
    const asked = values.pack((encode) => ({
      op: "vjp",
      f,
      args: args.map(encode),
      wrt: wrt.map(encode),
      k,
      dy: encode(dy),
    }));
    const grads = this.take(this.converse(asked), (json, decode) => json.value.map(decode));
    const fits = (g, i) => isTensor(g) && `${g.shape}` === `${wrt[i].shape}`;
    if (grads.length !== wrt.length || !grads.every(fits))
      throw new TypeError("a gradient that does not fit its tensor");
    return grads;
  }

  /** Sends, then serves the other side's calls until its reply comes. */
  converse(message) {
    try {
      this.talk.send(message);
      for (;;) {
        const received = this.talk.receive();
        const { op } = received.json;
        if (op === "return" || op === "throw") return received;
        this.talk.send(this.serve(received));
      }
    } catch (error) {
      throw this.broken(error);
    }
  }

  /** What a reply holds. @throws what the call threw */
  take(reply, read, wrap) {
    if (reply.json.op === "throw") throw this.errorFrom(reply);
    try {
      return this.values.unpack(reply, read, wrap);
    } catch (error) {
      throw this.broken(error);
    }
  }

  /** Answers a call from the other side; the answers' side awaits promises (see `serveLater`). */
  serve(received) {
    try {
      if (received.json.op === "vjp") return this.serveGradient(received);
      const { f, args, wrt, known, before } = this.begin(received);
      const { engine } = this;
      // What a test's own function makes on the way is freed here.
      const result = this.sign > 0 && engine() ? engine().tidy(() => f(...args)) : f(...args);
      if (result instanceof Promise) throw new TypeError("this function may not return a promise");
      return this.finish({ f, args, wrt, known, before, result });
    } catch (error) {
      return this.thrown(error);
    }
  }

  /** The same for calls that may take their time. */
  async serveLater(received) {
    if (received.json.op === "vjp") return this.serve(received);
    try {
      const { f, args, wrt, known, before } = this.begin(received);
      const made = f(...args);
      const promise = made instanceof Promise;
      const result = promise ? await made : made;
      return this.finish({ f, args, wrt, known, before, result, promise });
    } catch (error) {
      return this.thrown(error);
    }
  }

  begin(received) {
    const { values } = this;
    const { f, args, wrt } = values.unpack(received, (json, decode) => ({
      f: values.object(json.f),
      args: json.args.map(decode),
      wrt: json.wrt.map(decode),
    }));
    if (typeof f !== "function") throw new TypeError("a function that is not there");
    return { f, args, wrt, known: values.reach(args), before: this.engine()?.memory().numTensors };
  }

  finish({ f, args, wrt, known, before, result, promise = false }) {
    const { values } = this;
    const tensors = [...values.reach(result)].filter((x) => isTensor(x) && !known.has(x));
    const now = this.engine()?.memory().numTensors;
    const left = before === undefined ? 0 : Math.max(0, now - before - tensors.length);
    const outs = wrt.length > 0 ? values.floats(result) : [];
    const flows = outs.map((_, k) => this.flow(f, args, wrt, k));
    values.remember(values.reach(result));
    for (const x of values.reach(result)) values.open.add(values.idOf(x));
    return values.pack(
      (encode) => ({
        op: "return",
        value: encode(result),
        left,
        promise,
        outs: outs.map((x) => values.idOf(x)),
        flows,
      }),
      known,
    );
  }

  /** Null for a tensor to which no gradient flows. */
  gradients(f, args, wrt, k, dy) {
    const { values } = this;
    const engine = this.engine().engine();
    const { activeTape } = engine.state;
    try {
      return engine.gradients(() => values.floats(f(...args))[k], wrt, dy, true).grads;
    } finally {
      // On the way back of another gradient: tfjs would begin a tape and throw both away.
      engine.state.activeTape ??= activeTape;
    }
  }

  /** Which of `wrt` the k-th result depends on, or the words of what stands in the way. */
  flow(f, args, wrt, k) {
    try {
      const grads = this.gradients(f, args, wrt, k);
      const found = grads.flatMap((g, i) => (g ? [i] : []));
      for (const g of grads) g?.dispose();
      return found;
    } catch (error) {
      return textOf(error?.message);
    }
  }

  serveGradient(received) {
    const { values } = this;
    const tf = this.engine();
    const asked = values.unpack(received, (json, decode) => ({
      f: values.object(json.f),
      args: json.args.map(decode),
      wrt: json.wrt.map(decode),
      k: json.k,
      dy: decode(json.dy),
    }));
    const { f, args, wrt, k, dy } = asked;
    const grads = this.gradients(f, args, wrt, k, dy).map((g, i) => g ?? tf.zerosLike(wrt[i]));
    return values.pack((encode) => ({ op: "return", value: grads.map(encode) }));
  }

  /** An error on its way to the other side. */
  thrown(error) {
    const json = { op: "throw", objects: [], gone: [] };
    const known = typeof error === "object" && error !== null ? foreign.get(error) : undefined;
    if (known?.peer === this) return { json: { ...json, back: known.id }, bytes: [] };
    this.errors.push(error);
    const { name, message, exercise, operation, instead } = error ?? {};
    const isError = error instanceof Error;
    return {
      json: {
        ...json,
        id: this.errors.length - 1,
        name: textOf(isError ? name : "").slice(0, 60),
        message: textOf(isError ? message : error),
        isError,
        exercise: exercise === undefined ? undefined : textOf(exercise),
        refused:
          operation && instead
            ? { operation: textOf(operation), instead: textOf(instead) }
            : undefined,
        at: isError ? this.frames(error) : undefined,
      },
      bytes: [],
    };
  }

  errorFrom({ json }) {
    const { back, id, name, message, isError, exercise, refused, at } = json;
    if (Number.isSafeInteger(back) && back in this.errors) return this.errors[back];
    if (isError === false) return textOf(message);
    const said = textOf(message);
    const error = new Error(said);
    error.name = this.sign > 0 && OURS.test(name) ? "Error" : textOf(name).slice(0, 60) || "Error";
    error.stack = `${error.name}: ${said}`;
    if (exercise !== undefined) error.exercise = textOf(exercise);
    foreign.set(error, { peer: this, id });
    this.explain?.(error, { refused, at });
    return error;
  }
}

module.exports = { Peer };
