import type { MarkedText as Marked } from "#lib/chat/search/search-result.ts";

/** A text with highlighted places. */
export function MarkedText({ text, ranges }: Marked) {
  const parts = ranges.map(([start, end], index) => (
    <span key={start}>
      {text.slice(ranges[index - 1]?.[1] ?? 0, start)}
      <mark className="rounded-xs bg-accent-soft font-medium text-foreground">{text.slice(start, end)}</mark>
    </span>
  ));
  return (
    <>
      {parts}
      {text.slice(ranges.at(-1)?.[1] ?? 0)}
    </>
  );
}
