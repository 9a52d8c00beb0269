// What a worker process does: it starts an engine if it is told to, takes one job after another from
// its parent, and ends when the parent is gone. The other side is in ./workers. A job is a function
// that comes as text, since functions cannot be sent to another process; it sees its two parameters
// and nothing of the place where it was written.

import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { runInThisContext } from "node:vm";
import type { EngineName } from "../engine";
import { Group } from "./group";

/** What a job gets besides its arguments. */
export interface WorkerTools {
  /** This worker's place among the others. */
  group: Group;
  /**
   * A room of the module `llm`: `llm("gpt").gptLoss`. A job cannot see the imports of the file in
   * which it was written.
   */
  // biome-ignore lint/suspicious/noExplicitAny: which room it is, only the caller knows
  llm: (room: string) => any;
  /** Sends something to `onEvent` of the parent, while the job goes on. */
  tell: (event: unknown) => void;
}

/** From the parent. */
export type Order =
  | { type: "start"; rank: number; mail: string; engine: EngineName | "none" }
  | { type: "run"; size: number; folder: string; job: string; args: unknown }
  | { type: "interrupt" };

/** To the parent. */
export type Answer =
  | { type: "ready" }
  | { type: "event"; event: unknown }
  | { type: "done"; value: unknown }
  | { type: "failed"; message: string; stopped: boolean };

/** Waits for orders until the parent is gone. */
export function work(): void {
  const require = createRequire(__filename);
  const llm: WorkerTools["llm"] = (room) => require(join(__dirname, "..", room));
  let rank = 0;
  let mail: string | undefined;
  const say = (answer: Answer) => process.send?.(answer);

  async function obey(order: Order): Promise<void> {
    if (order.type === "interrupt") return llm("engine").requestInterrupt();
    if (order.type === "start") {
      [rank, mail] = [order.rank, order.mail];
      if (order.engine !== "none")
        await llm("engine").useEngine({ prefer: order.engine, quiet: true });
      return void say({ type: "ready" });
    }
    const { size, folder, args } = order;
    const job = runInThisContext(`(${order.job})`, { filename: "job" });
    const group = new Group(rank, size, folder);
    const tell = (event: unknown) => say({ type: "event", event });
    say({ type: "done", value: await job({ group, llm, tell }, args) });
  }

  process.on("message", (order: Order) => {
    obey(order).catch((error: Error) => {
      const message = error instanceof Error ? error.message : String(error);
      say({ type: "failed", message, stopped: error?.name === "Stopped" });
    });
  });
  process.on("disconnect", () => {
    if (mail !== undefined) rmSync(mail, { recursive: true, force: true });
    process.exit(1);
  });
  process.on("SIGINT", () => {}); // a terminal's Ctrl-C comes to all; the parent decides
}
