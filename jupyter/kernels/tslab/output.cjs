// Output of one cell on its way to the browser. Many small writes become few messages, and a cell that prints
// without end cannot freeze the page or fill the notebook file: the beginning is shown, then the last lines.
const { setTimeout: later, clearTimeout: cancel } = require("node:timers");

const FLUSH_MS = 40;
const FLUSH_CHARS = 32_768;
/** A saved notebook should stay below 1 MB; no text that a person reads is longer than this. */
const MAX_CHARS = 200_000;
const TAIL_CHARS = 4_000;

/** @returns `stream` and `display` for tslab's handler, and `end()` to call when the cell has ended */
function limitOutput(writeStream, writeDisplay) {
  let name = "stdout";
  let buffered = "";
  let timer = null;
  let flushedAt = 0;
  let sent = 0;
  let dropped = 0;
  let tail = "";

  function flush() {
    if (timer !== null) cancel(timer);
    timer = null;
    flushedAt = performance.now();
    if (buffered === "") return;
    const text = buffered;
    buffered = "";
    writeStream(name, text);
  }

  function stream(to, text) {
    if (to !== name) {
      flush();
      name = to;
    }
    const room = MAX_CHARS - sent;
    if (text.length > room) {
      const rest = text.slice(Math.max(0, room));
      dropped += rest.length;
      tail = (tail + rest).slice(-TAIL_CHARS);
      text = text.slice(0, Math.max(0, room));
    }
    sent += text.length;
    buffered += text;
    // In a synchronous loop no timer fires, so the clock is looked at here too: output stays live.
    if (buffered.length > FLUSH_CHARS || performance.now() - flushedAt > FLUSH_MS) flush();
    else if (buffered !== "") timer ??= later(flush, FLUSH_MS).unref();
  }

  return {
    stream,
    display(data, update) {
      flush(); // a figure comes after the text printed before it
      writeDisplay(data, update);
    },
    end() {
      // The last frame of a live figure waits for its turn (llm/display); what saves the notebook does not wait for it.
      for (const draw of globalThis[Symbol.for("llm.waitingFrames")] ?? []) draw();
      flush();
      if (dropped === 0) return;
      const from = tail.indexOf("\n") + 1;
      const cut = dropped - (tail.length - from);
      writeStream(
        name,
        `\n… ${cut.toLocaleString("en")} characters not shown: a cell shows the first ${MAX_CHARS.toLocaleString("en")} and the last lines …\n${tail.slice(from)}`,
      );
      sent = 0;
      dropped = 0;
      tail = "";
    },
  };
}

module.exports = { limitOutput };
