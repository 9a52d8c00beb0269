// The files for GitHub and for containers, which cannot be run here: at least the commands that they
// call exist, their versions are those that the course takes, and they use no stranger's actions.
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const root = resolve(__dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const { engines, scripts } = JSON.parse(read("package.json")) as {
  engines: { node: string };
  scripts: Record<string, string>;
};
const least = Number(/\d+/.exec(engines.node)?.[0]);
const WORKFLOWS = [
  ...[".github/workflows/test.yml", ".github/workflows/pages.yml"],
  "tools/teach/release/check.yml", // in a release, for its learners
];
const CONTAINER = ".devcontainer/devcontainer.json";
const DOCKERFILE = "docs/Dockerfile";

describe.each([...WORKFLOWS, CONTAINER, DOCKERFILE])("%s", (path) => {
  const text = read(path);

  test("calls commands that there are", () => {
    const called = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name);
    expect(called.length).toBeGreaterThan(0);
    for (const name of called) expect(Object.keys(scripts)).toContain(name);
  });

  test("takes versions of Node that the course takes", () => {
    const versions = [...text.matchAll(/(?:node-version: |node: \[|node:)([\d, ]+)/g)]
      .flatMap(([, list]) => list.split(","))
      .map(Number)
      .filter((version) => version > 0);
    expect(versions.length).toBeGreaterThan(0);
    for (const version of versions) expect(version).toBeGreaterThanOrEqual(least);
  });
});

test("workflows use GitHub's own actions only, and may write nothing but pages", () => {
  for (const path of WORKFLOWS) {
    const text = read(path);
    for (const [, action] of text.matchAll(/uses: (\S+)/g))
      expect(action).toMatch(/^actions\/[\w-]+@v\d+$/);
    const writes = [...text.matchAll(/(\S+): write/g)].map(([, what]) => what);
    expect(writes.filter((what) => !["pages", "id-token"].includes(what))).toEqual([]);
    expect(text).not.toMatch(/\t/);
  }
});

test("the container's description is JSON", () => {
  expect(JSON.parse(read(CONTAINER))).toMatchObject({ postCreateCommand: "npm run setup" });
});

describe("the image for a JupyterHub", () => {
  const SERVER = "/opt/course/tools/hub/singleuser.sh";
  const dockerfile = read(DOCKERFILE);

  test("starts what the hub's settings and Kubernetes' start", () => {
    expect(dockerfile).toContain(`CMD ["sh", "${SERVER}"]`);
    expect(read("tools/hub/values.yaml")).toContain(`cmd: ["sh", "${SERVER}"]`);
    expect(read("tools/hub/jupyterhub_config.py")).toContain(`cmd = ["sh", "${SERVER}"]`);
    // By `sh`: files of a release, out of a zip, are not executable.
    expect(existsSync(join(root, SERVER.replace("/opt/course/", "")))).toBe(true);
  });

  test("is built from the same first steps as the other one, by a user who is no learner", () => {
    const stages = [...dockerfile.matchAll(/^FROM (\S+) AS (\w+)$/gm)].map(([, from, name]) => [
      name,
      from,
    ]);
    expect(Object.fromEntries(stages)).toMatchObject({ hub: "course", alone: "course" });
    expect(stages.at(-1)?.[0]).toBe("alone"); // what is built where no target is named
    const users = [...dockerfile.matchAll(/useradd --uid (\d+) .* (\w+)/g)];
    expect(users.map(([, uid, name]) => [name, uid])).toEqual([
      ["course", "1001"],
      ["learner", "1000"],
    ]);
  });

  test("holds nothing of a teacher's", () => {
    const ignored = read(".dockerignore").split("\n");
    for (const name of ["teaching", "hub", "my-course", "runs", ".git"])
      expect(ignored).toContain(name);
  });
});
