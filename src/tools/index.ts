// Tools for models (lesson 26, agents): what a tool is, how models are told of them and ask for calls,
// checking and making the calls, and the shapes of OpenAI's API.
export { checkValue } from "./checkValue";
export {
  spacedJson,
  type ToolConversationOptions,
  type ToolFormat,
  type ToolFormOptions,
  toolCallForm,
  toolConversation,
  toolFormats,
  toolMessage,
} from "./format";
export {
  fromOpenAIMessage,
  fromOpenAIToolCalls,
  fromOpenAITools,
  type OpenAIMessage,
  type OpenAITool,
  type OpenAIToolCall,
  toOpenAIAnswer,
  toOpenAIToolCalls,
  toOpenAITools,
} from "./openai";
export {
  checkTools,
  type RunToolOptions,
  runTool,
  type Tool,
  type ToolArguments,
  type ToolCall,
  type ToolResult,
  type ToolSpec,
} from "./tool";
export { type ParsedCalls, toolCalls } from "./toolCalls";
