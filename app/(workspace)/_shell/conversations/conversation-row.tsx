"use client";

import { Ellipsis, Pencil, Trash2 } from "lucide-react";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { cn } from "#app/_ui/cn.ts";
import { isComposing } from "#app/_ui/is-composing.ts";
import { usePush } from "#app/_ui/offline-guard.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "#app/_ui/overlays/dropdown-menu.tsx";
import { toast } from "#app/_ui/overlays/toast.tsx";
import {
  type ConversationItem,
  useConversationActions,
} from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import { PrefetchLink } from "#app/(workspace)/_shell/prefetch-link.tsx";
import {
  deleteConversationAction,
  renameConversationAction,
  restoreConversationAction,
} from "#app/(workspace)/chat/actions.ts";

export function ConversationRow({
  conversation,
  running,
}: {
  conversation: ConversationItem;
  running: boolean;
}) {
  const t = useTranslations("shell.chats");
  const pathname = usePathname();
  const [isRenaming, setRenaming] = useState(false);
  const remove = useDelete(conversation, pathname === `/chat/${conversation.id}`);
  if (isRenaming) return <RenameForm conversation={conversation} onDone={() => setRenaming(false)} />;
  const current = pathname === `/chat/${conversation.id}`;
  return (
    <li className="group relative">
      <PrefetchLink
        href={`/chat/${conversation.id}`}
        aria-current={current ? "page" : undefined}
        className={cn(
          "flex min-h-9 items-center gap-2 rounded-lg pr-9 pl-2 text-sm hover:bg-background pointer-coarse:min-h-11",
          current && "bg-background font-medium",
        )}
      >
        <span dir="auto" className="truncate">
          {conversation.title}
        </span>
        {running && (
          <span className="size-1.5 shrink-0 animate-pulse rounded-full bg-accent">
            <span className="sr-only">{t("answering")}</span>
          </span>
        )}
      </PrefetchLink>
      <DropdownMenu>
        <DropdownMenuTrigger
          aria-label={t("actionsFor", { title: conversation.title })}
          className="-translate-y-1/2 absolute top-1/2 right-1 flex size-7 items-center justify-center rounded-md text-muted-foreground opacity-0 hover:bg-muted hover:text-foreground focus-visible:opacity-100 group-focus-within:opacity-100 group-hover:opacity-100 data-[state=open]:opacity-100 pointer-coarse:size-11 pointer-coarse:opacity-100"
        >
          <Ellipsis aria-hidden className="size-4" />
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          <DropdownMenuItem onSelect={() => setRenaming(true)}>
            <Pencil aria-hidden /> {t("rename")}
          </DropdownMenuItem>
          <DropdownMenuItem onSelect={remove} className="text-danger">
            <Trash2 aria-hidden /> {t("delete")}
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
    </li>
  );
}

/** Deletes the conversation without a confirmation; the toast offers to undo it. */
function useDelete(conversation: ConversationItem, current: boolean): () => Promise<void> {
  const push = usePush();
  const t = useTranslations("shell.chats");
  const { remove, restore } = useConversationActions();
  return async () => {
    remove(conversation.id);
    if (current) push("/chat");
    const result = await deleteConversationAction({ id: conversation.id });
    if (!result.ok) {
      restore(conversation);
      return toast(result.message);
    }
    const undo = async () => {
      const undone = await restoreConversationAction({ id: conversation.id });
      if (undone.ok) restore(conversation);
      else toast(undone.message);
    };
    toast(t("deleted"), { action: { label: t("undo"), onClick: undo } });
  };
}

function RenameForm({ conversation, onDone }: { conversation: ConversationItem; onDone: () => void }) {
  const t = useTranslations("shell.chats");
  const { rename } = useConversationActions();
  const [title, setTitle] = useState(conversation.title);
  const save = async (event?: FormEvent) => {
    event?.preventDefault();
    onDone();
    const newTitle = title.trim();
    if (newTitle === "" || newTitle === conversation.title) return;
    rename(conversation.id, newTitle);
    const result = await renameConversationAction({ id: conversation.id, title: newTitle });
    if (result.ok) return;
    rename(conversation.id, conversation.title);
    toast(result.message);
  };
  return (
    <li>
      <form onSubmit={save}>
        <input
          // biome-ignore lint/a11y/noAutofocus: the user has just chosen to rename
          autoFocus
          dir="auto"
          aria-label={t("titleField")}
          value={title}
          maxLength={200}
          onChange={(event) => setTitle(event.target.value)}
          onFocus={(event) => event.target.select()}
          onBlur={() => save()}
          onKeyDown={(event) => event.key === "Escape" && !isComposing(event) && onDone()}
          className="h-9 w-full rounded-lg border border-input bg-background px-2 text-base sm:text-sm"
        />
      </form>
    </li>
  );
}
