// The way of a request through a server (lesson 24, serving).
import { type Diagram, diagram } from "../diagram";

/** From clients to the engine and back, with what can turn a request away. */
export function servingPath(): Diagram {
  return diagram({
    alt:
      "From left to right: clients send JSON to the door, where the key, its quota and rate and the room " +
      "in the queue are checked, then to the check of the body, then to the queue, then to the engine, " +
      "which writes up to 64 texts side by side. Below the door an arrow leads to the errors 401, 429 " +
      "and 503, below the check to 400, 404 and 413. From the engine, tokens go back to the clients as " +
      "server-sent events; a request that was answered before goes from the check to the cache of " +
      "answers, and from there back to the clients.",
    grid: [116, 96],
    nodes: [
      { id: "clients", at: [0, 0], text: "clients", note: "HTTP, JSON", tone: "data" },
      { id: "door", at: [1.3, 0], text: "door", note: "key, rate, room" },
      { id: "body", at: [2.6, 0], text: "check", note: "is the body right?" },
      { id: "queue", at: [3.9, 0], text: "queue", note: "first come" },
      { id: "engine", at: [5.2, 0], text: "engine", note: "64 texts at a time", tone: "weights" },
      { id: "no1", at: [1.3, 1], text: "401 · 429 · 503" },
      { id: "no2", at: [2.6, 1], text: "400 · 404 · 413" },
      { id: "cache", at: [3.9, -1], text: "kept answers", note: "the same request" },
    ],
    edges: [
      { from: "clients", to: "door" },
      { from: "door", to: "body" },
      { from: "body", to: "queue" },
      { from: "queue", to: "engine" },
      { from: "door", to: "no1" },
      { from: "body", to: "no2" },
      {
        ...{ from: "body.top", to: "cache.left" },
        via: [[2.6, -1]],
      },
      {
        ...{ from: "cache.top", to: "clients.top" },
        via: [
          [3.9, -1.75],
          [0, -1.75],
        ],
      },
      {
        ...{ from: "engine.top", to: "clients.top" },
        label: "data: …  (server-sent events)",
        via: [
          [5.2, -1.75],
          [0, -1.75],
        ],
      },
    ],
  });
}
