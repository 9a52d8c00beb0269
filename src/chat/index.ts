// Talking with a chat model.
export { type Answer, Chat, type ChatModel, type ChatOptions } from "./chat";
export { type ChatForm, conversationIds, endTokens, templateMarks } from "./ids";
export { fillTemplate, type Message, readTemplate, type TemplateOptions } from "./template";
