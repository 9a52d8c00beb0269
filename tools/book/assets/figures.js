// Puts a live figure in the place of the saved picture when it comes into view: Plotly is 5 MB and is
// loaded with the first of them. If it cannot be drawn, the picture stays. Colours follow the system.
// The same script serves the book and the slides; these have Plotly inside the page already.
(() => {
  const source = document.currentScript?.dataset.plotly;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let loading;

  const loadPlotly = () => {
    loading ??= new Promise((resolve, reject) => {
      if (window.Plotly) return resolve(window.Plotly);
      const script = document.createElement("script");
      script.src = source;
      script.onload = () => resolve(window.Plotly);
      script.onerror = reject;
      document.head.append(script);
    });
    return loading;
  };

  /** The page's ink and lines; what a figure sets itself is kept. */
  function themed(layout) {
    const colour = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();
    const [ink, grid] = [colour("--ink"), colour("--line")];
    const out = { autosize: true, ...layout, font: { color: ink, size: 12, ...layout.font } };
    for (const key of new Set(["xaxis", "yaxis", ...Object.keys(layout)]))
      if (/^[xy]axis\d*$/.test(key))
        out[key] = { gridcolor: grid, linecolor: grid, zerolinecolor: grid, ...layout[key] };
    return out;
  }

  async function draw(box) {
    const saved = box.querySelector("script[type='application/json']");
    const { data = [], layout = {}, config = {}, frames } = JSON.parse(saved.textContent);
    const Plotly = await loadPlotly();
    const place = box.querySelector(".plot") ?? document.createElement("div");
    const caption = box.querySelector(".caption") ?? document.createElement("p");
    const wanted = themed(layout);
    if (wanted.width) wanted.width = Math.min(wanted.width, box.clientWidth);
    place.className = "plot";
    place.setAttribute("role", "img");
    const picture = box.querySelector("svg.llm-svg");
    place.setAttribute("aria-label", picture?.getAttribute("aria-label") ?? "");
    caption.className = "caption";
    const say = (given) => {
      if (given?.meta?.caption !== undefined) caption.textContent = given.meta.caption;
    };
    if (!place.isConnected) {
      box.append(place, caption);
      if (picture) picture.style.display = "none";
    }
    try {
      await Plotly.react(place, {
        data,
        layout: wanted,
        frames,
        config: { ...config, responsive: true },
      });
    } catch (error) {
      place.remove();
      caption.remove();
      if (picture) picture.style.display = "";
      throw error;
    }
    say(layout);
    if (!box.drawn) place.on("plotly_animatingframe", ({ frame }) => say(frame?.layout));
    box.drawn = true;
    dispatchEvent(new Event("figure-drawn"));
  }

  const seen = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries)
        if (isIntersecting) {
          seen.unobserve(target);
          draw(target).catch((error) => console.error(`figure: ${error?.message ?? error}`));
        }
    },
    { rootMargin: "300px" },
  );
  for (const box of document.querySelectorAll(".figure.live")) seen.observe(box);
  dark.addEventListener("change", () => {
    for (const box of document.querySelectorAll(".figure.live")) if (box.drawn) draw(box);
  });
})();
