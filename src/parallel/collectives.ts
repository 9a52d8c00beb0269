// What the workers of a group do together: sums and copies of arrays that all of them hold. The
// ring: every worker sends only to the next one and receives only from the one before, in N − 1
// rounds, one of N chunks at a time (Patarasuk & Yuan, 2009, "Bandwidth optimal all-reduce
// algorithms for clusters of workstations"; in deep learning, Baidu, 2017). Everybody sends
// 2 (N − 1)/N of the array for a sum, however many workers there are. Every chunk is added up once
// and then copied, so all ranks end with the same bits.
// Left out: trees, which need fewer rounds, and sums that overlap with the backward pass.

import type { Group } from "./group";

/**
 * Where chunk c of N begins and ends in an array of n numbers: as even as whole numbers allow.
 * @returns [from, to): from included, to not
 */
export function chunkOf(c: number, N: number, n: number): [from: number, to: number] {
  return [Math.floor((c * n) / N), Math.floor(((c + 1) * n) / N)];
}

/**
 * Adds up an array over all workers, in N − 1 rounds; afterwards rank r holds the sum of chunk r.
 * The rest of the array is left with sums that are not finished.
 * @param numbers of the same length on all ranks; changed in place
 * @returns chunk r with its sum: a part of `numbers`, not a copy
 */
export function reduceScatter(group: Group, numbers: Float32Array): Float32Array {
  const { rank, size: N } = group;
  for (let round = 0; round < N - 1; round++) {
    group.send(group.next, chunk(numbers, rank - round - 1, N));
    const mine = chunk(numbers, rank - round - 2, N);
    const received = expectLength("reduceScatter", group.receive(group.previous), mine.length);
    for (let i = 0; i < mine.length; i++) mine[i] += received[i];
  }
  return chunk(numbers, rank, N);
}

/**
 * Copies chunk r of rank r to all workers, in N − 1 rounds: what `reduceScatter` has left apart
 * comes together.
 * @param numbers of the same length on all ranks, chunk r filled in on rank r; changed in place
 */
export function allGather(group: Group, numbers: Float32Array): void {
  const { rank, size: N } = group;
  for (let round = 0; round < N - 1; round++) {
    group.send(group.next, chunk(numbers, rank - round, N));
    const place = chunk(numbers, rank - round - 1, N);
    place.set(expectLength("allGather", group.receive(group.previous), place.length));
  }
}

/**
 * Adds up an array over all workers, so that all hold the sum: `reduceScatter`, then `allGather`.
 * Each worker sends 2 (N − 1)/N of the array.
 * @param numbers of the same length on all ranks; changed in place
 */
export function ringAllReduce(group: Group, numbers: Float32Array): void {
  reduceScatter(group, numbers);
  allGather(group, numbers);
}

/**
 * Copies the array of one worker to all others, from rank to rank along the ring.
 * @param numbers of the same length on all ranks; changed in place, except on `root`
 */
export function broadcast(group: Group, numbers: Float32Array, root = 0): void {
  const { rank, size: N } = group;
  if (N === 1) return;
  if (rank !== root)
    numbers.set(expectLength("broadcast", group.receive(group.previous), numbers.length));
  if (group.next !== root) group.send(group.next, numbers);
}

/** A part of the array, by a number that may lie below 0: chunk −1 is the last. */
function chunk(numbers: Float32Array, c: number, N: number): Float32Array {
  return numbers.subarray(...chunkOf(((c % N) + N) % N, N, numbers.length));
}

function expectLength(caller: string, received: Float32Array, length: number): Float32Array {
  if (received.length !== length)
    throw new Error(
      `${caller}: expected arrays of one length on all ranks, got a chunk of ` +
        `${received.length} numbers where this rank has ${length}`,
    );
  return received;
}
