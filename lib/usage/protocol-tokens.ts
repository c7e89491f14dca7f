/*
 * What the chat protocol adds to the texts of a prompt, in tokens. A file of its own, so that the browser can
 * add it without loading the tokenizer.
 */

export const tokensPerMessage = 4;
export const tokensPerPrompt = 3;
