// A place for programs that nobody has read: an empty box, made by bubblewrap out of Linux's namespaces,
// with no files but the system's own programs, no network, and nobody else's processes. Whoever uses it
// binds what is needed inside: `npm run teach` the answers of a class, an agent's tool the code that a
// model has written (lesson 26, agents).
//
// bubblewrap needs user namespaces. Where the machine does not allow them (AppArmor on Ubuntu 24.04),
// and on macOS and Windows, there is no sandbox. Left out: what a fault in Linux itself lets out; only
// another machine protects from that.
import { spawn, spawnSync } from "node:child_process";
import { realpathSync } from "node:fs";

/** The arguments of `bwrap` that every box begins with. */
export const emptyBox: readonly string[] = [
  ...["--unshare-all", "--die-with-parent", "--new-session", "--clearenv"],
  ...["--cap-drop", "ALL", "--uid", "65534", "--gid", "65534", "--hostname", "box"],
  ...["--ro-bind", "/usr", "/usr"],
  ...["--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64"],
  ...["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"],
  ...["--size", "1048576", "--tmpfs", "/tmp"],
];

const REFUSALS: [pattern: RegExp, mend: string][] = [
  [
    /Creating new namespace failed|setting up uid map: Permission denied|No permissions to create/i,
    "This machine does not let a user make namespaces. On Ubuntu 24.04: sudo sysctl -w " +
      "kernel.apparmor_restrict_unprivileged_userns=0, or grade in a virtual machine.",
  ],
];

/**
 * Whether there is a sandbox here.
 * @param command for tests: another name for bubblewrap
 * @returns undefined where there is, or why not and what to do about it
 */
export function sandboxTrouble(
  command = "bwrap",
  platform: string = process.platform,
): { why: string; mend: string } | undefined {
  if (platform !== "linux")
    return {
      why: `there is no sandbox on ${platform === "darwin" ? "macOS" : platform}`,
      mend: "Grade on Linux, or in WSL 2 on Windows.",
    };
  const { status, error, stderr } = spawnSync(command, [...emptyBox, "/usr/bin/true"], {
    encoding: "utf8",
    timeout: 20_000,
  });
  if (status === 0) return undefined;
  if ((error as NodeJS.ErrnoException | undefined)?.code === "ENOENT")
    return { why: "bubblewrap is not installed", mend: "sudo apt-get install bubblewrap" };
  const said = (stderr || error?.message || `exit code ${status}`).trim().split("\n")[0];
  const mend = REFUSALS.find(([pattern]) => pattern.test(said))?.[1];
  return {
    why: `bubblewrap does not work here (${said})`,
    mend: mend ?? "`bwrap --unshare-all --ro-bind / / true` tries it.",
  };
}

/** Node's flag for its own permissions, under the name that this version gives it. */
export const permissionFlag = (): string =>
  process.allowedNodeEnvironmentFlags.has("--permission")
    ? "--permission"
    : "--experimental-permission";

export interface RunCodeOptions {
  /** Seconds of processor time; by the clock three times as many. 5 */
  seconds?: number;
  /** Megabytes of data, Node's own 100 or so included. 400 */
  megabytes?: number;
  /** The longest output in characters; the program is ended when it has written more. 10,000 */
  longest?: number;
  /** Another name for bubblewrap, for tests. */
  command?: string;
}

/** What a program has done. */
export interface CodeResult {
  /** What it printed, errors too. */
  output: string;
  /** "ok" · "failed" (an error, or too little memory) · "time" · "output" */
  ending: "ok" | "failed" | "time" | "output";
}

/**
 * Runs JavaScript in an empty box, as an ES module without any file: it can calculate and print.
 * Neither `node:vm` nor a worker thread would do: code gets out of both into the process around it.
 * @throws where there is no sandbox
 */
export async function runCode(
  code: string,
  { seconds = 5, megabytes = 400, longest = 10_000, command = "bwrap" }: RunCodeOptions = {},
): Promise<CodeResult> {
  const trouble = sandboxTrouble(command);
  if (trouble) throw new Error(`runCode: expected a sandbox, got none: ${trouble.why}`);
  const node = realpathSync(process.execPath);
  const limits = [`--cpu=${seconds}`, `--data=${megabytes * 1_000_000}`, "--core=0"];
  const flags = [permissionFlag(), "--no-warnings", "--input-type=module", "-"];
  const args = [
    ...[...emptyBox, "--ro-bind", node, "/node", "--remount-ro", "/", "--chdir", "/"],
    ...["/usr/bin/prlimit", ...limits, "/node", ...flags],
  ];
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  let [output, ending] = ["", "ok" as CodeResult["ending"]];
  const end = (why: CodeResult["ending"]) => {
    ending = why;
    child.kill("SIGKILL");
  };
  const timer = setTimeout(() => end("time"), seconds * 3000);
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (piece: string) => {
      output += piece;
      if (output.length > longest) end("output");
    });
  child.stdin.on("error", () => {}); // it may have ended before it has read everything
  child.stdin.end(code);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  clearTimeout(timer);
  // 137 and 152: ended by SIGKILL and SIGXCPU, which the kernel sends when the processor time is up
  if (ending === "ok" && status !== 0)
    ending = status === 137 || status === 152 ? "time" : "failed";
  return { output: output.slice(0, longest), ending };
}
