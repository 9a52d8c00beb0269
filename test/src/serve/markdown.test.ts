// Markdown as HTML: what it can say, and that nothing else gets through.

import fc from "fast-check";
import { chatPage, markdownToHtml } from "llm/serve";
import { expect, test } from "vitest";

test("what answers are made of", () => {
  expect(markdownToHtml("Hello **you** and *me*.\nNext line.\n\nNew `a < b` one")).toBe(
    "<p>Hello <strong>you</strong> and <em>me</em>.<br>Next line.</p>" +
      "<p>New <code>a &lt; b</code> one</p>",
  );
  expect(markdownToHtml("# T\n- a\n- b\n\n1. x\n2) y")).toBe(
    "<h3>T</h3><ul><li>a</li><li>b</li></ul><ol><li>x</li><li>y</li></ol>",
  );
  expect(markdownToHtml("```ts\nif (a < b) *x*\n```\nafter")).toBe(
    "<pre><code>if (a &lt; b) *x*</code></pre><p>after</p>",
  );
  expect(markdownToHtml("see [here](https://example.org/a_b?c=1&d=2)")).toBe(
    '<p>see <a href="https://example.org/a_b?c=1&amp;d=2" rel="noopener noreferrer" ' +
      'target="_blank">here</a></p>',
  );
});

test("a text that is not at its end yet", () => {
  expect(markdownToHtml("```\nhalf")).toBe("<pre><code>half</code></pre>");
  expect(markdownToHtml("half **bold")).toBe("<p>half **bold</p>");
  expect(markdownToHtml("")).toBe("");
});

/** Elements that it makes, and no others. */
const ELEMENT =
  /^<\/?(p|strong|em|code|pre|ul|ol|li|br|h[3-6]|a)>$|^<a href="https?:\/\/[^"<>\s]+" rel="noopener noreferrer" target="_blank">$/;

test("no text brings an element, an attribute or a script of its own", () => {
  const attacks = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[a](javascript:alert(1))",
    '[a](https://x" onmouseover="alert(1))',
    "[a](https://x'onclick='alert(1))",
    "`<b>`**<i>**",
    "[**x**](https://y) \u00000\u0000 [a](https://`b`)",
    "```\n</code></pre><script>\n```",
    '[x](https://a"><script>)',
  ];
  const parts = fc.oneof(
    fc.constantFrom(...attacks, "\n", "**", "*", "`", "- ", "```", "# "),
    fc.string(),
  );
  const property = fc.property(fc.array(parts, { maxLength: 12 }), (pieces) => {
    for (const [tag] of markdownToHtml(pieces.join("")).matchAll(/<[^>]*>?/g))
      expect(tag).toMatch(ELEMENT);
  });
  fc.assert(property, { numRuns: 500, seed: 24 });
});

test("the page holds the same function, and a model's name cannot end its script", () => {
  const page = chatPage("</script><script>alert(1)");
  expect(page.match(/<script>/g)).toHaveLength(1);
  const source = /const markdown = ([\s\S]*?);\n\n?"use strict"/.exec(page)?.[1];
  const inPage = new Function(`return ${source}`)() as typeof markdownToHtml;
  const text = "# A\n- **b** `c` [d](https://e)\n<script>";
  expect(inPage(text)).toBe(markdownToHtml(text));
  expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
});

test("the page says that an AI answers, where no message and no new chat removes it", () => {
  const page = chatPage("a model");
  const visible = page.replace(/<(style|script)>[\s\S]*?<\/\1>/g, "");
  const log = /<main[\s\S]*<\/main>/.exec(visible)?.[0] ?? "";
  const said = /<p id="ai">(You are talking to an AI system, not to a person\.[^<]*)<\/p>/;
  expect(visible.replace(log, "")).toMatch(said); // outside of what the script empties
  expect(visible).toMatch(/<textarea[^>]*aria-describedby="ai"/); // said to screen readers, too
  expect(visible.indexOf('id="ai"')).toBeGreaterThan(visible.indexOf("<textarea"));
});
