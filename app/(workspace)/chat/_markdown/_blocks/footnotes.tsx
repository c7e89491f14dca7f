import { useTranslations } from "next-intl";
import {
  Children,
  type ComponentProps,
  createContext,
  isValidElement,
  type MouseEvent,
  useContext,
} from "react";
import { cn } from "#app/_ui/cn.ts";

/**
 * Distinguishes the footnotes of one block of one answer from all others of the page: every answer begins
 * with footnote 1.
 */
export const FootnoteScope = createContext("");

/** remark-rehype's prefix of the ids of footnotes and their references. */
const prefix = "user-content-fn";

/** Returns the id that a link within an answer points to; null for any other link. */
export function footnoteIdOf(href: string | undefined): string | null {
  return href?.startsWith(`#${prefix}`) ? href.slice(1) : null;
}

function useScopedId(): (id: string | undefined) => string | undefined {
  const scope = useContext(FootnoteScope);
  return (id) => (id?.startsWith(prefix) ? `${scope}${id.slice("user-content".length)}` : id);
}

type LinkProps = ComponentProps<"a"> & { node?: unknown; target: string };

/** A link to a footnote or back. It moves the view and the focus; the page's address stays as it is. */
export function FootnoteLink({ node: _node, target, id, children, ...props }: LinkProps) {
  const t = useTranslations("chat.markdown");
  const scoped = useScopedId();
  const to = scoped(target) ?? "";
  const isBack = "data-footnote-backref" in props;
  // remark-rehype numbers the references: 1, and 1-2 for the second one to footnote 1.
  const number = /[\d-]+$/.exec(props["aria-label"] ?? "")?.[0] ?? "";
  const jump = (event: MouseEvent) => {
    const element = document.getElementById(to);
    event.preventDefault();
    element?.scrollIntoView({ block: "center" });
    element?.focus({ preventScroll: true });
  };
  return (
    <a
      {...(id !== undefined && { id: scoped(id) })}
      href={`#${to}`}
      onClick={jump}
      aria-label={isBack ? t("footnoteBack", { number }) : t("footnote", { number: textOf(children) })}
      className={cn(
        "scroll-my-8 text-accent underline-offset-4 pointer-coarse:px-2 pointer-coarse:py-3",
        isBack ? "underline" : "no-underline hover:underline",
      )}
    >
      {children}
    </a>
  );
}

function textOf(children: LinkProps["children"]): string {
  return Children.toArray(children)
    .filter((child) => typeof child === "string" || typeof child === "number")
    .join("");
}

/** An item of a list; that of a footnote can be jumped to. */
export function ListItem({
  node: _node,
  id,
  className,
  ...props
}: ComponentProps<"li"> & { node?: unknown }) {
  const scoped = useScopedId();
  const isFootnote = id?.startsWith(prefix) === true;
  return (
    <li
      id={scoped(id)}
      {...(isFootnote && { tabIndex: -1 })}
      className={cn("[&>p]:inline", isFootnote && "scroll-my-8", className)}
      data-streamdown="list-item"
      {...props}
    />
  );
}

/** The footnotes of an answer. Their heading is the label of the section. */
export function FootnoteSection({
  node: _node,
  children,
  ...props
}: ComponentProps<"section"> & { node?: unknown }) {
  const t = useTranslations("chat.markdown");
  if (!("data-footnotes" in props)) return <section>{children}</section>;
  const items = Children.toArray(children).filter((child) => !isHeading(child));
  return (
    <section aria-label={t("footnotes")} data-footnotes className="border-t pt-3 text-sm">
      {items}
    </section>
  );
}

function isHeading(child: unknown): boolean {
  return isValidElement<{ id?: string }>(child) && child.props.id?.endsWith("footnote-label") === true;
}
