// The course home: all lessons of the course, which of them are written, what is done, and what
// comes next as one large link. It is a page of JupyterLab, drawn without a kernel.
import { element, notebookLink } from "./elements.js";

const ID = "course-home";
export const COMMAND = "course:home";

/** Adds the command that opens the page, and opens it unless the address names a file. */
export function addHome(lab, lessons) {
  const { app, Widget, palette } = lab;
  const open = () => {
    const { shell } = app;
    if (![...shell.widgets("main")].some(({ id }) => id === ID))
      shell.add(makeHome(Widget, lab, lessons), "main");
    shell.activateById(ID);
    lessons.refresh();
  };
  app.commands.addCommand(COMMAND, { label: "Course home", execute: open });
  palette?.addItem({ command: COMMAND, category: "Course" });
  app.restored.then(() => {
    if (/\/(tree|doc)\//.test(window.location.pathname)) return;
    open();
    for (const widget of [...app.shell.widgets("main")])
      if (widget.id.startsWith("launcher")) widget.close();
  });
}

function makeHome(Widget, lab, lessons) {
  const widget = new Widget();
  widget.id = ID;
  widget.addClass("course-Home");
  Object.assign(widget.title, { label: "Course home", caption: "All lessons", closable: true });
  const draw = () => {
    // Whoever is on a link with the keyboard stays there.
    const focused = document.activeElement?.closest?.(`#${ID} a`)?.href;
    widget.node.replaceChildren(page(lab, lessons));
    for (const link of widget.node.querySelectorAll("a")) if (link.href === focused) link.focus();
  };
  draw();
  widget.disposed.connect(lessons.changed(draw));
  return widget;
}

function page(lab, { parts, lessons, standing }) {
  const written = lessons.filter((lesson) => lesson.written);
  const all = written.map(standing);
  const sum = (key) => all.reduce((total, one) => total + one[key], 0);
  const next = written.find((lesson) => standing(lesson).next);
  return element(
    "main",
    {},
    element("h1", {}, "LLM from Scratch in TypeScript"),
    element(
      "p",
      { className: "course-Home-sum" },
      `${sum("done")} of ${sum("count")} exercises passed, ${sum("points")} of ` +
        `${sum("total")} points. ${written.length} of ${lessons.length} lessons are written.`,
    ),
    meter("All exercises", sum("points"), sum("total")),
    next ? nextLink(lab, next, standing(next), sum("done") > 0) : allDone(written.length),
    ...parts.map((part) => partSection(lab, part, standing)),
  );
}

const allDone = (written) =>
  element(
    "p",
    { className: "course-Home-done" },
    written ? "You have passed every exercise there is." : "No lesson is written yet.",
  );

/** Read by eyes only: the numbers stand beside it in words. */
function meter(label, value, total) {
  const bar = element("div", { className: "course-Home-bar" });
  bar.style.width = `${total ? (100 * value) / total : 0}%`;
  const made = element("div", { className: "course-Home-meter", title: label }, bar);
  made.setAttribute("aria-hidden", "true");
  return made;
}

function nextLink(lab, { number, title, notebook, tasks }, { next, done }, begun) {
  const { minutes } = tasks.find(({ name }) => name === next);
  const what = begun || done ? "Next" : "Begin here";
  return notebookLink(
    lab,
    notebook,
    { className: "course-Home-next" },
    element("span", { className: "course-Home-what" }, what),
    element("strong", {}, `${number} · ${title}`),
    (begun || done > 0) &&
      element("span", {}, `exercise ${next}, about ${counted(minutes, "minute")}`),
  );
}

function partSection(lab, { title, lessons }, standing) {
  const rows = lessons.map((lesson) => row(lab, lesson, standing(lesson)));
  return element("section", {}, element("h2", {}, title), element("ul", {}, ...rows));
}

function row(lab, lesson, standing) {
  const { number, title, subjects, written, notebook } = lesson;
  const complete = written && standing.count > 0 && standing.done === standing.count;
  const name = `${number} · ${title}`;
  const about = element("span", { className: "course-Home-about" }, subjects.join(" · "));
  const label = written ? notebookLink(lab, notebook, {}, name) : element("span", {}, name);
  return element(
    "li",
    { className: written ? (complete ? "course-mod-complete" : "") : "course-mod-planned" },
    element("div", { className: "course-Home-lesson" }, label, about),
    element("div", { className: "course-Home-standing" }, ...words(lesson, standing, complete)),
  );
}

function words({ written, tasks }, { done, count, points, total, minutes, edited }, complete) {
  if (!written) return ["planned"];
  if (tasks.length === 0) return ["no exercises"];
  const told = [
    `${complete ? "✓ " : ""}${done} of ${counted(count, "exercise")}`,
    `${points} of ${counted(total, "point")}`,
    ...(complete ? [] : [`about ${minutes} min`]),
  ];
  const late = edited && element("em", {}, "edited since the last check");
  return [element("span", {}, told.join(" · ")), late];
}

const counted = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;
