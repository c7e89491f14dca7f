"use client";

import {
  type ComponentProps,
  cloneElement,
  isValidElement,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { type PluginConfig, Streamdown } from "streamdown";
import { doubleDollars } from "#app/(workspace)/chat/_markdown/math-delimiters.ts";
import { wantsCode, wantsMath } from "#app/(workspace)/chat/_markdown/wanted-plugins.ts";

/** An answer's Markdown. Blocks that are complete are not parsed again; highlighter and math come when a text needs them. */
export function Markdown({ text, streaming }: { text: string; streaming: boolean }) {
  const source = useMemo(() => doubleDollars(text), [text]);
  const plugins = usePlugins(source);
  const frame = useFocusableTables();
  return (
    <div ref={frame}>
      <Streamdown
        // Also for answers that are complete: in the other mode the whole text is parsed and drawn anew at its end.
        mode="streaming"
        parseIncompleteMarkdown={streaming}
        isAnimating={streaming}
        className="answer"
        plugins={plugins}
        components={components}
        // A link is a link; where it leads is seen in the address bar.
        linkSafety={linkSafety}
        controls={controls}
        codeBlockMaxHeight={0}
        tableMaxHeight={0}
        lineNumbers={false}
        skipHtml
      >
        {source}
      </Streamdown>
    </div>
  );
}

/** What scrolls sideways must be reachable by keyboard (WCAG 2.1.1), which Streamdown's blocks are not by themselves. */
const scroller = { tabIndex: 0, role: "group" } as const;

/** Streamdown hands what stands on the code of a block on to what scrolls there. */
function FocusableCode({ children }: ComponentProps<"pre">) {
  const asBlock = { "data-block": "true", "aria-label": "Code", ...scroller };
  return isValidElement(children) ? cloneElement(children, asBlock) : children;
}

/** A table's frame takes no attributes from us, so they are set when it has been drawn. */
function useFocusableTables() {
  const frame = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const mark = () => {
      for (const table of element.querySelectorAll<HTMLElement>(
        '[data-streamdown="table-wrapper"] > :last-child',
      ))
        Object.assign(table, { ...scroller, ariaLabel: "Table" });
    };
    mark();
    // They come with the text.
    const observer = new MutationObserver(mark);
    observer.observe(element, { childList: true, subtree: true });
    return () => observer.disconnect();
  }, []);
  return frame;
}

const linkSafety = { enabled: false };
const controls = {
  code: { copy: true, download: false },
  table: { copy: true, download: false, fullscreen: false },
  mermaid: false,
};
const components = { pre: FocusableCode, img: BlockedImage, a: SafeLink, input: TaskBox };

/** The box of a task in a list: what it says stands in its name. */
function TaskBox({ checked, type }: ComponentProps<"input"> & { node?: unknown }) {
  if (type !== "checkbox") return null;
  return (
    <input
      type="checkbox"
      checked={checked === true}
      readOnly
      disabled
      aria-label={checked === true ? "Done" : "Not done"}
    />
  );
}

/**
 * A picture in an answer could carry what was said to somebody else's server, so pictures are not fetched by themselves.
 */
function BlockedImage({ src, alt }: ComponentProps<"img"> & { node?: unknown }) {
  const address = typeof src === "string" && /^https?:\/\//.test(src) ? src : null;
  if (address === null) return <span className="text-muted-foreground">[{alt}]</span>;
  return (
    <SafeLink href={address}>
      Picture{alt ? `: ${alt}` : ""} ({new URL(address).host})
    </SafeLink>
  );
}

function SafeLink({ href, children }: ComponentProps<"a"> & { node?: unknown }) {
  if (typeof href !== "string" || !/^(https?:|mailto:|#)/.test(href)) return <span>{children}</span>;
  return (
    <a
      href={href}
      target="_blank"
      rel="noopener noreferrer nofollow"
      className="text-accent underline underline-offset-4"
    >
      {children}
    </a>
  );
}

/** Fetched once a page, by the first answer that needs them. */
const loaders = {
  code: () => import("#app/(workspace)/chat/_markdown/code-plugin.ts").then((module) => module.code),
  math: () => import("#app/(workspace)/chat/_markdown/math-plugin.ts").then((module) => module.math),
};

function usePlugins(text: string): PluginConfig {
  const [plugins, setPlugins] = useState<PluginConfig>({});
  const code = wantsCode(text);
  const math = wantsMath(text);
  useEffect(() => {
    let here = true;
    const add = (plugin: PluginConfig) => here && setPlugins((before) => ({ ...before, ...plugin }));
    // Without them an answer is plainer and still whole, so a failed fetch is no error of the page.
    if (code)
      loaders
        .code()
        .then((loaded) => add({ code: loaded }))
        .catch(() => {});
    if (math)
      loaders
        .math()
        .then((loaded) => add({ math: loaded }))
        .catch(() => {});
    return () => {
      here = false;
    };
  }, [code, math]);
  return plugins;
}
