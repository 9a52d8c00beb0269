// Lesson 26 (agents): the loop in which a model calls tools, what keeps it within bounds, memory,
// compaction, planning, a chat bot, tools in other processes, and tasks for a small model that learns
// to call tools.
export {
  type AgentOptions,
  type AgentRun,
  type AgentStep,
  ANSWER_TOOL,
  type Budget,
  type Ending,
  exhausted,
  runAgent,
} from "./agent";
export { calculate, calculatorTool, shownNumber } from "./calculator";
export { type BotAnswer, ChatBot, type ChatBotOptions } from "./chatBot";
export {
  type Compacted,
  type CompactOptions,
  compacting,
  compactMessages,
  LEFT_OUT,
} from "./compact";
export {
  codeTool,
  courseTools,
  type Passage,
  type Search,
  searchByWords,
  searchTool,
} from "./courseTools";
export { callKey, LoopDetector } from "./loopDetector";
export { connectTools, courseServer, type McpTools, serveTools } from "./mcp";
export {
  byWords,
  type FindTexts,
  keepStatements,
  type Memory,
  recallMemory,
  type Summarise,
  summaryMemory,
  type Turn,
  windowMemory,
} from "./memory";
export {
  filledStep,
  lastNumber,
  modelPlanner,
  type PlannedRun,
  type Planner,
  runPlan,
} from "./plan";
export {
  PreferenceStore,
  type Preferences,
  statedPreferences,
  toldPreferences,
} from "./preferences";
export {
  loadToolModel,
  type RecordedAgents,
  type RecordedAsked,
  type RecordedSmol,
  recordedAgents,
  recordedSmol,
  toolModelPath,
  type Way,
  ways,
} from "./recorded";
export { countMessages, countWords, inTurn, type Script, scriptedModel } from "./scripted";
export {
  type DrawTaskOptions,
  drawFollowUp,
  drawPrices,
  drawTask,
  inventedItem,
  isRight,
  knownItems,
  missingItems,
  newItems,
  type PriceTable,
  priceTool,
  type ShopKind,
  type ShopTask,
  shopKinds,
  shopTools,
} from "./shop";
export { shopRules } from "./shopRules";
export {
  booking,
  type Filled,
  type FormState,
  fillForm,
  type Slot,
  type SlotValues,
} from "./slots";
export {
  type AskedTask,
  askAll,
  type DialogueTurn,
  type FactDialogue,
  type Figures,
  factDialogue,
  figuresOf,
  holdDialogue,
  judged,
  type ShopDistance,
  shopDialogue,
  shopDistances,
  shopQuestions,
  type TogetherTask,
  togetherPlan,
  togetherTasks,
  type Verdict,
  verdicts,
} from "./study";
export {
  directMessages,
  type TaughtConversation,
  type TaughtOptions,
  type TeachOptions,
  taskMessages,
  taughtConversations,
  taughtFormat,
  taughtIds,
  taughtMessages,
  teachTools,
} from "./taught";
