// A slim bar above each lesson: the lesson before, the course home, the next lesson, and the
// lesson's exercises, which open beside it. Other notebooks have none.
import { openExercise } from "./beside.js";
import { actionLink, element, notebookLink } from "./elements.js";
import { functionNamed } from "./functions.js";
import { COMMAND } from "./home.js";

/** Gives a bar to every notebook that is a lesson, those to come as well. */
export function addBars(lab, lessons) {
  const add = (panel) => {
    let bar;
    const update = () => {
      const lesson = lessons.lessons.find(({ notebook }) => notebook === panel.context.path);
      bar?.dispose();
      bar = lesson && makeBar(lab, lessons, lesson);
      if (bar) panel.contentHeader.addWidget(bar);
    };
    panel.context.pathChanged.connect(update);
    update();
  };
  lab.notebooks.forEach(add);
  lab.notebooks.widgetAdded.connect((_, panel) => add(panel));
}

function makeBar(lab, lessons, lesson) {
  const widget = new lab.Widget();
  widget.addClass("course-Bar");
  const draw = () => {
    const focused = document.activeElement;
    const at = [...widget.node.querySelectorAll("a")].indexOf(focused);
    widget.node.replaceChildren(content(lab, lessons, lesson));
    if (at >= 0) widget.node.querySelectorAll("a")[at]?.focus();
  };
  draw();
  widget.disposed.connect(lessons.changed(draw));
  return widget;
}

function content(lab, { lessons, standing }, lesson) {
  const written = lessons.filter((one) => one.written);
  const at = written.indexOf(lesson);
  const home = `${lab.app.serviceManager.serverSettings.baseUrl}lab`;
  const nav = element(
    "nav",
    {},
    neighbour(lab, written[at - 1], "Previous lesson", (name) => `← ${name}`),
    actionLink(home, () => lab.app.commands.execute(COMMAND), { title: "All lessons" }, "Home"),
    neighbour(lab, written[at + 1], "Next lesson", (name) => `${name} →`),
    element("span", { className: "course-Bar-space" }),
    lesson.tasks.length > 0 && exercises(lab, lesson, standing(lesson)),
  );
  nav.setAttribute("aria-label", "Lesson");
  return nav;
}

function neighbour(lab, lesson, what, text) {
  if (!lesson) return undefined;
  const name = `${lesson.number} · ${lesson.title}`;
  const properties = { className: "course-Bar-neighbour", title: `${what}: ${name}` };
  return notebookLink(lab, lesson.notebook, properties, text(name));
}

/** Opens the exercise file at the first exercise that has not passed. */
function exercises(lab, { exercises: path, tasks }, { done, count, next }) {
  const { baseUrl } = lab.app.serviceManager.serverSettings;
  const at = next ?? tasks[0].name;
  const open = () => openExercise(lab, path, (functions) => functionNamed(at, functions));
  return actionLink(
    `${baseUrl}lab/tree/${path}`,
    open,
    { className: "course-Bar-exercises", title: `Opens ${path} beside the lesson, at ${at}` },
    `Exercises (${done} of ${count})`,
  );
}
