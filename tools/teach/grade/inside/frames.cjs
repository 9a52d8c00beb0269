// Messages over a pair of pipes, one after the other: eight bytes that say how long the two parts
// are, a JSON text, and bytes (the numbers of tensors and arrays). Reading and writing block, as a
// call of a function does. Both sides use it: the tests', and the answers' in the sandbox.

const { readSync, writeSync } = require("node:fs");

/** One message may be so long: what an answer returns is small, and what it is given too. */
const MOST_BYTES = 128 * 2 ** 20;

/** Waits a little where a pipe that does not block has nothing yet. */
const nap = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);

class Ended extends Error {
  name = "Ended";
}

function readAll(fd, length) {
  // A buffer of its own: typed arrays will look into it.
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let at = 0; at < length; ) {
    try {
      const n = readSync(fd, bytes, at, length - at, null);
      if (n === 0) throw new Ended("the other side has gone");
      at += n;
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
      nap();
    }
  }
  return bytes;
}

function writeAll(fd, bytes) {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at, bytes.length - at);
    } catch (error) {
      if (error.code === "EPIPE") throw new Ended("the other side has gone");
      if (error.code !== "EAGAIN") throw error;
      nap();
    }
  }
}

/**
 * The two ends of a talk.
 * @returns { send({ json, bytes: Buffer[] }), receive(): { json, bytes } }
 */
function frames(input, output) {
  return {
    send({ json, bytes }) {
      const text = Buffer.from(JSON.stringify(json));
      const head = Buffer.alloc(8);
      const length = bytes.reduce((sum, part) => sum + part.length, 0);
      if (text.length + length > MOST_BYTES) throw new RangeError("more than 128 MB in one call");
      head.writeUInt32LE(text.length, 0);
      head.writeUInt32LE(length, 4);
      writeAll(output, Buffer.concat([head, text, ...bytes]));
    },
    receive() {
      const head = readAll(input, 8);
      const [length, more] = [head.readUInt32LE(0), head.readUInt32LE(4)];
      if (length + more > MOST_BYTES) throw new RangeError("more than 128 MB in one call");
      const json = JSON.parse(readAll(input, length).toString("utf8"));
      return { json, bytes: readAll(input, more) };
    },
  };
}

module.exports = { Ended, frames };
