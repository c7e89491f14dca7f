"use client";

import { useTranslations } from "next-intl";
import { type ComponentProps, memo, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { type PluginConfig, Streamdown } from "streamdown";
import { CodeBlock } from "#app/(workspace)/chat/_markdown/_blocks/code-block.tsx";
import { FootnoteSection, ListItem } from "#app/(workspace)/chat/_markdown/_blocks/footnotes.tsx";
import { AnswerLink, RemoteImage } from "#app/(workspace)/chat/_markdown/_blocks/links.tsx";
import { TableBlock } from "#app/(workspace)/chat/_markdown/_blocks/table-block.tsx";
import { createSections } from "#app/(workspace)/chat/_markdown/answer-sections.ts";
import { GuardedBlock } from "#app/(workspace)/chat/_markdown/guarded-block.tsx";
import { LongText } from "#app/(workspace)/chat/_markdown/long-text.tsx";
import { rehypePlugins, remarkPlugins } from "#app/(workspace)/chat/_markdown/markdown-pipeline.ts";
import { needsHighlighter, needsMath } from "#app/(workspace)/chat/_markdown/needed-plugins.ts";
import { normalizeMathDelimiters } from "#app/(workspace)/chat/_markdown/normalize-math-delimiters.ts";
import { loadedPlugin, loadPlugin, subscribeToPlugins } from "#app/(workspace)/chat/_markdown/plugins.ts";
import { splitMarkdown } from "#app/(workspace)/chat/_markdown/split-markdown.ts";
import { useFormattedFrom } from "#app/(workspace)/chat/_markdown/use-formatted-from.ts";
import { widenNestedFences } from "#app/(workspace)/chat/_markdown/widen-nested-fences.ts";

/**
 * Renders an answer's Markdown. While it streams, only its last section is parsed and rendered again
 * (docs/decisions/0109); highlighter and math load on demand.
 */
export function Markdown({ text, streaming }: { text: string; streaming: boolean }) {
  const [split] = useState(createSections);
  const sections = text.length <= longLength && footnote.test(text) ? [text] : split(text);
  const formattedFrom = useFormattedFrom(sections.length);
  return (
    <div>
      {sections.map((section, index) => {
        const isLast = index === sections.length - 1;
        // biome-ignore lint/suspicious/noArrayIndexKey: sections are only added at the end
        if (index < formattedFrom) return <PendingSection key={index} text={section} />;
        // biome-ignore lint/suspicious/noArrayIndexKey: as above
        return <Section key={index} text={section} streaming={streaming && isLast} isClosed={!isLast} />;
      })}
    </div>
  );
}

type SectionProps = { text: string; streaming: boolean; isClosed: boolean };

const Section = memo(function Section({ text, streaming, isClosed }: SectionProps) {
  const source = useMemo(() => normalizeMathDelimiters(widenNestedFences(text)), [text]);
  const plugins = usePlugins(source);
  return (
    <Streamdown
      // Also for complete answers: switching the mode at the end would parse and render the section again.
      mode="streaming"
      parseIncompleteMarkdown={streaming}
      isAnimating={streaming}
      className={isClosed || source.length > longLength ? "answer answer-long" : "answer"}
      plugins={plugins}
      components={components}
      // Links open directly, without a confirmation dialog.
      linkSafety={linkSafety}
      controls={false}
      codeBlockMaxHeight={0}
      remarkPlugins={remarkPlugins}
      rehypePlugins={rehypePlugins}
      remend={incomplete}
      parseMarkdownIntoBlocksFn={splitMarkdown}
      BlockComponent={GuardedBlock}
    >
      {source}
    </Streamdown>
  );
});

/** A section before the browser has time to format it. */
function PendingSection({ text }: { text: string }) {
  return (
    <div className="answer answer-long">
      <p dir="auto" data-pending className="whitespace-pre-wrap">
        <LongText text={text} />
      </p>
    </div>
  );
}

/** A footnote stands under the whole answer, so that an answer of ordinary length is one section. */
const footnote = /^\[\^[^\]\n]+\]:/m;
/** The browser lays out only the visible blocks of a longer answer. */
const longLength = 8_000;
/** An unfinished tag is shown as written, like every other text in angle brackets. */
const incomplete = { htmlTags: false };
const linkSafety = { enabled: false };
const components = {
  pre: CodeBlock,
  table: TableBlock,
  img: RemoteImage,
  a: AnswerLink,
  li: ListItem,
  section: FootnoteSection,
  input: TaskCheckbox,
};

/** The checkbox of a task list item, with an accessible name. */
function TaskCheckbox({ checked, type }: ComponentProps<"input"> & { node?: unknown }) {
  const t = useTranslations("chat.markdown");
  if (type !== "checkbox") return null;
  return (
    <input
      type="checkbox"
      checked={checked === true}
      readOnly
      disabled
      aria-label={t(checked === true ? "done" : "notDone")}
    />
  );
}

const math = () => loadedPlugin("math");
const code = () => loadedPlugin("code");
const none = () => undefined;

/** The loaded plugins that a text needs. Without the others, loading one of them changes no other text. */
function usePlugins(text: string): PluginConfig {
  const wantsCode = needsHighlighter(text);
  const wantsMath = needsMath(text);
  // The server highlights no code: it does not change the layout, and costs more than the rest of the answer.
  const codePlugin = useSyncExternalStore(subscribeToPlugins, wantsCode ? code : none, none);
  const mathPlugin = useSyncExternalStore(
    subscribeToPlugins,
    wantsMath ? math : none,
    wantsMath ? math : none,
  );
  useEffect(() => {
    // Without a plugin the answer is readable, so a failed download is ignored.
    if (wantsCode) loadPlugin("code").catch(() => {});
    if (wantsMath) loadPlugin("math").catch(() => {});
  }, [wantsCode, wantsMath]);
  return useMemo(
    () => ({ ...(codePlugin && { code: codePlugin }), ...(mathPlugin && { math: mathPlugin }) }),
    [codePlugin, mathPlugin],
  );
}
