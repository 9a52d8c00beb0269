// Ring collectives between real processes: sums and copies equal those of the slow definition, for
// any length and any number of workers, and the bytes sent are those of the formula.
import fc from "fast-check";
import { allGather, broadcast, chunkOf, Group, ringAllReduce, type Workers } from "llm/parallel";
import { Random } from "llm/random";
import { beforeAll, describe, expect, it } from "vitest";
import { workersOfTests } from "./processes";

const start = workersOfTests();

/** What rank r holds: whole numbers, so that sums are exact in any order. */
const arrays = (size: number, length: number) => {
  const rng = new Random(31 * size + length);
  return Array.from({ length: size }, () =>
    Float32Array.from({ length }, () => rng.integer(2001) - 1000),
  );
};

const sum = (rows: Float32Array[]) =>
  Float32Array.from(rows[0], (_, i) => rows.reduce((total, row) => total + row[i], 0));

it("chunks cover an array without a gap, and their lengths differ by one at most", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 200 }), (N, n) => {
      const chunks = Array.from({ length: N }, (_, c) => chunkOf(c, N, n));
      expect(chunks[0][0]).toBe(0);
      expect(chunks[N - 1][1]).toBe(n);
      for (let c = 1; c < N; c++) expect(chunks[c][0]).toBe(chunks[c - 1][1]);
      const lengths = chunks.map(([from, to]) => to - from);
      expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
    }),
  );
});

describe.each([1, 2, 3, 5])("a ring of %i processes", (size) => {
  const lengths = [0, 1, 2, 5, 30, 257];
  let workers: Workers;
  beforeAll(async () => {
    workers = await start(size);
  });

  it("sums, scatters, gathers and copies as the definitions say", async () => {
    const inputs = lengths.map((length) => arrays(size, length));
    const results = await workers.run(({ group, llm }, inputs) => {
      const ring = llm("parallel/collectives");
      return inputs.map((rows) => {
        const own = () => rows[group.rank].slice();
        const [summed, scattered, gathered, copied] = [own(), own(), own(), own()];
        ring.ringAllReduce(group, summed);
        const share = ring.reduceScatter(group, scattered).slice();
        ring.allGather(group, gathered);
        ring.broadcast(group, copied, group.size - 1);
        return { summed, share, gathered, copied };
      });
    }, inputs);
    for (const [rank, result] of results.entries())
      for (const [i, { summed, share, gathered, copied }] of result.entries()) {
        const [rows, n] = [inputs[i], lengths[i]];
        expect(summed).toEqual(sum(rows));
        expect(share).toEqual(sum(rows).slice(...chunkOf(rank, size, n)));
        expect(copied).toEqual(rows[size - 1]);
        for (let r = 0; r < size; r++) {
          const [from, to] = chunkOf(r, size, n);
          expect(gathered.slice(from, to)).toEqual(rows[r].slice(from, to));
        }
      }
  });

  it("sends 2 (N − 1)/N of the array from each process, in 2 (N − 1) messages", async () => {
    const traffic = await workers.run(({ group, llm }, n) => {
      llm("parallel/collectives").ringAllReduce(group, new Float32Array(n));
      return group.traffic;
    }, 30 * size);
    for (const { bytes, messages } of traffic) {
      expect(bytes).toBe((4 * 30 * size * 2 * (size - 1)) / size);
      expect(messages).toBe(2 * (size - 1));
    }
  });
});

it("rounded sums have the same bits on all ranks", async () => {
  const workers = await start(3);
  const rng = new Random(4);
  const rows = Array.from({ length: 3 }, () =>
    Float32Array.from({ length: 50 }, () => rng.normal()),
  );
  const results = await workers.run(({ group, llm }, rows) => {
    llm("parallel/collectives").ringAllReduce(group, rows[group.rank]);
    return rows[group.rank];
  }, rows);
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
  results[0].forEach((x, i) => {
    expect(x).toBeCloseTo(rows[0][i] + rows[1][i] + rows[2][i], 5);
  });
});

it("arrays of different lengths are refused, not added", async () => {
  const workers = await start(2);
  const run = workers.run(({ group, llm }) => {
    llm("parallel/collectives").ringAllReduce(group, new Float32Array(10 + group.rank));
  }, {});
  await expect(run).rejects.toThrow(/reduceScatter: expected arrays of one length on all ranks/);
});

describe("a group of one", () => {
  const group = new Group(0, 1);

  it("needs no messages", () => {
    const numbers = Float32Array.of(1, 2, 3);
    ringAllReduce(group, numbers);
    allGather(group, numbers);
    broadcast(group, numbers);
    group.barrier();
    expect(numbers).toEqual(Float32Array.of(1, 2, 3));
    expect(group.traffic).toEqual({ bytes: 0, messages: 0, waited: 0 });
  });

  it("has nobody to send to", () => {
    expect(() => group.send(0, new Float32Array(1))).toThrow(/send: expected another rank/);
    expect(() => group.receive(1)).toThrow(/receive: expected another rank of a group of 1, got 1/);
    expect(() => new Group(2, 2)).toThrow(/Group: expected a rank from 0 to size − 1/);
  });
});
