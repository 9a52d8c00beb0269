// Loaded first by the worker processes of these tests: their entry stands in src/, whose TypeScript
// Node does not read, so what it imports from its own folder comes from dist/ instead.
const { dirname, join, relative, resolve } = require("node:path");
const Module = require("node:module");

const root = resolve(__dirname, "../../..");
const [src, dist] = [join(root, "src"), join(root, "dist")];
const find = Module._resolveFilename;
Module._resolveFilename = function (request, parent, ...rest) {
  const from = parent?.filename ? dirname(parent.filename) : "";
  const inSource = request.startsWith(".") && from.startsWith(join(src, ""));
  const name = inSource ? resolve(dist, relative(src, from), request) : request;
  return find.call(this, name, parent, ...rest);
};
