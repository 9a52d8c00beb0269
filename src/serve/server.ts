// A server with a socket: Node's own HTTP, in front of it the limits that keep it alive when somebody
// sends headers without end or nothing at all, and a stop that lets those who are being answered end.
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { App, type AppOptions } from "./app";
import { errorBody, ServeError } from "./errors";
import type { Handler } from "./handler";
import { type ProxyOptions, proxyApp } from "./proxy";

export interface ServerOptions {
  /** 8000; 0 takes one that is free. */
  port?: number;
  /** "127.0.0.1": nobody else on the network reaches it. */
  host?: string;
}

/** A server that runs. */
export interface RunningServer {
  /** "http://127.0.0.1:8000" */
  readonly url: string;
  /**
   * Takes no more requests, lets those end that are being answered, and closes.
   * @param patience milliseconds after which connections that are still open are cut; 30,000
   */
  stop(patience?: number): Promise<void>;
}

/**
 * Serves a model.
 * @throws if the port is taken
 * @example
 * const server = await serve({ model: await openLanguageModel("own"), port: 0 });
 * await new ApiClient({ url: `${server.url}/v1` }).models();
 * await server.stop();
 */
export const serve = (options: AppOptions & ServerOptions): Promise<RunningServer> =>
  listen(new App(options), options);

/** Passes requests on to another server, with our keys, quotas and log. @throws as `serve` */
export const serveUpstream = (options: ProxyOptions & ServerOptions): Promise<RunningServer> =>
  listen(proxyApp(options), options);

/** Puts a handler behind a socket. */
export async function listen(
  handler: Handler,
  { port = 8000, host = "127.0.0.1" }: ServerOptions = {},
): Promise<RunningServer> {
  const server = createServer(
    { maxHeaderSize: 16 * 1024, headersTimeout: 10_000, requestTimeout: 60_000 },
    getRequestListener((request) => handler.fetch(request)),
  );
  server.maxHeadersCount = 100;
  server.on("clientError", refuseBadHttp);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "EADDRINUSE"
          ? new Error(`listen: expected a free port, got ${port}, which another program has`)
          : error,
      ),
    );
    server.listen(port, host, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  const shown = host.includes(":") ? `[${host}]` : host;
  return { url: `http://${shown}:${taken}`, stop: (patience) => stop(server, handler, patience) };
}

/** What is no HTTP, or too much of it, gets an error in our shape, too. */
function refuseBadHttp(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const [status, words] =
    error.code === "HPE_HEADER_OVERFLOW"
      ? [431, "expected headers of at most 16 KiB, got more"]
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? [408, "expected a request within its time, got a part of one"]
        : [400, "expected HTTP, got something else"];
  const body = JSON.stringify(errorBody(new ServeError(Number(status), String(words))));
  socket.end(
    `HTTP/1.1 ${status} Refused\r\ncontent-type: application/json\r\nconnection: close\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

async function stop(server: Server, handler: Handler, patience = 30_000): Promise<void> {
  handler.stopping = true;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const idle = setInterval(() => server.closeIdleConnections(), 100);
  const cut = setTimeout(() => server.closeAllConnections(), patience);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}
