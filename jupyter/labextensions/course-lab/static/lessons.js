// What the course home and the bar of a lesson show: the lessons of the course, as set-up has
// written them into lessons.json, and how far the learner is. No kernel is asked. The records are
// in progress.json, at the top of JupyterLab's folder or, for authors, in exercises/.

/** How often to look for a check that was made in a terminal, in milliseconds. */
const PATIENCE = 10_000;

/**
 * The lessons with the learner's standing.
 * @param base where this extension's files are
 * @returns `parts`, as in lessons.json; `standing(lesson)`; `changed(listener)`, which is called
 *   whenever the standing has changed and returns a function that ends it; `refresh()`; or
 *   undefined where set-up has written no lessons
 */
export async function loadLessons(base, { app, notebooks }) {
  const answer = await fetch(`${base}lessons.json`, { cache: "no-store" }).catch(() => undefined);
  if (!answer?.ok) return undefined;
  const { parts } = await answer.json();
  const { contents } = app.serviceManager;
  const listeners = new Set();
  let state = { records: {}, edited: {} };
  let seen;

  async function refresh() {
    const now = await readState(contents).catch(() => undefined);
    if (!now || JSON.stringify(now) === seen) return;
    seen = JSON.stringify(now);
    state = now;
    for (const listener of listeners) listener();
  }
  await refresh();
  setInterval(() => document.hidden || listeners.size === 0 || refresh(), PATIENCE);
  window.addEventListener("focus", refresh);
  watchCells(notebooks, refresh);
  return {
    parts,
    lessons: parts.flatMap((part) => part.lessons),
    standing: (lesson) => standingOf(lesson, state),
    refresh,
    changed: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** A check in a notebook ends with its cell: the kernel is idle again. */
function watchCells(notebooks, refresh) {
  const watched = new WeakSet();
  const watch = ({ sessionContext }) => {
    if (watched.has(sessionContext)) return;
    watched.add(sessionContext);
    sessionContext.statusChanged.connect((_, status) => status === "idle" && refresh());
  };
  notebooks.forEach(watch);
  notebooks.widgetAdded.connect((_, panel) => watch(panel));
}

/** The records of checks and when each exercise file was last saved, from lists of folders. */
async function readState(contents) {
  const filesIn = async (path) => (await contents.get(path)).content ?? [];
  const top = await filesIn("");
  if (!top.some(({ name }) => name === "exercises")) return { records: {}, edited: {} };
  const exercises = await filesIn("exercises");
  const isProgress = ({ name }) => name === "progress.json";
  const file = top.find(isProgress) ?? exercises.find(isProgress);
  const edited = Object.fromEntries(
    exercises.map(({ path, last_modified }) => [path, last_modified]),
  );
  if (!file) return { records: {}, edited };
  const { content } = await contents.get(file.path, {
    type: "file",
    format: "text",
    content: true,
  });
  return { records: JSON.parse(content).lessons ?? {}, edited };
}

/**
 * How far a lesson is: { done, count, points, total, minutes, next, edited }; `next` is the name of
 * the first exercise that has not passed, `edited` says that its file was saved after the last
 * check.
 */
export function standingOf({ id, exercises, tasks }, { records, edited }) {
  const record = records[id] ?? {};
  const passed = tasks.filter(({ name }) => record[name]?.state === "passed");
  const sum = (list, key) => list.reduce((total, task) => total + task[key], 0);
  const checked = Math.max(...Object.values(record).map((r) => Date.parse(r.checked ?? "") || 0));
  return {
    done: passed.length,
    count: tasks.length,
    points: sum(passed, "points"),
    total: sum(tasks, "points"),
    minutes: sum(tasks, "minutes"),
    next: tasks.find((task) => !passed.includes(task))?.name,
    edited: checked > 0 && Date.parse(edited[exercises] ?? "") > checked,
  };
}
