// What crosses between the tests and the answers, with both ends in one process: any value arrives
// as it was, what the tests could see without a pipe they see through it, and what does not fit is
// refused.
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { tf, useEngine } from "llm/engine";
import { beforeAll, describe, expect, test } from "vitest";
import { load } from "./tools";

const { Peer } = (await load("tools/teach/grade/inside/peer.cjs")).default;

// biome-ignore lint/suspicious/noExplicitAny: any function
type Any = (...args: any[]) => any;
interface Message {
  json: Record<string, unknown>;
  bytes: Buffer[];
}

/** A message as the other end receives it. */
const arrived = ({ json, bytes }: Message) => ({
  json: JSON.parse(JSON.stringify(json)),
  bytes: Buffer.concat(bytes),
});

/** Functions of one end, as the other end calls them. */
function pair(...functions: Any[]): Any[] {
  const [toTests, toAnswers]: Message[][] = [[], []];
  const engine = () => tf;
  const answers = new Peer({
    sign: -1,
    engine,
    talk: {
      send: (message: Message) => toTests.push(message),
      // A callback: the tests' end is asked while this one waits.
      receive: () => {
        toAnswers.push(tests.serve(arrived(toTests.pop()!)));
        return arrived(toAnswers.pop()!);
      },
    },
  });
  const tests = new Peer({
    sign: 1,
    engine,
    talk: {
      send: (message: Message) => toTests.push(answers.serve(arrived(message))),
      receive: () => arrived(toTests.pop()!),
    },
  });
  answers.publish(...functions);
  return functions.map((_, i) => tests.remote(-(i + 1)));
}

beforeAll(async () => {
  await useEngine({ prefer: "js", quiet: true });
});

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.double(),
    fc.integer(),
    fc.string(),
    fc.boolean(),
    fc.constantFrom(null, undefined, -0, Number.NaN, 12n),
    fc.float32Array({ maxLength: 5 }),
    fc.uint8Array({ maxLength: 5 }),
    fc.array(fc.double(), { minLength: 30, maxLength: 40 }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie("value"), { maxKeys: 4, noNullPrototype: true }),
    fc.array(fc.tuple(fc.string(), tie("value")), { maxLength: 3 }).map((e) => new Map(e)),
    fc.array(fc.string(), { maxLength: 3 }).map((list) => new Set(list)),
  ),
}));

describe("values", () => {
  test("arrive as they were, and come back as themselves", () => {
    fc.assert(
      fc.property(value, (sent) => {
        const [same, keep] = pair(
          (x) => x,
          (x) => isDeepStrictEqual(x, sent),
        );
        expect(keep(sent)).toBe(true);
        expect(same(sent)).toBe(sent);
      }),
      { numRuns: 200 },
    );
  });

  test("results arrive as they were made", () => {
    fc.assert(
      fc.property(value, (made) => {
        const [make] = pair(() => made);
        expect(make()).toEqual(made);
      }),
      { numRuns: 200 },
    );
  });

  test("tensors keep type, shape and numbers; variables stay variables", () => {
    const [seen] = pair((x, v) => [x.dtype, x.shape, [...x.dataSync()], typeof v.assign]);
    const [x, v] = [tf.tensor([[0, 1]], [1, 2], "int32"), tf.variable(tf.scalar(3))];
    expect(seen(x, v)).toEqual(["int32", [1, 2], [0, 1], "function"]);
    v.dispose();
  });

  test("an argument that is changed, freed or handed back is seen", () => {
    const [change, free, hand] = pair(
      (list: number[], w: Record<string, unknown>, bytes: Uint8Array) => {
        list.push(4);
        w.b = [1];
        bytes[0] = 9;
      },
      (x: { dispose(): void }) => x.dispose(),
      (w: { inner: unknown }) => ({ out: w.inner }),
    );
    const [list, w, bytes] = [[1, 2], { a: 1 }, new Uint8Array(2)];
    change(list, w, bytes);
    expect([list, w, [...bytes]]).toEqual([[1, 2, 4], { a: 1, b: [1] }, [9, 0]]);
    const x = tf.scalar(1);
    free(x);
    expect(x.isDisposed).toBe(true);
    const inner = { deep: true };
    expect(hand({ inner }).out).toBe(inner);
  });

  test("the same container with other contents is the same container over there", () => {
    const seen = new Set();
    const [look] = pair((x: number[]) => {
      seen.add(x);
      return x[0];
    });
    const list = [1];
    expect(look(list)).toBe(1);
    list[0] = 2;
    expect(look(list)).toBe(2);
    expect(seen.size).toBe(1);
  });

  test("a second call that writes into the first result is seen, and so is the caller's writing", () => {
    const kept = [0];
    const [next, last] = pair(
      () => {
        kept[0]++;
        return kept;
      },
      () => kept[0],
    );
    const first = next();
    expect([...first]).toEqual([1]);
    const second = next();
    expect(second).toBe(first);
    expect([...first]).toEqual([2]);
    first[0] = 70;
    expect(last()).toBe(70);
  });

  test("what a caller frees is freed over there, and is not handed out again as if it lived", () => {
    const kept = tf.scalar(5);
    const [take] = pair(() => kept);
    take().dispose();
    expect(take().isDisposed).toBe(true);
    expect(kept.isDisposed).toBe(true);
  });

  test("callbacks, and their errors, go through and come back as themselves", () => {
    const [twice] = pair((f: Any, x: unknown) => f(f(x)));
    expect(twice((x: number[]) => [...x, x.length], [0])).toEqual([0, 1, 2]);
    const error = new TypeError("mine");
    const fails = () => {
      throw error;
    };
    let caught: unknown;
    try {
      twice(fails, 1);
    } catch (thrown) {
      caught = thrown;
    }
    expect(caught).toBe(error);
  });

  test("an error keeps its name, but not the names of the kit", () => {
    const [fail] = pair((name: string) => {
      throw Object.assign(new Error("said"), { name, exercise: "x" });
    });
    expect(() => fail("NotDoneYet")).toThrow(expect.objectContaining({ name: "NotDoneYet" }));
    expect(() => fail("Told")).toThrow(expect.objectContaining({ name: "Error" }));
  });
});

describe("gradients", () => {
  const numbers = (x: { dataSync(): ArrayLike<number> }) => Array.from(x.dataSync());
  const x = () => tf.tensor1d([1, 2, 3]);

  test("are those of the function", () => {
    const f: Any = (a, w) => tf.tidy(() => tf.sum(tf.mul(tf.square(a), w.scale)));
    const [there] = pair(f);
    const [a, scale] = [x(), tf.scalar(2)];
    const here = tf.grads((...xs) => f(xs[0], { scale: xs[1] }))([a, scale]);
    const got = tf.grads((...xs) => there(xs[0], { scale: xs[1] }))([a, scale]);
    expect(got.map(numbers)).toEqual(here.map(numbers));
  });

  test("reach what is behind a tidy() around the call, and each part of a result", () => {
    const [there] = pair((a: never) => ({ one: tf.square(a), two: tf.neg(a) }));
    const g = tf.grad((a) =>
      tf.tidy(() => {
        const { one, two } = there(tf.mul(a, 2));
        return tf.add(tf.sum(one), tf.sum(two));
      }),
    )(x());
    expect(numbers(g)).toEqual([6, 14, 22]);
  });

  test("go through a callback", () => {
    const [there] = pair((f: Any, a: never) => tf.sum(tf.mul(f(tf.mul(a, 3)), 2)));
    const g = tf.grad((a) => there((y: never) => tf.square(y), a))(x());
    expect(numbers(g)).toEqual([36, 72, 108]);
  });

  test("go through a callback whose result is handed out as it is", () => {
    const f: Any = (g, a) => {
      const weights = g(tf.mul(a, 3));
      return { output: tf.mul(weights, 2), weights };
    };
    const [there] = pair(f);
    const square: Any = (y) => tf.square(y);
    const sumOf = (run: Any) =>
      tf.grad((a) => {
        const { output, weights } = run(square, a);
        return tf.add(tf.sum(output), tf.sum(weights));
      })(x());
    expect(numbers(sumOf(there))).toEqual(numbers(sumOf(f)));
    expect(numbers(sumOf(f))).toEqual([54, 108, 162]);
  });

  test("do not flow where the numbers leave the tensors", () => {
    const [cut] = pair((a: { dataSync(): number[] }) => tf.tensor1d(a.dataSync()));
    expect(() => tf.grad((a) => tf.sum(cut(a)))(x())).toThrow(/Cannot compute gradient/);
  });
});

describe("what does not fit", () => {
  const peer = () => {
    const talk = { send: () => {}, receive: () => {} };
    return new Peer({ sign: 1, engine: () => tf, talk });
  };
  const read = (json: object, bytes = Buffer.alloc(0)) =>
    peer().values.unpack({ json: { objects: [], gone: [], ...json }, bytes }, (j: never, d: Any) =>
      d((j as { value: unknown }).value),
    );

  test.each([
    ["an object that nobody knows", { value: { o: -7 } }],
    ["an object that this side never made", { value: 1, objects: [[7, "array", [], 0, 0]] }],
    ["without a number", { value: 1, objects: [["x", "array", [], 0, 0]] }],
    ["no known kind", { value: 1, objects: [[-1, "toString", 0, 0, 0]] }],
    ["no known kind", { value: { constructor: 1 } }],
    ["do not fit", { value: 1, objects: [[-1, "tensor", ["float32", [1e9, 1e9]], 0, 0]] }],
    ["do not fit", { value: 1, objects: [[-1, "tensor", ["toString", []], 0, 0]] }],
    ["no known kind", { value: 1, objects: [[-1, "typed", ["constructor", { o: -2 }], 0, 0]] }],
  ])("%s is refused", (said, json) => {
    expect(() => read(json)).toThrow(said);
  });

  test("the other end changes nothing of this one but arguments", () => {
    const mine = [1, 2];
    const one = peer();
    one.values.add(5, mine);
    const json = { value: 0, objects: [[5, "array", [9], 0, 0]], gone: [5] };
    one.values.unpack({ json, bytes: Buffer.alloc(0) }, () => 0);
    expect(mine).toEqual([1, 2]);
  });

  test("whatever comes is read or refused, and no prototype is touched", () => {
    const keys = Reflect.ownKeys(Object.prototype).length;
    const form = fc.json({ maxDepth: 4 }).map((text) => JSON.parse(text));
    const object = fc.tuple(
      fc.integer({ min: -3, max: 3 }),
      fc.constantFrom("array", "record", "map", "set", "tensor", "typed", "buffer", "instance"),
      form,
      fc.nat(9),
      fc.nat(9),
    );
    fc.assert(
      fc.property(form, fc.array(object, { maxLength: 4 }), (sent, objects) => {
        try {
          read({ value: sent, objects });
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
        expect(Reflect.ownKeys(Object.prototype).length).toBe(keys);
      }),
      { numRuns: 500 },
    );
    const [make] = pair(() => JSON.parse('{"__proto__": {"passed": true}}'));
    expect(Object.getPrototypeOf(make())).toBe(Object.prototype);
    expect(make().passed).toBeUndefined();
  });
});
