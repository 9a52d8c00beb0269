// A text that appears while it is being written: in a cell it grows in place, in a terminal or a
// log its pieces are printed one after another.
import { inNotebook, printable, show, throttle } from "./output";
import { captionHtml, escapeHtml } from "./xml";

export interface GrowingText {
  /** Appends a piece. */
  add(piece: string): void;
  /** The end of the text, with a note under it if there is something to say. */
  done(note?: string): void;
}

const CELL_MS = 80;
const TEXT = "white-space:pre-wrap;line-height:1.5;max-width:46em;margin:0 0 6px 5px";

/** What a cell shows: the given beginning in bold, then what was written. */
export function growingToHtml(beginning: string, written: string, note = ""): string {
  const text = `<b>${escapeHtml(beginning)}</b>${escapeHtml(written)}`;
  const under = note === "" ? "" : captionHtml(note);
  return `<figure style="margin:0"><div style="${TEXT}">${text}</div>${under}</figure>`;
}

/**
 * Begins a text that grows. `beginning`, which a model was given, is shown in bold.
 *
 *     const text = growing("Call me");
 *     for (const piece of pieces) text.add(piece);
 *     text.done("Stopped after 120 characters.");
 */
export function growing(beginning: string): GrowingText {
  let written = "";
  if (!inNotebook()) {
    process.stdout.write(printable(beginning));
    return {
      add: (piece) => void process.stdout.write(printable(piece)),
      done: (note = "") => void process.stdout.write(note === "" ? "\n" : `\n${note}\n`),
    };
  }
  const bundle = (note = "") => ({
    "text/html": growingToHtml(beginning, written, note),
    "text/plain": beginning + written + (note === "" ? "" : `\n${note}`),
  });
  const display = show(bundle());
  const draw = throttle((shown: ReturnType<typeof bundle>) => display.update(shown), CELL_MS);
  return {
    add: (piece) => {
      written += piece;
      draw.set(bundle());
    },
    done: (note) => {
      draw.set(bundle(note));
      draw.flush();
    },
  };
}
