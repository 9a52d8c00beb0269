// The Markdown that models write, as HTML that is safe: everything is escaped first, and only then do
// the few signs become elements, so that no text can bring an element of its own. After CommonMark,
// as far as answers in a chat need it: paragraphs, headings, lists, code, bold, italic, links. The
// function is also sent to the browser as it stands (./page), so it uses nothing from outside of it.

/**
 * @param text what a model has written, perhaps not to its end
 * @returns HTML; links go to http and https only
 */
export function markdownToHtml(text: string): string {
  const escapes: Record<string, string> = {
    ...{ "&": "&amp;", "<": "&lt;", ">": "&gt;" },
    ...{ '"': "&quot;", "'": "&#39;" },
  };
  const escaped = (part: string) => part.replace(/[&<>"']/g, (sign) => escapes[sign]);
  const link = /\[([^\]\n]*)\]\((https?:\/\/[^\s)]+)\)/g;
  const styled = (part: string) =>
    part
      .replace(/\*\*([^*\n]+)\*\*/g, "<strong>$1</strong>")
      .replace(/\*([^*\s][^*\n]*)\*/g, "<em>$1</em>");
  // code in a line, and addresses, are put aside, so that signs in them stay what they are
  const inline = (part: string) => {
    const aside: string[] = [];
    const keep = (html: string) => `\u0000${aside.push(html) - 1}\u0000`;
    const rest = escaped(part.replaceAll("\u0000", ""))
      .replace(/`([^`\n]+)`/g, (_, code: string) => keep(`<code>${code}</code>`))
      .replace(link, (_, label: string, address: string) => {
        const open = keep(`<a href="${address}" rel="noopener noreferrer" target="_blank">`);
        return `${open}${label}${keep("</a>")}`;
      });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: put there above, and in no text
    return styled(rest).replace(/\u0000(\d+)\u0000/g, (_, i: string) => aside[Number(i)]);
  };
  const html: string[] = [];
  let list: "ul" | "ol" | undefined;
  let code: string[] | undefined;
  let paragraph: string[] = [];
  const endParagraph = () => {
    if (paragraph.length > 0) html.push(`<p>${paragraph.map(inline).join("<br>")}</p>`);
    paragraph = [];
  };
  const inList = (kind?: "ul" | "ol") => {
    if (list === kind) return;
    if (list) html.push(`</${list}>`);
    if (kind) html.push(`<${kind}>`);
    list = kind;
  };
  const endCode = () => {
    if (code) html.push(`<pre><code>${escaped(code.join("\n"))}</code></pre>`);
    code = undefined;
  };
  for (const line of text.split("\n")) {
    if (/^\s*```/.test(line)) {
      endParagraph();
      inList();
      if (code) endCode();
      else code = [];
      continue;
    }
    if (code) {
      code.push(line);
      continue;
    }
    const heading = /^(#{1,4})\s+(.*)$/.exec(line);
    const bullet = /^\s*[-*+]\s+(.*)$/.exec(line);
    const numbered = /^\s*\d{1,3}[.)]\s+(.*)$/.exec(line);
    const item = bullet ?? numbered;
    if (heading || item || line.trim() === "") endParagraph();
    inList(bullet ? "ul" : numbered ? "ol" : line.trim() === "" && list ? list : undefined);
    if (heading)
      html.push(`<h${heading[1].length + 2}>${inline(heading[2])}</h${heading[1].length + 2}>`);
    else if (item) html.push(`<li>${inline(item[1])}</li>`);
    else if (line.trim() !== "") paragraph.push(line);
  }
  endParagraph();
  inList();
  endCode();
  return html.join("");
}
