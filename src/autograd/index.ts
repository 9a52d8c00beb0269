// Automatic differentiation on scalars, and small networks made of them: the subject of lesson 02
// (a neural network by hand). Models on tensors use tfjs's gradients instead.
export { type GraphDrawingOptions, graphDrawing } from "./drawing";
export {
  crossEntropyLoss,
  hingeLoss,
  logisticLoss,
  type MarginLoss,
  marginLosses,
  squaredLoss,
} from "./losses";
export {
  type Activation,
  createMlp,
  type Initialisation,
  initialStd,
  type Layer,
  type LayerNumbers,
  layer,
  type MlpOptions,
  mlp,
  neuron,
  numbersOf,
  parametersOf,
} from "./network";
export { type Operation, type OperationName, operations } from "./operations";
export {
  adamStep,
  emptyMemory,
  type Memory,
  momentumStep,
  type Rule,
  type RuleName,
  type RuleOptions,
  rmspropStep,
  rules,
  sgdStep,
} from "./optimizers";
export {
  accuracyOf,
  batchLoss,
  type ClassifierOptions,
  scoreOf,
  type Trained,
  trainClassifier,
} from "./training";
export { asValue, type GraphNode, toGraph, topologicalOrder, Value } from "./value";
