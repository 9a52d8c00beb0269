// Shows HTML in a notebook cell, or text in a terminal. tslab hands out its writer anew for each cell, so it is looked
// up at every call.

import { createRequire } from "node:module";

interface Bundle {
  data: Record<string, string>;
  metadata: object;
  transient: { display_id?: string };
}
type Write = (bundle: Bundle, update: boolean) => void;

function writer(): Write | undefined {
  // Only looked for among what is loaded: outside a kernel tslab must not be loaded, it takes a second.
  const { cache } = createRequire(__filename);
  const path = Object.keys(cache).find((key) => /[\\/]tslab[\\/]dist[\\/]jupyter\.js$/.test(key));
  const jupyter = path ? (cache[path]?.exports as { lastWriteDisplayData?: Write }) : undefined;
  return jupyter?.lastWriteDisplayData ?? undefined;
}

export const inNotebook = (): boolean => writer() !== undefined;

let shown = 0;

/** A place in the output that can be written over. */
export function show(html: string, text: string): { update(html: string, text: string): void } {
  const id = `llm-course-${process.pid}-${++shown}`;
  const put = (newHtml: string, newText: string, update: boolean) => {
    const write = writer();
    if (write)
      write(
        {
          data: { "text/html": newHtml, "text/plain": newText },
          metadata: {},
          transient: { display_id: id },
        },
        update,
      );
    else if (newText) console.log(newText);
  };
  put(html, text, false);
  return { update: (newHtml, newText) => put(newHtml, newText, true) };
}
