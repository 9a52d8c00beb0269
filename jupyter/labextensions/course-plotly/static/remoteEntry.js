// A JupyterLab mime extension, written by hand as the federated module that a webpack build would make: no build step,
// no request outside. plotly.js lies beside it (copied from node_modules by tools/setup/plotly.mjs). It draws Plotly's
// figures, and the course's own drawings (SVG): JupyterLab alone refuses those in notebooks that are not trusted, such as
// those of a fresh clone, and shows them in the colours of the system instead of the theme's.
(() => {
  const NAME = "course-plotly";
  const MIME = "application/vnd.plotly.v1+json";
  const base = document.currentScript.src.replace(/[^/]*$/, "");
  let sharedScope;
  let loading;

  /** plotly.js is 5 MB: it is fetched with the first figure, once for the page. */
  function loadPlotly() {
    loading ??= new Promise((resolve, reject) => {
      if (window.Plotly) return resolve(window.Plotly);
      // As an AMD module it would register with require.js, if some other extension has brought that, and not be found.
      const amd = window.define;
      window.define = undefined;
      const script = document.createElement("script");
      script.src = `${base}plotly.js`;
      script.onload = () => {
        window.define = amd;
        resolve(window.Plotly);
      };
      script.onerror = () => {
        window.define = amd;
        loading = undefined;
        reject(new Error("plotly.js is not there. Run npm start once more: it copies the file"));
      };
      document.head.appendChild(script);
    });
    return loading;
  }

  /** The newest version of a package that JupyterLab shares with its extensions. */
  async function shared(name) {
    const versions = Object.values(sharedScope[name]);
    return (await versions[versions.length - 1].get())();
  }

  const color = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();

  /** The theme's ink and lines; what a figure sets itself is kept. */
  function themed(layout, hasLegend) {
    const ink = color("--jp-ui-font-color1") || "#444";
    const grid = color("--jp-border-color2") || "#ddd";
    const axis = (given = {}) => ({ gridcolor: grid, linecolor: grid, zerolinecolor: grid, automargin: true, ...given });
    const axes = {};
    for (const key of new Set(["xaxis", "yaxis", ...Object.keys(layout).filter((k) => /^[xy]axis\d*$/.test(k))]))
      axes[key] = axis(layout[key]);
    return {
      autosize: true,
      height: 360,
      colorway: ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8A8A8A"],
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      hovermode: "closest",
      margin: { l: 64, r: 24, t: 14 + (layout.title ? 34 : 0) + (hasLegend ? 28 : 0), b: 52 },
      legend: { orientation: "h", x: 0, xanchor: "left", y: 1.02, yanchor: "bottom" },
      ...layout,
      font: { color: ink, family: color("--jp-ui-font-family") || "sans-serif", size: 12, ...layout.font },
      title: layout.title && { x: 0.01, xanchor: "left", y: 0.97, yanchor: "top", font: { size: 15 }, ...layout.title },
      ...axes,
    };
  }

  const SVG = "image/svg+xml";
  const ELEMENTS = new Set("svg g path rect circle text tspan style image".split(" "));

  /** A drawing of ours with nothing in it that runs or fetches; null where it is none. */
  function harmless(source) {
    const root = new DOMParser().parseFromString(source, SVG).documentElement;
    if (root.localName !== "svg" || !root.classList.contains("llm-svg")) return null;
    for (const element of [root, ...root.querySelectorAll("*")]) {
      const style = element.localName === "style" && /url|@import|\\/i.test(element.textContent);
      if (!ELEMENTS.has(element.localName) || style) return null;
      for (const { name, value } of element.attributes) {
        const link = /href$/i.test(name) && !value.startsWith("data:image/png;");
        if (/^on/i.test(name) || link || (name !== "href" && /url\(/i.test(value))) return null;
      }
    }
    return document.importNode(root, true);
  }

  async function createModule() {
    const { Widget } = await shared("@lumino/widgets");

    class PlotlyRenderer extends Widget {
      constructor() {
        super();
        this.addClass("jp-RenderedPlotly");
        this.node.style.padding = "4px 0";
        this.plot = this.node.appendChild(document.createElement("div"));
        this.caption = this.node.appendChild(document.createElement("div"));
        Object.assign(this.caption.style, {
          color: "var(--jp-ui-font-color1)",
          fontFamily: "var(--jp-content-font-family)",
          fontSize: "var(--jp-content-font-size1)",
          lineHeight: "1.45",
          padding: "10px 0 8px 6px",
        });
        this.queue = Promise.resolve();
        // JupyterLab names the theme on <body>: another theme, other colours.
        this.themes = new MutationObserver(() => this.draw());
        this.themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name", "data-jp-theme-light"] });
        // The width changes with side bars and windows, also while the cell is out of sight.
        this.sizes = new ResizeObserver(() => this.fit());
        this.sizes.observe(this.node);
      }

      renderModel(model) {
        this.figure = model.data[MIME];
        return this.draw();
      }

      /** One drawing at a time; frames that came meanwhile are drawn as one. */
      draw() {
        this.wanted = true;
        this.queue = this.queue.then(async () => {
          if (!this.wanted || this.isDisposed || !this.figure) return;
          this.wanted = false;
          try {
            const Plotly = await loadPlotly();
            const { data = [], layout = {}, config = {}, frames } = this.figure;
            this.caption.textContent = "";
            // Plotly writes into what it draws; the notebook's own copy must stay as it is.
            const copy = structuredClone({ data, layout, frames });
            copy.layout = themed(copy.layout, copy.data.length > 1);
            this.given = copy.layout.width;
            if (this.given) copy.layout.width = this.width();
            await Plotly.react(this.plot, { ...copy, config: { displaylogo: false, ...config, responsive: false } });
            this.say(layout);
            // A slider moves a figure from frame to frame, and each may have a caption of its own.
            if (!this.moves) this.plot.on("plotly_animatingframe", ({ frame }) => this.say(frame?.layout));
            this.moves = true;
          } catch (error) {
            this.caption.textContent = `This figure could not be drawn: ${error?.message ?? error}`;
          }
        });
        return this.queue;
      }

      say(layout) {
        const caption = layout?.meta?.caption;
        if (caption !== undefined) this.caption.textContent = caption;
      }

      /** A figure with a width of its own (a heat map of square cells) shrinks where the page is narrower. */
      width() {
        return this.given ? Math.min(this.given, this.plot.clientWidth || this.given) : this.plot.clientWidth;
      }

      fit() {
        cancelAnimationFrame(this.frame);
        this.frame = requestAnimationFrame(() => {
          const shown = !this.isDisposed && this.node.clientWidth > 0 && this.plot.classList.contains("js-plotly-plot");
          if (!shown || this.plot._fullLayout?.width === this.width()) return;
          if (this.given) window.Plotly.relayout(this.plot, { width: this.width() });
          else window.Plotly.Plots.resize(this.plot);
        });
      }

      onAfterShow() {
        this.fit();
      }

      dispose() {
        if (this.isDisposed) return;
        this.themes.disconnect();
        this.sizes.disconnect();
        if (window.Plotly) window.Plotly.purge(this.plot);
        super.dispose();
      }
    }

    /** Drawings of ours within the page, so that they take its colours; any other as an image. */
    class DrawingRenderer extends Widget {
      constructor() {
        super();
        this.addClass("jp-RenderedDrawing");
        this.node.style.padding = "4px 0";
        // Style sheets of a drawing end at the edge of its shadow, and the theme's variables reach into it.
        this.shadow = this.node.attachShadow({ mode: "open" });
      }

      async renderModel(model) {
        const source = String(model.data[SVG] ?? "");
        const drawing = harmless(source) ?? new Image();
        if (drawing instanceof Image) drawing.src = `data:${SVG},${encodeURIComponent(source)}`;
        else drawing.removeAttribute("height");
        Object.assign(drawing.style, { maxWidth: "100%", height: "auto", display: "block" });
        this.shadow.replaceChildren(drawing);
      }
    }

    // "safe": drawn in notebooks that are not trusted, too.
    return {
      __esModule: true,
      default: [
        {
          id: `${NAME}:factory`,
          // Rank below 50: before HTML and pictures.
          rendererFactory: { safe: true, mimeTypes: [MIME], createRenderer: () => new PlotlyRenderer() },
          rank: 0,
          dataType: "json",
        },
        {
          id: `${NAME}:drawings`,
          rendererFactory: { safe: true, mimeTypes: [SVG], createRenderer: () => new DrawingRenderer() },
          rank: 80,
          dataType: "string",
        },
      ],
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
