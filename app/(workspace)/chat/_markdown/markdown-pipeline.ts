import remarkCjkFriendly from "remark-cjk-friendly/parseOnly";
import remarkCjkStrikethrough from "remark-cjk-friendly-gfm-strikethrough/parseOnly";
import remarkGfm from "remark-gfm";
import { defaultRehypePlugins, defaultRemarkPlugins, type StreamdownProps } from "streamdown";
import { rehypeDirection } from "#app/(workspace)/chat/_markdown/_syntax/rehype-direction.ts";
import { remarkCjkAutolinks } from "#app/(workspace)/chat/_markdown/_syntax/remark-cjk-autolinks.ts";
import { remarkLiteralHtml } from "#app/(workspace)/chat/_markdown/_syntax/remark-literal-html.ts";

type Plugins<K extends "remarkPlugins" | "rehypePlugins"> = NonNullable<StreamdownProps[K]>;

/** A single tilde means "about" or a range ("3~5 days"); only two strike a text through. */
const strikethrough = { singleTilde: false };

/** GitHub's Markdown, with emphasis next to Chinese, Japanese and Korean letters and punctuation. */
export const remarkPlugins: Plugins<"remarkPlugins"> = [
  remarkCjkFriendly,
  [remarkGfm, strikethrough],
  [remarkCjkStrikethrough, strikethrough],
  ...[defaultRemarkPlugins.codeMeta].filter((plugin) => plugin !== undefined),
  remarkLiteralHtml,
  remarkCjkAutolinks,
];

export const rehypePlugins: Plugins<"rehypePlugins"> = [
  ...Object.values(defaultRehypePlugins),
  rehypeDirection,
];
