// Blocks and tables by themselves: who has what, what is found again, and what goes first.
import fc from "fast-check";
import { BlockPool, BlockTable, blocksFor } from "llm/inference";
import { describe, expect, test } from "vitest";

function poolOf(blocks: number, blockTokens = 2, window?: number) {
  const copies: [number, number][] = [];
  const copyBlock = (from: number, to: number) => copies.push([from, to]);
  return { pool: new BlockPool({ blocks, blockTokens, window, copyBlock }), copies };
}

/** A table that has read these tokens, those first that the cache has. */
function reading(pool: BlockPool, ids: number[]): BlockTable {
  const table = new BlockTable(pool);
  table.adopt(table.match(ids));
  table.reserve(ids.length - table.length);
  table.advance(ids.length, ids);
  table.slide();
  return table;
}
const found = (pool: BlockPool, ids: number[]) => new BlockTable(pool).match(ids).length;

describe("the pool", () => {
  test("of what is cached, what has been free for longest goes first, ends before beginnings", () => {
    const { pool } = poolOf(6);
    const [a, b] = [
      [1, 2, 3, 4, 5, 6],
      [1, 2, 7, 8],
    ];
    const [first, second] = [reading(pool, a), reading(pool, b)];
    expect(pool.stats()).toMatchObject({ used: 4, free: 2, cached: 0 });
    first.release();
    second.release();
    expect(pool.stats()).toMatchObject({ used: 0, free: 6, cached: 4 });
    const left = () => [found(pool, [...a, 0]), found(pool, [...b, 0])];
    expect(left()).toEqual([6, 4]);
    const taken = [pool.take(), pool.take()]; // two that were never used
    expect(left()).toEqual([6, 4]);
    taken.push(pool.take());
    expect(left()).toEqual([4, 4]); // the end of a, which was free first
    taken.push(pool.take());
    expect(left()).toEqual([2, 4]);
    taken.push(pool.take());
    expect(left()).toEqual([2, 2]); // [1, 2] was given back by both only after [7, 8]
    taken.push(pool.take());
    expect(left()).toEqual([0, 0]);
    expect(new Set(taken).size).toBe(6);
    expect(pool.tree.size).toBe(0);
    expect(pool.stats()).toMatchObject({ used: 6, free: 0, evictions: 4 });
    expect(() => pool.take()).toThrow("BlockPool: expected a free block, got none of 6");
  });

  test("a block that is found again is not free", () => {
    const { pool } = poolOf(2);
    reading(pool, [1, 2, 3, 4]).release();
    const again = reading(pool, [1, 2, 9]);
    expect(again.blocks).toHaveLength(2);
    expect(pool.stats()).toMatchObject({ used: 2, free: 0, evictions: 1 });
    expect(found(pool, [1, 2, 3, 4, 5])).toBe(2);
  });

  test("misuse is an error", () => {
    const { pool } = poolOf(2);
    expect(() => pool.retain(0)).toThrow("BlockPool: expected a block with something in it");
    expect(() => pool.release(1)).toThrow("BlockPool: expected a block that is in use, got 1");
    expect(() => poolOf(2, 0)).toThrow("BlockPool: expected blockTokens of 1 or more, got 0");
  });
});

describe("a table", () => {
  test("a fork writes into copies; the last that writes needs none", () => {
    const { pool, copies } = poolOf(8);
    const table = reading(pool, [1, 2, 3]);
    const forks = [table.fork(), table.fork()];
    expect(pool.stats().used).toBe(2);
    expect(forks[0].roomFor(100)).toBe(1 + 2 * 5); // one of the six free blocks is for the copy
    for (const [i, one] of [table, ...forks].entries()) {
      one.reserve(1);
      one.advance(4, [1, 2, 3, 4 + i]);
    }
    expect(copies.map(([from]) => from)).toEqual([forks[1].blocks[1], forks[1].blocks[1]]);
    expect(pool.stats()).toMatchObject({ used: 4, copies: 2 });
    for (const one of [table, ...forks]) one.release();
    expect(pool.stats()).toMatchObject({ used: 0, cached: 4 });
    for (const i of [0, 1, 2]) expect(found(pool, [1, 2, 3, 4 + i, 0])).toBe(4);
  });

  test("two texts that came to the same block apart share it from then on", () => {
    const { pool } = poolOf(8);
    const tables = [new BlockTable(pool), new BlockTable(pool)];
    for (const table of tables) table.reserve(3);
    expect(pool.stats().used).toBe(4);
    for (const table of tables) table.advance(3, [1, 2, 3]);
    expect(pool.stats().used).toBe(3);
    expect(tables[1].blocks[0]).toBe(tables[0].blocks[0]);
  });

  test("what is cut off is given back, and what is written there instead is not taken for it", () => {
    const { pool } = poolOf(8);
    const table = reading(pool, [1, 2, 3, 4, 5, 6, 7]);
    table.truncate(3);
    expect(table.blocks).toHaveLength(2);
    expect(found(pool, [1, 2, 3, 4, 5, 6, 0])).toBe(6);
    table.reserve(2);
    expect(found(pool, [1, 2, 3, 4, 5, 6, 0])).toBe(2); // the block of 3 4 is being changed
    table.advance(5, [1, 2, 3, 8, 9]);
    expect(found(pool, [1, 2, 3, 8, 9])).toBe(4);
    expect(found(pool, [1, 2, 3, 4, 5])).toBe(2);
    expect(() => table.truncate(6)).toThrow("BlockTable: expected a length of at most 5");
    table.release();
    expect(pool.stats().used).toBe(0);
  });

  test("with a window, blocks out of sight are given back, and a prefix needs only what is seen", () => {
    const { pool } = poolOf(8, 2, 3);
    const ids = [1, 2, 3, 4, 5, 6, 7];
    const table = reading(pool, ids); // position 7 sees 5, 6, 7
    expect(table.blocks.slice(0, 2)).toEqual([-1, -1]);
    expect(pool.stats()).toMatchObject({ used: 2, cached: 2 });
    expect(() => table.truncate(5)).toThrow("whose tokens are kept, got 5");
    const others = Array.from({ length: 6 }, () => pool.take()); // blocks 0 and 1 of the text go
    expect(pool.stats().evictions).toBe(2);
    const match = new BlockTable(pool).match([...ids.slice(0, 6), 9]);
    expect(match).toMatchObject({ length: 6, blocks: [-1, -1, table.blocks[2]] });
    expect(found(pool, [...ids.slice(0, 5), 9])).toBe(0); // position 4 sees 2 and 3, which are gone
    for (const block of others) pool.release(block);
    table.release();
  });

  test("prefixes with a window, against a specification that looks at every length", () => {
    const cases = fc.record({
      ...{ window: fc.integer({ min: 1, max: 7 }), size: fc.integer({ min: 1, max: 3 }) },
      ...{ length: fc.integer({ min: 1, max: 16 }), taken: fc.nat(12) },
    });
    const property = fc.property(cases, ({ window, size, length, taken }) => {
      const { pool } = poolOf(24, size, window);
      const ids = Array.from({ length }, (_, i) => i % 4);
      const table = reading(pool, ids);
      const blocks = new Map<number, number>(); // of the text: which one has which number
      for (const [i, block] of table.blocks.entries()) if (block >= 0) blocks.set(i, block);
      for (let i = 0; i < Math.min(taken, pool.available); i++) pool.take();
      const asked = [...ids, 7];
      const full = Math.floor(length / size);
      const isThere = (i: number) => {
        let node = pool.tree.root;
        for (let j = 0; j <= i; j++) {
          const next = pool.tree.child(node, asked.slice(j * size, (j + 1) * size));
          if (!next) return false;
          node = next;
        }
        return node.block >= 0;
      };
      const works = (m: number) =>
        Array.from({ length: m }, (_, p) => p)
          .filter((p) => p > m - window)
          .every((p) => isThere(Math.floor(p / size)));
      let best = 0;
      for (let m = 0; m <= full * size; m += size) if (works(m)) best = m;
      const match = new BlockTable(pool).match(asked);
      expect(match.length).toBe(best);
      expect(match.blocks).toHaveLength(best / size);
    });
    fc.assert(property, { numRuns: 500, seed: 3 });
  });

  test("how many blocks a text needs at a time", () => {
    expect(blocksFor(9, { blockTokens: 4, window: Infinity })).toBe(3);
    expect(blocksFor(100, { blockTokens: 4, window: 1 })).toBe(1);
    expect(blocksFor(100, { blockTokens: 4, window: 5 })).toBe(2);
    expect(blocksFor(100, { blockTokens: 4, window: 6 })).toBe(3);
  });
});
