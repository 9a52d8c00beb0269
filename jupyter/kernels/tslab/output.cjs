// Output of one cell on its way to the browser. Many small writes become few messages, and a cell
// that prints or draws without end cannot freeze the page or fill the notebook file: of a text, the
// beginning is shown and then the last lines; of figures and tables, as many as fit.
const { setTimeout: later, clearTimeout: cancel } = require("node:timers");

const FLUSH_MS = 40;
const FLUSH_CHARS = 32_768;
/** A saved notebook should stay below 1 MB; no text that a person reads is longer than this. */
const MAX_CHARS = 200_000;
const TAIL_CHARS = 4_000;
/** One display (a figure with its picture, a table) and all of a cell's, in characters of JSON. */
const MAX_DISPLAY = 2_000_000;
const MAX_DISPLAYS = 4_000_000;
/** The least that a display counts: a thousand tiny ones are as hard on a page as a large one. */
const LEAST_DISPLAY = 4_000;

const count = (n) => n.toLocaleString("en");

/**
 * @returns `stream` and `display` for tslab's handler, and `end()` to call when the cell has ended
 */
function limitOutput(writeStream, writeDisplay) {
  let name = "stdout";
  let buffered = "";
  let timer = null;
  let flushedAt = 0;
  let sent = 0;
  let dropped = 0;
  let tail = "";
  let ended = false;
  let displayed = 0;
  let refused = 0;
  /**
   * display_id → its newest content, which waits to be sent; null for displays that were not shown
   * at all.
   */
  const updates = new Map();

  function flush() {
    if (timer !== null) cancel(timer);
    timer = null;
    flushedAt = performance.now();
    if (buffered !== "") {
      const text = buffered;
      buffered = "";
      writeStream(name, text);
    }
    for (const [id, data] of updates) {
      if (data === null) continue;
      updates.delete(id);
      writeDisplay(data, true);
    }
  }

  /**
   * In a synchronous loop no timer fires, so the clock is looked at here too: output stays live.
   */
  function soon() {
    if (buffered.length > FLUSH_CHARS || performance.now() - flushedAt > FLUSH_MS) flush();
    else timer ??= later(flush, FLUSH_MS).unref();
  }

  function stream(to, text) {
    if (to !== name) {
      flush();
      name = to;
    }
    const room = Math.max(0, MAX_CHARS - sent);
    if (text.length > room) {
      const rest = text.slice(room);
      // After the cell's end nobody comes back for the last lines: what a timer prints without end
      // is cut here.
      if (ended && dropped === 0)
        buffered += `${text.slice(0, room)}\n… nothing more of this cell is shown …\n`;
      dropped += rest.length;
      tail = (tail + rest).slice(-TAIL_CHARS);
      text = ended ? "" : text.slice(0, room);
    }
    sent += text.length;
    buffered += text;
    if (buffered !== "") soon();
  }

  function display(data, update) {
    const id = data.transient?.display_id;
    if (update && updates.get(id) === null) return;
    const { fitting, size } = fit(data);
    if (update) {
      updates.set(id, fitting);
      soon();
      return;
    }
    const cost = Math.max(LEAST_DISPLAY, size);
    if (displayed + cost > MAX_DISPLAYS) {
      if (id !== undefined) updates.set(id, null);
      refused++;
      return;
    }
    displayed += cost;
    flush(); // a figure comes after the text printed before it
    writeDisplay(fitting, false);
  }

  return {
    stream,
    display,
    end() {
      // The last frame of a live figure waits for its turn (llm/display); what saves the notebook
      // does not wait for it.
      for (const draw of globalThis[Symbol.for("llm.waitingFrames")] ?? []) draw();
      flush();
      if (dropped > 0) {
        const from = tail.indexOf("\n") + 1;
        const cut = dropped - (tail.length - from);
        const limit = `a cell shows the first ${count(MAX_CHARS)} and the last lines`;
        writeStream(
          name,
          `\n… ${count(cut)} characters not shown: ${limit} …\n${tail.slice(from)}`,
        );
      }
      if (refused > 0) {
        const limit = `a cell shows up to ${count(MAX_DISPLAYS)} characters of them`;
        writeStream(name, `\n… ${count(refused)} figures or tables not shown: ${limit} …\n`);
      }
      ended = true;
      sent = 0;
      dropped = 0;
      tail = "";
    },
  };
}

/**
 * A display without the forms (HTML, SVG, …) that are too large, and a sentence if none is left.
 */
function fit(content) {
  let size = 0;
  let tooLarge = 0;
  const data = {};
  for (const [type, value] of Object.entries(content.data ?? {})) {
    const length = JSON.stringify(value)?.length ?? 0;
    if (size + length > MAX_DISPLAY) {
      tooLarge = Math.max(tooLarge, length);
      continue;
    }
    data[type] = value;
    size += length;
  }
  if (tooLarge === 0) return { fitting: content, size };
  if (Object.keys(data).every((type) => type === "text/plain")) {
    data["text/plain"] =
      `A display of ${count(tooLarge)} characters is not shown: ` +
      `the limit is ${count(MAX_DISPLAY)}. Show less of it.`;
  }
  return { fitting: { ...content, data }, size };
}

module.exports = { limitOutput };
