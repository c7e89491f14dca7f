"use client";

import { Ellipsis, Pencil, Trash2 } from "lucide-react";
import { usePathname, useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { cn } from "#app/_ui/cn.ts";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "#app/_ui/dropdown-menu.tsx";
import { toast } from "#app/_ui/toast.tsx";
import {
  type ConversationLine,
  useConversationActions,
} from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import { NearLink } from "#app/(workspace)/_shell/prefetch-link.tsx";
import {
  deleteConversationAction,
  renameConversationAction,
  restoreConversationAction,
} from "#app/(workspace)/chat/actions.ts";

export function ConversationRow({ line, running }: { line: ConversationLine; running: boolean }) {
  const pathname = usePathname();
  const [naming, setNaming] = useState(false);
  const remove = useRemove(line, pathname === `/chat/${line.id}`);
  if (naming) return <RenameForm line={line} onDone={() => setNaming(false)} />;
  const current = pathname === `/chat/${line.id}`;
  return (
    <li className="group relative">
      <NearLink
        href={`/chat/${line.id}`}
        aria-current={current ? "page" : undefined}
        className={cn(
          "flex min-h-9 items-center gap-2 rounded-lg pr-9 pl-2 text-sm hover:bg-background pointer-coarse:min-h-11",
          current && "bg-background font-medium",
        )}
      >
        <span className="truncate">{line.title}</span>
        {running && (
          <span className="size-1.5 shrink-0 animate-pulse rounded-full bg-accent">
            <span className="sr-only">An answer is being written</span>
          </span>
        )}
      </NearLink>
      <DropdownMenu>
        <DropdownMenuTrigger
          aria-label={`Actions for ${line.title}`}
          className="-translate-y-1/2 absolute top-1/2 right-1 flex size-7 items-center justify-center rounded-md text-muted-foreground opacity-0 hover:bg-muted hover:text-foreground focus-visible:opacity-100 group-focus-within:opacity-100 group-hover:opacity-100 data-[state=open]:opacity-100 pointer-coarse:size-10 pointer-coarse:opacity-100"
        >
          <Ellipsis aria-hidden className="size-4" />
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          <DropdownMenuItem onSelect={() => setNaming(true)}>
            <Pencil aria-hidden /> Rename
          </DropdownMenuItem>
          <DropdownMenuItem onSelect={remove} className="text-danger">
            <Trash2 aria-hidden /> Delete
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
    </li>
  );
}

/** Deleting happens at once and can be undone, so nobody is asked twice. */
function useRemove(line: ConversationLine, current: boolean): () => Promise<void> {
  const router = useRouter();
  const { remove, restore } = useConversationActions();
  return async () => {
    remove(line.id);
    if (current) router.push("/chat");
    const result = await deleteConversationAction({ id: line.id });
    if (!result.ok) {
      restore(line);
      return toast(result.message);
    }
    const undo = async () => {
      const undone = await restoreConversationAction({ id: line.id });
      if (undone.ok) restore(line);
      else toast(undone.message);
    };
    toast("The conversation was deleted.", { action: { label: "Undo", onClick: undo } });
  };
}

function RenameForm({ line, onDone }: { line: ConversationLine; onDone: () => void }) {
  const { rename } = useConversationActions();
  const [title, setTitle] = useState(line.title);
  const save = async (event?: FormEvent) => {
    event?.preventDefault();
    onDone();
    const wanted = title.trim();
    if (wanted === "" || wanted === line.title) return;
    rename(line.id, wanted);
    const result = await renameConversationAction({ id: line.id, title: wanted });
    if (result.ok) return;
    rename(line.id, line.title);
    toast(result.message);
  };
  return (
    <li>
      <form onSubmit={save}>
        <input
          // biome-ignore lint/a11y/noAutofocus: the person has just asked to type here
          autoFocus
          aria-label="Title of the conversation"
          value={title}
          maxLength={200}
          onChange={(event) => setTitle(event.target.value)}
          onFocus={(event) => event.target.select()}
          onBlur={() => save()}
          onKeyDown={(event) => event.key === "Escape" && onDone()}
          className="h-9 w-full rounded-lg border border-input bg-background px-2 text-base sm:text-sm"
        />
      </form>
    </li>
  );
}
