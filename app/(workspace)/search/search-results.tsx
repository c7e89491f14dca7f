import { Pin } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { type ReactNode, useId } from "react";
import { cn } from "#app/_ui/cn.ts";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import type { Hit } from "#app/(workspace)/search/hits.ts";
import { MarkedText } from "#app/(workspace)/search/marked-text.tsx";

type Props = {
  id: string;
  hits: Hit[];
  chosen: Hit | undefined;
  nameOf: (model: string) => string;
  onChoose: (hit: Hit) => void;
};

/** Chats by title and messages, as options of the search field. */
export default function SearchResults({ id, hits, chosen, nameOf, onChoose }: Props) {
  const t = useTranslations("search");
  const option = (one: Hit) => (
    <Option key={one.elementId} one={one} isChosen={one === chosen} onChoose={onChoose} nameOf={nameOf} />
  );
  const titles = hits.filter(({ kind }) => kind === "title");
  const messages = hits.filter(({ kind }) => kind === "message");
  return (
    <div id={id} role="listbox" aria-label={t("results")} tabIndex={-1} className="-mx-3">
      {titles.length > 0 && <Group label={t("chats")}>{titles.map(option)}</Group>}
      {messages.length > 0 && <Group label={t("messages")}>{messages.map(option)}</Group>}
    </div>
  );
}

function Group({ label, children }: { label: string; children: ReactNode }) {
  const id = useId();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of options is not a fieldset
    <div role="group" aria-labelledby={id} className="pb-3">
      <p id={id} className="px-3 pt-3 pb-1 text-muted-foreground text-xs">
        {label}
      </p>
      {children}
    </div>
  );
}

type OptionProps = {
  one: Hit;
  isChosen: boolean;
  onChoose: (hit: Hit) => void;
  nameOf: (model: string) => string;
};

function Option({ one, isChosen, onChoose, nameOf }: OptionProps) {
  const t = useTranslations("search");
  const { hit } = one;
  return (
    <Link
      id={one.elementId}
      href={one.href}
      prefetch={false}
      role="option"
      aria-selected={isChosen}
      tabIndex={-1}
      onPointerMove={() => onChoose(one)}
      className={cn("block rounded-lg px-3 py-2.5", isChosen && "bg-muted")}
    >
      <span className="flex items-baseline gap-3">
        <span dir="auto" className="min-w-0 flex-1 truncate font-medium text-sm">
          {one.kind === "title" ? <MarkedText {...one.hit.title} /> : one.hit.title}
        </span>
        <span className="shrink-0 text-muted-foreground text-xs">
          <DateTime at={hit.at} />
        </span>
      </span>
      {one.kind === "message" && (
        <span dir="auto" className="mt-0.5 line-clamp-2 text-sm [overflow-wrap:anywhere]">
          <MarkedText {...one.hit.snippet} />
        </span>
      )}
      <span className="mt-1 flex flex-wrap items-center gap-x-2 text-muted-foreground text-xs">
        <span>{one.kind === "message" && one.hit.role === "user" ? t("you") : nameOf(hit.model)}</span>
        {hit.project !== null && <span dir="auto">{hit.project}</span>}
        {hit.isPinned && (
          <span className="flex items-center gap-1">
            <Pin aria-hidden className="size-3" /> {t("pinned")}
          </span>
        )}
        {hit.isArchived && <span>{t("archived")}</span>}
      </span>
    </Link>
  );
}
