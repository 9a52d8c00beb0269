// The speedrun board: recipes as small files, each trained with several seeds, ranked by validation
// loss at equal steps and by time to a loss.
export type { Interval, Ranked, Verdict } from "./rank";
export { compare, goalOf, interval, rank, timeTo } from "./rank";
export type { Recipe, RecipeParts } from "./recipe";
export { checkRecipe, readRecipes, recipeParts } from "./recipe";
export { boardHtml, boardRows, curveFigure, lossFigure } from "./report";
export type { Board, BoardOptions, BoardRun } from "./run";
export { readBoard, runBoard } from "./run";
