// Every text of figures, drawings, tables, the course home and the bar can be read on its ground, in
// JupyterLab's light and dark themes and where there is no JupyterLab: at least 4.5 : 1 (WCAG 2.2,
// success criterion 1.4.3).
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { inkOn } from "llm/display/placing";
import {
  colorAt,
  diverging,
  luminance,
  palette,
  sequential,
  textOn,
  theme,
  toneColors,
} from "llm/display/style";
import { tokensToHtml } from "llm/display/tokens";
import { describe, expect, test } from "vitest";

type Color = [number, number, number, number];
const LEAST = 4.5;

/** "#rrggbb" or "rgba(r,g,b,a)". */
function parse(color: string): Color {
  if (color.startsWith("#")) {
    const [r, g, b] = [1, 3, 5].map((i) => Number.parseInt(color.slice(i, i + 2), 16));
    return [r, g, b, 1];
  }
  const [r, g, b, a = 1] = (color.match(/[\d.]+/g) ?? []).map(Number);
  return [r, g, b, a];
}

/** What is seen where colours lie on top of each other, the lowest first. */
function painted(...layers: [string, number?][]): string {
  let seen = [0, 0, 0];
  for (const [color, opacity = 1] of layers) {
    const [r, g, b, a] = parse(color);
    const share = a * opacity;
    seen = [r, g, b].map((c, i) => share * c + (1 - share) * seen[i]);
  }
  return `#${seen.map((c) => Math.round(c).toString(16).padStart(2, "0")).join("")}`;
}

function contrast(text: string, ...ground: [string, number?][]): number {
  const [a, b] = [painted(...ground, [text]), painted(...ground)].map(luminance);
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** The variables of JupyterLab 4's themes that the course uses. */
const variables: Record<string, [light: string, dark: string]> = {
  "--jp-layout-color0": ["#ffffff", "#111111"],
  "--jp-layout-color1": ["#ffffff", "#212121"],
  "--jp-layout-color2": ["#eeeeee", "#424242"],
  "--jp-content-font-color1": ["rgba(0,0,0,0.87)", "#ffffff"],
  "--jp-content-font-color2": ["rgba(0,0,0,0.54)", "rgba(255,255,255,0.7)"],
  "--jp-content-link-color": ["#0d47a1", "#64b5f6"],
};

/** Page and ink: without JupyterLab and in it. */
const pages = ([0, 1] as const).flatMap((i) => [
  { where: ["light", "dark"][i], page: theme.page[i], ink: theme.ink[i] },
  {
    where: `JupyterLab, ${["light", "dark"][i]}`,
    page: variables[theme.page[2]][i],
    ink: variables[theme.ink[2]][i],
  },
]);

describe.each(pages)("figures and drawings: $where", ({ page, ink }) => {
  test("text on the page", () => expect(contrast(ink, [page])).toBeGreaterThanOrEqual(LEAST));

  test.each(Object.entries(toneColors))("text in a box of the tone %s, in a group", (_, tone) => {
    for (const group of Object.values(toneColors))
      expect(contrast(ink, [page], [group, 0.07], [tone, 0.16])).toBeGreaterThanOrEqual(LEAST);
  });

  test("tokens of any weight", () => {
    const list = Array.from({ length: 11 }, (_, i) => ({ text: "a", weight: i / 10 }));
    const html = tokensToHtml([...list, { text: "b" }, { text: "c" }]);
    const grounds = [...html.matchAll(/background:(rgba\([^)]*\))/g)].map(([, ground]) => ground);
    expect(grounds).toHaveLength(13);
    for (const ground of grounds)
      expect(contrast(ink, [page], [ground]), ground).toBeGreaterThanOrEqual(LEAST);
  });
});

test.each([
  ["heat maps", sequential],
  ["heat maps with two directions", diverging],
])("numbers in the cells of %s", (_, scale) => {
  for (let i = 0; i <= 1000; i++) {
    const ground = colorAt(scale, i / 1000);
    expect(contrast(textOn(ground), [ground]), ground).toBeGreaterThanOrEqual(LEAST);
  }
});

test("numbers in bars", () => {
  for (const color of palette)
    expect(contrast(inkOn(color), [color]), color).toBeGreaterThanOrEqual(LEAST);
});

describe("the course home and the bar", () => {
  const file = "jupyter/labextensions/course-lab/static/course.css";
  const css = readFileSync(resolve(__dirname, "../../..", file), "utf8").replace(
    /\/\*.*?\*\//gs,
    "",
  );
  const rules = [...css.matchAll(/([^{}]+)\{([^}]*)\}/g)].map(([, selector, body]) => ({
    selector: selector.trim(),
    color: /(?:^|[\s;])color: var\((.*?)\)/.exec(body)?.[1],
    ground: /background: var\((.*?)\)/.exec(body)?.[1],
  }));
  /** The grounds on which text may stand: the page of the home, and the box of the next lesson. */
  const groundsOf = (selector: string) => {
    if (/Home-next/.test(selector)) return ["--jp-layout-color2"];
    return ["--jp-layout-color1"];
  };
  const texts = rules.filter(({ color }) => color !== undefined);

  test("text stands on two grounds only", () => {
    const painting = rules.filter(
      ({ ground, selector }) => ground && !/meter|-bar$/.test(selector),
    );
    expect(painting.map(({ selector, ground }) => [selector, ground])).toEqual([
      [".course-Home", "--jp-layout-color1"],
      [".course-Home a.course-Home-next", "--jp-layout-color2"],
      [".course-Bar", "--jp-layout-color1"],
    ]);
    expect(texts.length).toBeGreaterThan(6);
  });

  test.each(texts.map((rule) => [rule.selector, rule.color as string]))("%s", (selector, color) => {
    for (const ground of groundsOf(selector))
      for (const i of [0, 1] as const)
        expect(contrast(variables[color][i], [variables[ground][i]])).toBeGreaterThanOrEqual(LEAST);
  });
});
