// A link to an exercise file opens it beside the notebook, with the function that the link names at
// the top and the cursor in it. All exercise files share one pane. Without this file a click opens
// the same link in a tab over the notebook, which is JupyterLab's own way.
import { functionNamed, functionsOf } from "./functions.js";

const EXERCISES = /(?:^|\/)exercises\/\d\d-[\w-]+\.ts$/;
/** A narrower window has no room for a side bar, a notebook and a file next to each other. */
const ROOMY = 1600;

/**
 * Watches clicks on links in notebooks. They are caught on their way down, before JupyterLab's own
 * handler, which stands at the link.
 */
export function openExercisesBeside(lab) {
  document.addEventListener(
    "click",
    (event) => {
      const link = event.target instanceof Element ? event.target.closest("a") : null;
      const path = link && exercisePathOf(link, lab);
      if (!path || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const text = link.textContent;
      const line = Number(/^#L(\d+)/.exec(link.hash)?.[1] ?? 1) - 1;
      openExercise(lab, path, (functions) => functionNamed(text, functions) ?? { line, top: line });
    },
    true,
  );
}

/**
 * The path of the exercise file that a link in a notebook leads to, from JupyterLab's root, or
 * undefined. JupyterLab has turned the link into the file's address: …/files/PATH?…#L72.
 */
function exercisePathOf(link, { app }) {
  if (!link.closest(".jp-Notebook")) return undefined;
  const files = new URL("files/", app.serviceManager.serverSettings.baseUrl).href;
  if (!link.href.startsWith(files)) return undefined;
  const [path] = link.href.slice(files.length).split(/[?#]/);
  const decoded = decodeURIComponent(path);
  return EXERCISES.test(decoded) ? decoded : undefined;
}

/**
 * Opens an exercise file beside the current notebook.
 * @param choose which of the file's functions to show: given { name, line, top } of each, returns
 *   one of them, or undefined for the top of the file
 */
export async function openExercise({ app, documents, notebooks }, path, choose) {
  const { shell } = app;
  const notebook = notebooks.currentWidget;
  let file = documents.findWidget(path, "Editor");
  if (window.innerWidth < ROOMY) shell.collapseLeft?.();
  if (file) shell.activateById(file.id);
  else {
    const pane = besideOf(shell, notebook);
    const place = pane
      ? { mode: "tab-after", ref: pane.id }
      : { mode: "split-right", ref: notebook?.id };
    file = documents.open(path, "Editor", undefined, place);
  }
  if (!file) return;
  // It may have been opened before as a tab over the notebook.
  if (notebook && !notebook.isVisible && file.isAttached)
    shell.add(file, "main", { mode: "split-right", ref: notebook.id });
  await Promise.all([file.context.ready, file.revealed]);
  const { editor } = file.content;
  const functions = functionsOf(file.context.model.sharedModel.getSource());
  show(editor, choose(functions) ?? { line: 0, top: 0 });
}

/** The pane that already shows an exercise file, so that a second one joins it; or undefined. */
function besideOf(shell, notebook) {
  return [...shell.widgets("main")].find(
    (widget) => widget !== notebook && widget.isVisible && EXERCISES.test(widget.context?.path),
  );
}

/** Puts the cursor into the function and its doc comment's first line at the top of the pane. */
function show(editor, { line, top }) {
  const view = editor.editor;
  const { doc } = view.state;
  const startOf = (number) => doc.line(Math.min(number + 1, doc.lines)).from;
  const atTop = view.constructor.scrollIntoView(startOf(top), { y: "start" });
  view.dispatch({ selection: { anchor: startOf(line) }, effects: atTop });
  editor.focus();
  // The pane is still finding its size: once more when it has.
  requestAnimationFrame(() => view.dispatch({ effects: atTop }));
}
