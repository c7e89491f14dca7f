"use client";

import { ChevronDown, Folder, Pin } from "lucide-react";
import { useTranslations } from "next-intl";
import { useRef, useState } from "react";
import { Button } from "#app/_ui/button.tsx";
import { DropdownMenu, DropdownMenuContent, DropdownMenuTrigger } from "#app/_ui/overlays/dropdown-menu.tsx";
import { useConversationList } from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import { RenameForm } from "#app/(workspace)/_shell/conversations/rename-form.tsx";
import { ConversationMenuItems } from "#app/(workspace)/_shell/organize/conversation-menu.tsx";
import { useOrganize } from "#app/(workspace)/_shell/organize/use-organize.ts";
import type { ListedConversation } from "#lib/chat/conversations/conversation-list.ts";

type Props = {
  conversation: ListedConversation;
  /** The label of the model of the next answer. */
  modelName: string;
};

/** The title, which is renamed by a click, the model, and a menu with everything that can be done with it. */
export function ConversationHeader({ conversation, modelName }: Props) {
  const t = useTranslations("chat.header");
  const { list } = useConversationList();
  const organize = useOrganize();
  const [isRenaming, setRenaming] = useState(false);
  const title = useRef<HTMLButtonElement>(null);
  const project = list.projects.find(({ id }) => id === conversation.projectId);
  // The menu gives the focus back after it has closed, and must leave it to the field.
  const willRename = useRef(false);
  const endRenaming = () => {
    setRenaming(false);
    requestAnimationFrame(() => title.current?.focus());
  };
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 px-3 sm:px-4">
      {isRenaming ? (
        <div className="grid h-9 min-w-0 max-w-xl flex-1 pointer-coarse:h-11">
          <RenameForm
            title={conversation.title}
            onSave={(text) => organize.rename(conversation, text)}
            onDone={endRenaming}
          />
        </div>
      ) : (
        <>
          <h1 className="flex min-w-0">
            <button
              ref={title}
              data-conversation-title
              type="button"
              onClick={() => setRenaming(true)}
              title={t("rename")}
              className="flex h-9 min-w-0 items-center gap-2 rounded-lg px-2 font-medium text-sm hover:bg-muted pointer-coarse:h-11"
            >
              {conversation.isPinned && (
                <Pin aria-hidden className="size-3.5 shrink-0 text-muted-foreground" />
              )}
              <span dir="auto" className="truncate">
                {conversation.title}
              </span>
            </button>
          </h1>
          {project !== undefined && (
            <p className="hidden min-w-0 shrink items-center gap-1.5 text-muted-foreground text-xs sm:flex">
              <Folder aria-hidden className="size-3.5 shrink-0" />
              <span className="sr-only">{t("project")} </span>
              <span dir="auto" className="truncate">
                {project.name}
              </span>
            </p>
          )}
          {conversation.isArchived && (
            <p className="shrink-0 rounded-full bg-muted px-2 py-0.5 text-muted-foreground text-xs">
              {t("archived")}
            </p>
          )}
        </>
      )}
      <p className="ml-auto hidden shrink-0 text-muted-foreground text-xs sm:block">
        <span className="sr-only">{t("model")} </span>
        {modelName}
      </p>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button variant="ghost" size="icon" aria-label={t("menu")} className="ml-auto sm:ml-0">
            <ChevronDown aria-hidden />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent
          align="end"
          className="w-56"
          onCloseAutoFocus={(event) => {
            if (willRename.current) event.preventDefault();
            willRename.current = false;
          }}
        >
          <ConversationMenuItems
            conversation={conversation}
            onRename={() => {
              willRename.current = true;
              setRenaming(true);
            }}
          />
        </DropdownMenuContent>
      </DropdownMenu>
    </header>
  );
}
