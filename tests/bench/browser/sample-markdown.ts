const sentences = [
  "A ledger that adds up is worth more than a clever one, and it is easier to explain.",
  "The ferries left on time, because the harbor keeper had **checked the tide** twice.",
  "Each word is counted when it arrives; nothing is lost when a connection breaks.",
  "See [the guide](https://example.com/guide) for the details of `settle()` and `release()`.",
  "Rain fell all morning, so the second estimate was lower than the *first* one.",
];

const blocks = [
  (nr: number) => `## Part ${nr}`,
  (nr: number) => [0, 1, 2, 3].map((offset) => sentences[(nr + offset) % sentences.length]).join(" "),
  (nr: number) => [1, 2, 3].map((item) => `${item}. ${sentences[(nr + item) % sentences.length]}`).join("\n"),
  (nr: number) => [1, 2, 3].map((item) => `- **Point ${item}**: ${sentences[(nr * item) % 5]}`).join("\n"),
  (nr: number) =>
    `\`\`\`ts\n${[1, 2, 3, 4, 5, 6].map((line) => `const value${line} = add(${nr}, ${line});`).join("\n")}\n\`\`\``,
  (nr: number) => [0, 1, 2].map((offset) => sentences[(nr * 2 + offset) % sentences.length]).join(" "),
  (nr: number) =>
    `| Plan | Price | Credit |\n|:--|--:|--:|\n${[1, 2, 3].map((row) => `| Plan ${row} | ${nr * row} USD | ${row}0 USD |`).join("\n")}`,
];

/** Returns Markdown of every common kind, as a model writes it, of at least the given length. */
export function sampleMarkdown(length: number): string {
  const parts: string[] = [];
  for (let index = 0, total = 0; total < length; index += 1) {
    const block = blocks[index % blocks.length]?.(Math.floor(index / blocks.length) + 1) ?? "";
    parts.push(block);
    total += block.length + 2;
  }
  return parts.join("\n\n");
}
