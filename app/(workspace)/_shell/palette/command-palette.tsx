"use client";

import { Search } from "lucide-react";
import { useTranslations } from "next-intl";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { cn } from "#app/_ui/cn.ts";
import { isComposing } from "#app/_ui/is-composing.ts";
import { Dialog, DialogContent, DialogDescription, DialogTitle } from "#app/_ui/overlays/dialog.tsx";
import {
  type Command,
  type CommandGroup,
  filterCommands,
} from "#app/(workspace)/_shell/palette/filter-commands.ts";
import { useCommands } from "#app/(workspace)/_shell/palette/use-commands.ts";
import { useFoundChats } from "#app/(workspace)/_shell/palette/use-found-chats.ts";
import { MarkedText } from "#app/(workspace)/search/marked-text.tsx";

type Props = { toggleSidebar: () => void; onShortcuts: () => void; onClose: () => void };

/** A field that finds commands and chats; arrow keys choose and Enter runs. */
export default function CommandPalette({ toggleSidebar, onShortcuts, onClose }: Props) {
  const t = useTranslations("palette");
  const [query, setQuery] = useState("");
  const [index, setIndex] = useState(0);
  const commands = useCommands(toggleSidebar, onShortcuts);
  const chats = useFoundChats(query);
  const groups = [...filterCommands(commands, query), ...chats];
  const all = groups.flatMap((group) => group.commands.map((command) => ({ group, command })));
  const chosen = all[Math.min(index, all.length - 1)];
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);
  const idOf = (entry: { group: CommandGroup; command: Command }) =>
    `${listId}-${entry.group.id}-${entry.command.id}`;
  const run = (command: Command) => {
    onClose();
    // After the dialog has given the focus back, so that a command may move it.
    setTimeout(command.run);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && all.length > 0) {
      event.preventDefault();
      setIndex((Math.min(index, all.length - 1) + step + all.length) % all.length);
    }
    if (event.key === "Enter" && chosen !== undefined) {
      event.preventDefault();
      run(chosen.command);
    }
  };
  const chosenId = chosen === undefined ? undefined : idOf(chosen);
  useEffect(() => {
    if (chosenId !== undefined) document.getElementById(chosenId)?.scrollIntoView({ block: "nearest" });
  }, [chosenId]);
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent className="top-[12dvh] flex max-h-[70dvh] translate-y-0 gap-0 overflow-hidden p-0 sm:max-w-xl">
        <DialogTitle className="sr-only">{t("title")}</DialogTitle>
        <DialogDescription className="sr-only">{t("description")}</DialogDescription>
        <div className="flex shrink-0 items-center gap-3 border-b pr-12 pl-4">
          <Search aria-hidden className="size-4 shrink-0 text-muted-foreground" />
          <input
            type="text"
            role="combobox"
            dir="auto"
            aria-label={t("field")}
            aria-expanded
            aria-controls={listId}
            aria-activedescendant={chosenId}
            autoComplete="off"
            placeholder={t("placeholder")}
            value={query}
            onChange={(event) => {
              setQuery(event.target.value);
              setIndex(0);
            }}
            onKeyDown={onKeyDown}
            className="h-14 min-w-0 flex-1 bg-transparent text-base outline-none placeholder:text-muted-foreground"
          />
        </div>
        <div
          ref={list}
          id={listId}
          role="listbox"
          aria-label={t("results")}
          tabIndex={-1}
          className="min-h-0 overflow-y-auto p-2"
        >
          {groups.map((group) => (
            // biome-ignore lint/a11y/useSemanticElements: a group of options is not a fieldset
            <div key={group.id} role="group" aria-labelledby={`${listId}-${group.id}`}>
              <p id={`${listId}-${group.id}`} className="px-3 pt-2 pb-1 text-muted-foreground text-xs">
                {group.label}
              </p>
              {group.commands.map((command) => {
                const id = idOf({ group, command });
                return (
                  // biome-ignore lint/a11y/useKeyWithClickEvents: the field handles the keys
                  <div
                    key={command.id}
                    id={id}
                    role="option"
                    aria-selected={id === chosenId}
                    tabIndex={-1}
                    onClick={() => run(command)}
                    onPointerMove={() =>
                      setIndex(all.findIndex((one) => one.command === command && one.group === group))
                    }
                    className={cn(
                      "flex min-h-10 cursor-pointer flex-col justify-center rounded-lg px-3 text-sm pointer-coarse:min-h-11",
                      command.snippet !== undefined && "py-2",
                      id === chosenId && "bg-muted",
                    )}
                  >
                    <span dir="auto" className="truncate">
                      {command.marked === undefined ? command.label : <MarkedText {...command.marked} />}
                    </span>
                    {command.snippet !== undefined && (
                      <span
                        dir="auto"
                        className="line-clamp-2 text-muted-foreground text-xs [overflow-wrap:anywhere]"
                      >
                        <MarkedText {...command.snippet} />
                      </span>
                    )}
                  </div>
                );
              })}
            </div>
          ))}
        </div>
        <p
          role="status"
          className={cn("px-5 pb-5 text-muted-foreground text-sm", all.length > 0 && "sr-only")}
        >
          {all.length === 0 ? t("nothing") : t("count", { count: all.length })}
        </p>
      </DialogContent>
    </Dialog>
  );
}
