// Starts the slides, and makes what is too high for one smaller, down to half: a slide is 700 high.
(() => {
  const HEIGHT = 700;
  const LEAST = 0.4;

  function fit(section) {
    const body = section?.querySelector(":scope > .body");
    if (!body) return;
    body.style.zoom = 1;
    const room = HEIGHT - body.offsetTop;
    for (let factor = 1; factor >= LEAST; factor -= 0.05) {
      body.style.zoom = factor;
      const scale = section.getBoundingClientRect().height / HEIGHT || 1;
      const { height } = body.getBoundingClientRect();
      const wide = body.scrollWidth > body.clientWidth + 1;
      if (height / scale <= room && !wide) break;
    }
    section.dataset.zoom = body.style.zoom;
  }

  const { Reveal, RevealNotes } = window;
  Reveal.initialize({
    ...{ plugins: [RevealNotes], hash: true, transition: "none", center: false },
    ...{ width: 1040, height: HEIGHT, margin: 0.05, slideNumber: "c/t", progress: true },
  }).then(() => {
    fit(Reveal.getCurrentSlide());
    Reveal.on("slidechanged", ({ currentSlide }) => fit(currentSlide));
    // A live figure takes the place of its picture a moment later.
    new ResizeObserver(() => fit(Reveal.getCurrentSlide())).observe(
      document.querySelector(".slides"),
    );
    addEventListener("figure-drawn", () => fit(Reveal.getCurrentSlide()));
  });
  window.fitSlide = fit;
})();
