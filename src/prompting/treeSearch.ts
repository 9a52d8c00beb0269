// Tree of thoughts (Yao et al., "Tree of Thoughts: Deliberate Problem Solving with Large Language
// Models", 2023): partial solutions are the nodes of a tree; a proposer says how one may go on, a value
// says how promising it is, and a search decides which is looked at next, within a budget. What
// proposes and values is the caller's: a model, a rule, or chance as the control. Left out: Monte
// Carlo tree search.

export interface TreeSearchOptions<S> {
  /** How a partial solution may go on; empty if it cannot. */
  propose(state: S): Promise<readonly S[]> | readonly S[];
  /** Larger is more promising. Asked once for each proposed state. */
  value(state: S): Promise<number> | number;
  isGoal(state: S): boolean;
  /**
   * "breadth" keeps the best `width` states of each depth, as Yao et al.'s ToT-BFS; "depth" goes on
   * from the best proposal and comes back when it fails, as their ToT-DFS.
   */
  order: "breadth" | "depth";
  /** How many states are kept for each depth, or of the proposals for one state. */
  width: number;
  /** At most so many states are expanded: each asks the proposer once. */
  budget: number;
  /** Depth first only: states of a lower value are not entered. */
  threshold?: number;
}

export interface TreeSearchResult<S> {
  /** The goal that was found; of several at one depth that of the largest value. */
  found?: S;
  /** Every state that was expanded, in this order. */
  expanded: S[];
  /** Where each proposed state came from, with its value. */
  proposed: { state: S; from: S; value: number }[];
}

/**
 * Looks for a goal. Of equal values the one proposed first is preferred.
 * @throws unless width and budget are whole numbers from 1
 */
export async function treeSearch<S>(
  root: S,
  options: TreeSearchOptions<S>,
): Promise<TreeSearchResult<S>> {
  for (const name of ["width", "budget"] as const)
    if (!(Number.isInteger(options[name]) && options[name] >= 1))
      throw new Error(`treeSearch: expected a ${name} of 1 or more, got ${options[name]}`);
  const result: TreeSearchResult<S> = { expanded: [], proposed: [] };
  if (options.isGoal(root)) return { ...result, found: root };
  if (options.order === "breadth") await breadthFirst(root, options, result);
  else await depthFirst(root, options, result);
  return result;
}

interface Valued<S> {
  state: S;
  value: number;
}

/**
 * Asks the proposer about all states side by side, then the value one by one; the best come first.
 */
async function expand<S>(
  states: readonly S[],
  { propose, value }: TreeSearchOptions<S>,
  result: TreeSearchResult<S>,
): Promise<Valued<S>[]> {
  const proposals = await Promise.all(states.map((state) => propose(state)));
  const next: Valued<S>[] = [];
  for (const [i, from] of states.entries()) {
    result.expanded.push(from);
    for (const state of proposals[i]) {
      const one = { state, value: await value(state) };
      next.push(one);
      result.proposed.push({ ...one, from });
    }
  }
  return next.sort((a, b) => b.value - a.value); // stable: equals stay in their order
}

async function breadthFirst<S>(
  root: S,
  options: TreeSearchOptions<S>,
  result: TreeSearchResult<S>,
): Promise<void> {
  let level: S[] = [root];
  while (level.length > 0) {
    const left = options.budget - result.expanded.length;
    const next = await expand(level.slice(0, left), options, result);
    const goal = next.find(({ state }) => options.isGoal(state));
    if (goal) {
      result.found = goal.state;
      return;
    }
    if (result.expanded.length >= options.budget) return;
    level = next.slice(0, options.width).map(({ state }) => state);
  }
}

async function depthFirst<S>(
  root: S,
  options: TreeSearchOptions<S>,
  result: TreeSearchResult<S>,
): Promise<void> {
  const { isGoal, width, budget, threshold = Number.NEGATIVE_INFINITY } = options;
  const open: S[] = [root];
  while (open.length > 0 && result.expanded.length < budget) {
    const next = await expand([open.pop() as S], options, result);
    const goal = next.find(({ state }) => isGoal(state));
    if (goal) {
      result.found = goal.state;
      return;
    }
    const entered = next.slice(0, width).filter(({ value }) => value >= threshold);
    open.push(...entered.reverse().map(({ state }) => state)); // the best is taken first
  }
}
