// Elements of a page and links that JupyterLab opens, for the course home and the bar.

/**
 * An element: `element("a", { className: "x", href: "…" }, "text", child)`. Children that are
 * false or undefined are left out; texts are texts, never markup.
 */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter((child) => child || child === 0));
  return made;
}

/**
 * A link to a notebook. A plain click opens it in JupyterLab; any other, such as one with Ctrl, is
 * the browser's.
 */
export function notebookLink({ app, documents }, path, properties, ...children) {
  const { baseUrl } = app.serviceManager.serverSettings;
  const href = `${baseUrl}lab/tree/${path.split("/").map(encodeURIComponent).join("/")}`;
  return actionLink(href, () => documents.openOrReveal(path), properties, ...children);
}

/** A link that does something of ours when it is clicked. */
export function actionLink(href, act, properties, ...children) {
  const link = element("a", { href, ...properties }, ...children);
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    act();
  });
  return link;
}
