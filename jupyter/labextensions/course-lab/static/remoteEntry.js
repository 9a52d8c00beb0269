// The course's own JupyterLab extension, written by hand as the federated module that a webpack
// build would make: no build step, no request to another machine. This file only hands JupyterLab
// the plugin; what it does is in the ES modules beside it, which are fetched when it starts.
(() => {
  const NAME = "course-lab";
  const base = document.currentScript.src.replace(/[^/]*$/, "");
  let sharedScope;

  /** The newest version of a package that JupyterLab shares with its extensions. */
  async function shared(name) {
    const versions = Object.values(sharedScope[name]);
    return (await versions[versions.length - 1].get())();
  }

  async function createModule() {
    const [{ INotebookTracker }, { IDocumentManager }, { ICommandPalette }, { Widget }] =
      await Promise.all(
        ["notebook", "docmanager", "apputils"]
          .map((name) => `@jupyterlab/${name}`)
          .concat("@lumino/widgets")
          .map(shared),
      );
    const { activate } = await import(`${base}course.js`);
    return {
      __esModule: true,
      default: {
        id: `${NAME}:plugin`,
        description: "The course home, a bar in each lesson, exercises beside the notebook.",
        autoStart: true,
        requires: [IDocumentManager, INotebookTracker],
        optional: [ICommandPalette],
        // Not waited for: JupyterLab starts while the lessons are read.
        activate: (app, documents, notebooks, palette) => {
          activate({ app, documents, notebooks, palette, Widget }, base);
        },
      },
    };
  }

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB[NAME] = {
    init: (scope) => {
      sharedScope = scope;
    },
    get: async () => {
      const module = await createModule();
      return () => module;
    },
  };
})();
