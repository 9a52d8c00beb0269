// Objects that two processes know together. Each has a number, positive if it was made by the
// tests' side and negative if by the answers'; what a message says of an object is its contents, so
// far as they have changed. So the tests see through the pipe what they would see without one: the
// same array handed back, an argument that was changed or freed, a first result that the second
// call writes over.
//
// The tests' side is strict with what comes: an object of its own is changed only if it was an
// argument of this call, sizes must fit, and nothing is ever run.

const TYPED = { Float32Array, Float64Array, Int8Array, Int16Array, Int32Array, Uint8Array };
Object.assign(TYPED, { Uint8ClampedArray, Uint16Array, Uint32Array, BigInt64Array });
const DTYPES = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/** Results of so many calls back are still looked at: have they been changed, or freed? */
const LOOKED_AT = 8;
/** From so many numbers on, an array travels as bytes. */
const MANY = 32;

const isTensor = (x) =>
  typeof x === "object" && x !== null && Array.isArray(x.shape) && typeof x.dataSync === "function";
const isVariable = (x) => typeof x.assign === "function";
const isObject = (x) => (typeof x === "object" && x !== null) || typeof x === "function";
const isPlain = (x) => {
  const prototype = Object.getPrototypeOf(x);
  return prototype === null || prototype.constructor?.name === "Object";
};
const bytesOf = (view) => Buffer.from(view.buffer, view.byteOffset, view.byteLength);
/** A copy in memory of its own, at an address that fits every kind of number. */
const own = (bytes) => new Uint8Array(bytes).buffer;

/** What an object is, and its contents: `data` as JSON, `bytes`, and the objects it holds. */
function contentsOf(x, encode) {
  if (typeof x === "function") return { kind: "function", data: 0 };
  if (isTensor(x)) {
    if (!(x.dtype in DTYPES)) throw new TypeError(`a tensor of ${x.dtype} cannot be passed`);
    const data = [x.dtype, x.shape, isVariable(x), x.trainable === true];
    return { kind: "tensor", data, bytes: bytesOf(DTYPES[x.dtype].from(x.dataSync())) };
  }
  if (x instanceof ArrayBuffer) return { kind: "buffer", data: 0, bytes: Buffer.from(x) };
  if (ArrayBuffer.isView(x)) {
    const name = Buffer.isBuffer(x) ? "Uint8Array" : x.constructor.name;
    if (!Object.hasOwn(TYPED, name)) throw new TypeError(`a ${name} cannot be passed`);
    return { kind: "typed", data: [name, encode(x.buffer), x.byteOffset, x.length] };
  }
  if (Array.isArray(x)) {
    if (x.length >= MANY && x.every((n) => typeof n === "number"))
      return { kind: "array", data: x.length, bytes: bytesOf(Float64Array.from(x)) };
    return { kind: "array", data: Array.from(x, encode) };
  }
  const entries = (list) => list.map(([key, value]) => [encode(key), encode(value)]);
  if (x instanceof Map) return { kind: "map", data: entries([...x]) };
  if (x instanceof Set) return { kind: "set", data: Array.from(x, encode) };
  if (x instanceof Promise) throw new TypeError("a promise inside a value cannot be passed");
  if (isPlain(x)) return { kind: "record", data: entries(Object.entries(x)) };
  const name = String(x.constructor?.name).slice(0, 60);
  return { kind: "instance", data: [name, entries(Object.entries(x))] };
}

/** What the kit says "a tensor" to, where a lesson without tensors is answered with one. */
const pictureOf = ([dtype, shape], part) => ({
  ...{ dtype, shape: Array.from(shape, Number), isDisposed: false },
  dataSync: () => new (DTYPES[dtype] ?? Uint8Array)(own(part)),
});

/** One side's knowledge of the objects that both have. */
class Values {
  /**
   * @param sign 1 for the tests' side, −1 for the answers'
   * @param tf the engine, where there are tensors
   * @param remote makes a function of the other side's from its number
   */
  constructor({ sign, tf, remote }) {
    Object.assign(this, { sign, tf, remote });
    this.ids = new WeakMap();
    /** Number → { object (weakly on the tests' side), contents as both know them }. */
    this.known = new Map();
    this.next = 0;
    /** Objects of the last calls, whose changes are told although no value holds them. */
    this.recent = [];
    /** On the tests' side: the numbers of its own objects that the other side may change. */
    this.open = new Set();
  }

  object(id) {
    const entry = this.known.get(id);
    return entry && (entry.weak ? entry.weak.deref() : entry.strong);
  }

  add(id, object, contents) {
    this.ids.set(object, id);
    const isWeak = this.sign > 0 && typeof object !== "function";
    this.known.set(id, isWeak ? { weak: new WeakRef(object) } : { strong: object });
    if (contents) this.known.get(id).contents = contents;
  }

  idOf(object) {
    let id = this.ids.get(object);
    if (id === undefined || !this.known.has(id)) {
      id = this.sign * ++this.next;
      this.add(id, object);
    }
    return id;
  }

  /** Everything inside a value that has a number or gets one, itself included. */
  reach(...values) {
    const found = new Set();
    const visit = (x) => {
      if (!isObject(x) || found.has(x)) return;
      found.add(x);
      if (typeof x === "function" || isTensor(x) || x instanceof ArrayBuffer) return;
      if (ArrayBuffer.isView(x)) visit(x.buffer);
      else if (Array.isArray(x) || x instanceof Set) {
        if (!Array.isArray(x) || x.some(isObject)) for (const item of x) visit(item);
      } else if (x instanceof Map) for (const pair of x) pair.forEach(visit);
      else for (const item of Object.values(x)) visit(item);
    };
    values.forEach(visit);
    return found;
  }

  /** Tensors of float32 inside values, in a fixed order. */
  floats(...values) {
    return [...this.reach(...values)].filter(
      (x) => isTensor(x) && !x.isDisposed && x.dtype === "float32",
    );
  }

  /**
   * A message with values in it.
   * @param form makes the JSON: it is handed `encode`
   * @param also objects whose changes are told as well
   */
  pack(form, also = []) {
    const [queue, seen] = [[], new Set()];
    const encode = (x) => {
      if (x === undefined) return { u: 1 };
      if (typeof x === "number")
        return Number.isFinite(x) && !Object.is(x, -0)
          ? x
          : { n: Object.is(x, -0) ? "-0" : `${x}` };
      if (x === null || typeof x === "string" || typeof x === "boolean") return x;
      if (typeof x === "bigint") return { b: String(x) };
      if (!isObject(x)) throw new TypeError(`a ${typeof x} cannot be passed`);
      if (!seen.has(x)) queue.push(x);
      seen.add(x);
      return { o: this.idOf(x) };
    };
    const json = form(encode);
    const older = this.recent.flat().map((weak) => weak.deref());
    for (const x of [...also, ...older]) if (x !== undefined && !seen.has(x)) encode(x);
    const bytes = [];
    let at = 0;
    json.objects = [];
    for (let i = 0; i < queue.length; i++) {
      const x = queue[i];
      const entry = this.known.get(this.idOf(x));
      if (typeof x === "function" && entry.contents) continue;
      if (isTensor(x) && (x.isDisposed || (entry.contents && !isVariable(x)))) {
        if (!entry.contents) json.objects.push([this.idOf(x), "tensor", "disposed", 0, 0]);
        continue;
      }
      const { kind, data, bytes: part } = contentsOf(x, encode);
      const contents = { text: JSON.stringify(data), part };
      const last = entry.contents;
      const same = last?.text === contents.text && (!part || (last.part && part.equals(last.part)));
      if (same) continue;
      entry.contents = { ...contents, part: part && Buffer.from(part) };
      json.objects.push([this.idOf(x), kind, data, at, part?.length ?? 0]);
      if (part) bytes.push(entry.contents.part);
      at += part?.length ?? 0;
    }
    json.gone = this.gone();
    return { json, bytes };
  }

  /**
   * Tensors that have been disposed and, on the tests' side, objects that nobody holds any more.
   */
  gone() {
    const list = [];
    for (const [id, entry] of this.known) {
      const x = entry.weak ? entry.weak.deref() : entry.strong;
      if (x !== undefined && !(isTensor(x) && x.isDisposed)) continue;
      list.push(id);
      this.known.delete(id);
    }
    return list;
  }

  /** Marks the end of a call: what was in it is looked at for some calls more. */
  remember(objects) {
    this.recent.push([...objects].map((x) => new WeakRef(x)));
    if (this.recent.length > LOOKED_AT) this.recent.shift();
  }

  /**
   * Takes in what a message says of objects.
   * @param read takes the values out: it is handed the JSON and `decode`
   * @param wrap what is made of a new tensor: a node of the tape, where gradients are wanted
   * @returns what `read` returns
   */
  unpack({ json, bytes }, read, wrap = (_id, tensor) => tensor) {
    const decode = (form) => this.decode(form);
    const list = json.objects.map(([id, kind, data, at, length]) => {
      if (!Number.isSafeInteger(id) || id === 0) throw new TypeError("an object without a number");
      return { id, kind, data, part: bytes.subarray(at, at + length) };
    });
    const isNew = ({ id }) => this.object(id) === undefined;
    const fresh = list.filter(isNew);
    for (const { id } of fresh)
      if (Math.sign(id) === this.sign) throw new TypeError("an object that this side never made");
    for (const { id, kind, part } of fresh) if (kind === "buffer") this.add(id, own(part));
    for (const one of fresh) {
      if (one.kind === "tensor") this.addTensor(one, wrap);
      else if (one.kind !== "buffer") this.add(one.id, this.shell(one));
    }
    for (const one of list) this.fill(one, decode, fresh.includes(one));
    const result = read(json, decode);
    for (const id of json.gone) this.free(id);
    return result;
  }

  decode(form) {
    if (form === null || typeof form !== "object") return form;
    if ("o" in form) {
      const object = this.object(form.o);
      if (object === undefined) throw new TypeError("an object that nobody knows");
      return object;
    }
    if ("u" in form) return undefined;
    if ("n" in form) return form.n === "-0" ? -0 : Number(form.n);
    if ("b" in form) return BigInt(form.b);
    throw new TypeError("a value of no known kind");
  }

  addTensor({ id, data, part }, wrap) {
    const { tf } = this;
    if (!tf) return this.add(id, pictureOf(data, part));
    if (data === "disposed") {
      const tensor = tf.scalar(0);
      tensor.dispose();
      return this.add(id, tensor);
    }
    const [dtype, shape, variable, trainable] = data;
    const kind = Object.hasOwn(DTYPES, dtype) ? DTYPES[dtype] : undefined;
    const fits =
      kind &&
      Array.isArray(shape) &&
      shape.length <= 6 &&
      shape.every((n) => Number.isSafeInteger(n) && n >= 0) &&
      shape.reduce((a, b) => a * b, kind.BYTES_PER_ELEMENT) === part.length;
    if (!fits) throw new TypeError("a tensor whose numbers do not fit its shape");
    const raw = tf.tensor(new kind(own(part)), shape, dtype);
    if (!variable) return this.add(id, wrap(id, raw), { text: "", part: undefined });
    this.add(id, tf.variable(raw, trainable), this.variableContents(data, part));
    raw.dispose();
  }

  variableContents(data, part) {
    return { text: JSON.stringify(data), part: Buffer.from(part) };
  }

  shell({ id, kind, data }) {
    switch (kind) {
      case "function":
        return this.remote(id);
      case "typed": {
        const [name, buffer, offset, length] = data;
        if (!Object.hasOwn(TYPED, name)) throw new TypeError("an array of no known kind");
        return new TYPED[name](this.decode(buffer), offset, length);
      }
      case "array":
        return [];
      case "map":
        return new Map();
      case "set":
        return new Set();
      case "record":
        return {};
      case "instance":
        // Of a class nothing but its name crosses.
        return new { [data[0]]: class {} }[data[0]]();
      default:
        throw new TypeError("an object of no known kind");
    }
  }

  /** Writes an object's contents into it, unless it is the tests' own and no argument. */
  fill({ id, kind, data, part }, decode, fresh) {
    const x = this.object(id);
    if (!fresh && this.sign > 0 && id > 0 && !this.open.has(id)) return;
    const note = () => {
      this.known.get(id).contents = { text: JSON.stringify(data), part: part && Buffer.from(part) };
      if (part.length === 0) this.known.get(id).contents.part = undefined;
    };
    const put = (entries) => {
      for (const [key, value] of entries)
        Object.defineProperty(x, String(decode(key)), {
          value: decode(value),
          writable: true,
          enumerable: true,
          configurable: true,
        });
    };
    if (kind === "tensor") {
      if (fresh || !isTensor(x) || !isVariable(x) || data === "disposed") return;
      const raw = this.tf.tensor(new DTYPES[x.dtype](own(part)), x.shape, x.dtype);
      x.assign(raw);
      raw.dispose();
    } else if (kind === "buffer" && x instanceof ArrayBuffer && x.byteLength === part.length)
      new Uint8Array(x).set(part);
    else if (kind === "array" && Array.isArray(x)) {
      const items = typeof data === "number" ? new Float64Array(own(part)) : data.map(decode);
      x.length = 0;
      for (const item of items) x.push(item);
    } else if (kind === "map" && x instanceof Map) {
      x.clear();
      for (const [key, value] of data) x.set(decode(key), decode(value));
    } else if (kind === "set" && x instanceof Set) {
      x.clear();
      for (const item of data) x.add(decode(item));
    } else if (kind === "record" || kind === "instance") {
      if (!fresh) for (const key of Object.keys(x)) delete x[key];
      put(kind === "record" ? data : data[1]);
    } else if (kind !== "typed" && kind !== "function")
      throw new TypeError("an object that has become another");
    note();
  }

  /** The other side has freed a tensor or, being the tests' side, holds an object no more. */
  free(id) {
    const x = this.object(id);
    if (x !== undefined && isTensor(x) && !x.isDisposed) {
      if (this.sign > 0 && id > 0 && !this.open.has(id)) return;
      x.dispose();
    }
    this.known.delete(id);
  }
}

module.exports = { Values, isTensor };
