// The search of the book, in the page alone: MiniSearch over all sections. The index is loaded with
// the first letter that is typed, as a script, because a page from a disk may not fetch files.
(() => {
  const { root } = document.currentScript.dataset;
  const field = document.querySelector(".search input");
  const list = document.querySelector(".search ol");
  let loading;

  const load = (file) =>
    new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `${root}assets/${file}`;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    });

  const index = () => {
    loading ??= Promise.all([
      load("minisearch.js"),
      load("words.js"),
      load("search-index.js"),
    ]).then(() => window.MiniSearch.loadJS(window.bookIndex, window.bookWords.options));
    return loading;
  };

  const escaped = (text) =>
    text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

  /** The words around the first one that was found. */
  function excerpt(text, terms) {
    const found = terms.map((term) => text.toLowerCase().indexOf(term)).filter((at) => at >= 0);
    const at = found.length ? Math.min(...found) : 0;
    const from = Math.max(0, at - 60);
    const piece = escaped((from ? "… " : "") + text.slice(from, at + 120) + " …");
    const words = terms.map((term) => term.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return words.length
      ? piece.replace(new RegExp(`(${words.join("|")})`, "gi"), "<mark>$1</mark>")
      : piece;
  }

  async function search() {
    const query = field.value.trim();
    if (!query) {
      list.replaceChildren();
      return;
    }
    const found = (await index()).search(query).slice(0, 12);
    if (field.value.trim() !== query) return;
    const rows = found.map(({ href, page, title, text, terms }) => {
      const about =
        title && title !== page ? `${escaped(page)} · ${escaped(title)}` : escaped(page);
      const around = `<small>${excerpt(text, terms)}</small>`;
      return `<li><a href="${root}${escaped(href)}">${about}${around}</a></li>`;
    });
    list.innerHTML = rows.join("") || '<li class="none">Nothing was found.</li>';
  }

  let wait;
  field.addEventListener("input", () => {
    clearTimeout(wait);
    wait = setTimeout(search, 120);
  });
  addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    if (event.key === "/" && !/^(input|textarea)$/i.test(document.activeElement.tagName)) {
      event.preventDefault();
      field.focus();
    } else if (event.key === "Escape") {
      field.value = "";
      list.replaceChildren();
    } else if (
      links.length &&
      /^Arrow(Down|Up)$/.test(event.key) &&
      field.parentElement.contains(document.activeElement)
    ) {
      event.preventDefault();
      const next = at + (event.key === "ArrowDown" ? 1 : -1);
      (links[next] ?? field).focus();
    }
  });
  const menu = document.querySelector("button.menu");
  menu?.addEventListener("click", () => {
    const open = document.querySelector("nav.lessons").classList.toggle("open");
    menu.setAttribute("aria-expanded", String(open));
  });
})();
