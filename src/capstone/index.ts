// An application from the choice to the service (lesson 30, in practice): parts and guardrails,
// questions with outcomes, costs and bounds, drift and alarms, A/B tests, the worked example, a
// learner's project.
export {
  type AdaptOptions,
  adaptStep,
  keepModel,
  teachNewThings,
} from "./adapt";
export {
  type Answer,
  type Application,
  cascade,
  type Guardrail,
  HAND_OVER,
  handedOver,
  type Part,
  type Said,
} from "./application";
export {
  applicationsOf,
  asksChatModel,
  fetchedChat,
  questionsOf,
  topicsOf,
} from "./candidates";
export {
  apiPricePerThousand,
  type BreakEvenOptions,
  breakEven,
  type DecodeOptions,
  type Machine,
  memoryBound,
  ownPricePerThousand,
  paretoFront,
  type SystemFigures,
} from "./costs";
export {
  type Arm,
  customersPerArm,
  drawOutcomes,
  peekingStop,
  type SequentialOptions,
  type Streams,
  sequentialBound,
  stopsAfter,
  twoShareTest,
} from "./experiment";
export {
  type Kind,
  kindNames,
  readKind,
} from "./kinds";
export {
  logOf,
  monitorStep,
  priceStep,
  reportStep,
} from "./laterSteps";
export {
  type Alarm,
  alarmsOf,
  chiSquaredQuantile,
  countTopics,
  driftAlarm,
  driftIndex,
  driftLimit,
  type Normal,
  normalOf,
  OTHER,
  type ServiceRecord,
  type TopicCounts,
  topicFinder,
} from "./monitor";
export {
  type Choices,
  documentsOf,
  MODEL,
  makeProject,
  type Project,
  readProject,
  writeChoices,
} from "./project";
export {
  type Asked,
  byTopic,
  type EvalQuestion,
  type Evaluation,
  evaluateApplication,
  expectedCost,
  goodShare,
  isAccepted,
  isGood,
  type Outcome,
  type OutcomeCosts,
  outcomeOf,
  outcomeShares,
  outcomes,
  readQuestions,
} from "./questions";
export {
  meanOf,
  type RecordedPractice,
  type RecordedSystem,
  type RecordedWindow,
  recordedPractice,
  rivalNames,
  type SystemName,
  systemNames,
} from "./recorded";
export {
  type Criterion,
  cardTemplate,
  filledReport,
  MARKS,
  projectReadme,
  reportTemplate,
  rubric,
} from "./report";
export {
  type EvaluationResult,
  resultOf,
} from "./results";
export {
  asLanguageModel,
  serveApplication,
  type WatchOptions,
  watched,
} from "./serving";
export {
  agentPart,
  chatPart,
  type DrawShopOptions,
  drawShopQuestions,
  faqPart,
  isGrounded,
  namesPart,
  personPart,
  rulesPart,
  shopMix,
  shopPrices,
  shopPrompt,
} from "./shop";
export {
  chooseStep,
  chosenApplication,
  evaluateStep,
} from "./steps";
