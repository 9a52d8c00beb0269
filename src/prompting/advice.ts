// The advice of articles about prompts, as prompts that can be compared: wordings of one question, and
// what is said to help. Each is a function from a question to a conversation. Two neutral sentences are
// the control: they change the prompt as much, and say nothing. All stands in the user's message.
// Sources: "Let's think step by step" is Kojima et al. (2022); the sentence about a career is from
// Li et al. (EmotionPrompt, 2023); tips, threats and politeness are widespread advice without one
// author. Left out: advice about long documents and tools.
import type { Message } from "../chat";
import type { PromptMaker } from "./harness";
import { fillPrompt } from "./template";

const asked = (content: string): { messages: Message[] } => ({
  messages: [{ role: "user", content }],
});

/** Puts words before or behind the task's question. */
const wrapped =
  ({ before = "", behind = "" }: { before?: string; behind?: string }) =>
  (question: string) =>
    asked(`${before}${question}${behind}`);

/** How each piece of advice changes a question. */
const changes: Record<string, (question: string, input: string) => { messages: Message[] }> = {
  plain: wrapped({}),
  expert: wrapped({ before: "You are a world-class expert. " }),
  "be accurate": wrapped({ behind: " Be specific and accurate." }),
  "one word": wrapped({ behind: " Answer with one word only." }),
  delimiter: (question, input) => asked(question.replace(input, `"""${input}"""`)),
  "step by step": wrapped({ behind: " Let's think step by step." }),
  please: wrapped({ before: "Please answer this question. ", behind: " Thank you!" }),
  tip: wrapped({ behind: " I will tip you $200 for a right answer." }),
  threat: wrapped({ behind: " You will be punished if the answer is wrong." }),
  career: wrapped({ behind: " This is very important to my career." }),
  "neutral 1": wrapped({ behind: " The bus was on time this morning." }),
  "neutral 2": wrapped({ before: "There are seven days in a week. " }),
};

/** The advice by name; "plain" is the question alone, "neutral 1" and "neutral 2" are controls. */
export const advicePrompts: Readonly<Record<string, PromptMaker>> = Object.fromEntries(
  Object.entries(changes).map(([name, change]) => [
    name,
    (task, item) => change(fillPrompt(task.question, { input: item.input }), item.input),
  ]),
);

/** Wordings of the instruction of a few-shot prompt that mean the same. */
export const wordings: Readonly<Record<string, readonly string[]>> = {
  feeling: [
    "Say whether each sentence is positive or negative.",
    "Is the sentence positive or negative?",
    "Classify the sentiment as positive or negative.",
    "Label every sentence with positive or negative.",
    "Decide if the writer is pleased (positive) or not (negative).",
    "Sentiment analysis: positive or negative?",
    "What is the mood of each sentence, positive or negative?",
    "For each sentence below, write positive or negative.",
  ],
  topic: [
    "Name the topic: food, music, sport, weather.",
    "What is each sentence about: food, music, sport or weather?",
    "Classify each sentence as food, music, sport or weather.",
    "Choose the topic of every sentence from food, music, sport, weather.",
    "Topic classification (food, music, sport, weather).",
    "Decide if the sentence is about food, music, sport or weather.",
    "Sort these sentences into food, music, sport and weather.",
    "Label each sentence: food, music, sport or weather.",
  ],
};
