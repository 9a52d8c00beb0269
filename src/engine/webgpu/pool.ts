// The buffers of the WebGPU engine, in place of tfjs's own. tfjs gives a buffer back only when the
// commands that use it have been submitted, so that a training step would hold all it ever made.
// Commands run in the order in which they were recorded, so a buffer that no tensor owns can serve
// the next operation at once. What must wait is only what is written from outside, past the order
// of the commands: `acquireIdle` is for that.
import type { BufferManager, GpuBuffer, GpuDevice } from "./api";

/** Bytes of free buffers beyond which they are given back to the system, after a submission. */
const KEEP = 1 << 30;

interface Free {
  buffer: GpuBuffer;
  /** Number of the submission that was being recorded when it became free. */
  batch: number;
}

/** Whose a buffer is. */
const owners = new WeakMap<GpuBuffer, Pool>();

export class Pool implements BufferManager {
  numBytesUsed = 0;
  numBytesAllocated = 0;
  numUsedBuffers = 0;
  private readonly used = new Set<GpuBuffer>();
  private readonly free = new Map<string, Free[]>();
  private batch = 0;

  private readonly pinned = new Set<GpuBuffer>();
  private readonly pinnedFree: GpuBuffer[] = [];
  private isDropped = false;

  /**
   * @param make the device's createBuffer, or an error that says why not
   * @param isTrace it belongs to a list of operations that will be run again: what was written from
   *   outside stays as it is, and nothing is given back to the system before `dispose`
   */
  constructor(
    private readonly make: GpuDevice["createBuffer"],
    private readonly isTrace = false,
  ) {}

  acquireBuffer(size: number, usage: number, mapped = false, reuse = true): GpuBuffer {
    const old = reuse && !mapped ? this.free.get(`${size} ${usage}`)?.pop() : undefined;
    return this.own(old?.buffer ?? this.create(size, usage, mapped));
  }

  /** A buffer that no command uses which has not been submitted yet. */
  acquireIdle(size: number, usage: number): GpuBuffer {
    if (this.isTrace) {
      const buffer = this.own(this.create(size, usage, false));
      this.pinned.add(buffer);
      return buffer;
    }
    const list = this.free.get(`${size} ${usage}`);
    const oldest = list?.[0]; // the list is in the order of release
    if (!oldest || oldest.batch === this.batch) return this.own(this.create(size, usage, false));
    list.shift();
    return this.own(oldest.buffer);
  }

  releaseBuffer(buffer: GpuBuffer, reuse = true): void {
    const owner = owners.get(buffer);
    if (owner && owner !== this) {
      owner.releaseBuffer(buffer, reuse);
      return;
    }
    const { size, usage } = buffer;
    if (!this.used.delete(buffer)) throw new Error("webgpu: a buffer was released twice");
    this.numUsedBuffers--;
    this.numBytesUsed -= size;
    if (this.pinned.has(buffer) && !this.isDropped) {
      this.pinnedFree.push(buffer);
      return;
    }
    if (!reuse || this.isDropped) {
      buffer.destroy();
      this.numBytesAllocated -= size;
      return;
    }
    const key = `${size} ${usage}`;
    const list = this.free.get(key);
    if (list) list.push({ buffer, batch: this.batch });
    else this.free.set(key, [{ buffer, batch: this.batch }]);
  }

  /** To be called after every submission: only then may a buffer that was used be destroyed. */
  submitted(): void {
    this.batch++;
    if (!this.isTrace && this.numBytesAllocated - this.numBytesUsed > KEEP) this.trim();
  }

  /** Gives free buffers back to the system. No command that uses them may be waiting. */
  trim(): void {
    for (const list of this.free.values())
      for (const { buffer } of list) {
        this.numBytesAllocated -= buffer.size;
        buffer.destroy();
      }
    this.free.clear();
  }

  /** Gives back what no tensor holds, now, and the rest when it is released. */
  drop(): void {
    this.isDropped = true;
    this.trim();
    for (const buffer of this.pinnedFree) buffer.destroy();
    this.pinnedFree.length = 0;
  }

  dispose(): void {
    this.drop();
    for (const buffer of this.used) buffer.destroy();
    this.used.clear();
    this.pinned.clear();
    this.numBytesUsed = this.numBytesAllocated = this.numUsedBuffers = 0;
  }

  private create(size: number, usage: number, mappedAtCreation: boolean): GpuBuffer {
    const buffer = this.make({ size, usage, mappedAtCreation });
    this.numBytesAllocated += size;
    owners.set(buffer, this);
    return buffer;
  }

  private own(buffer: GpuBuffer): GpuBuffer {
    this.used.add(buffer);
    this.numUsedBuffers++;
    this.numBytesUsed += buffer.size;
    return buffer;
  }
}
