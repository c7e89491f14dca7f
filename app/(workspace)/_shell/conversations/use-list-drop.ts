import { type DragEvent, useState } from "react";
import {
  useConversationActions,
  useConversationList,
} from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import {
  chatsType,
  projectType,
  readDraggedChats,
} from "#app/(workspace)/_shell/conversations/drag-types.ts";
import type { ListGroup, ListRow } from "#app/(workspace)/_shell/conversations/list-rows.ts";
import { useOrderProjects } from "#app/(workspace)/_shell/organize/use-order-projects.ts";
import { useOrganize } from "#app/(workspace)/_shell/organize/use-organize.ts";
import { projectOf } from "#lib/chat/conversations/sections.ts";

/**
 * Makes the list's groups and projects targets for dragged conversations: a project takes them in, the pinned
 * ones pin them, a day takes them out of both. A project that is dropped on another one takes its place.
 * Everything that dragging does is also in the menus of the rows.
 */
export function useListDrop() {
  const [target, setTarget] = useState<string | null>(null);
  const { list } = useConversationList();
  const { read } = useConversationActions();
  const organize = useOrganize();
  const order = useOrderProjects();

  const handlers = (key: string, types: string[], onDrop: (data: DataTransfer) => void) => ({
    onDragOver: (event: DragEvent) => {
      if (!types.some((type) => event.dataTransfer.types.includes(type))) return;
      event.preventDefault();
      event.stopPropagation();
      setTarget(key);
    },
    onDragLeave: () => setTarget((current) => (current === key ? null : current)),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      event.stopPropagation();
      setTarget(null);
      onDrop(event.dataTransfer);
    },
  });

  const moveInto = (projectId: string, ids: string[]) => {
    const moved = read(ids).filter((one) => one.projectId !== projectId);
    if (moved.length > 0)
      organize.move(
        moved.map(({ id }) => id),
        projectId,
      );
  };
  const takeOut = (ids: string[]) => {
    const pinned = read(ids).filter(({ isPinned }) => isPinned);
    const filed = read(ids).filter(({ projectId }) => projectId !== null);
    if (pinned.length > 0)
      organize.pin(
        pinned.map(({ id }) => id),
        false,
      );
    if (filed.length > 0)
      organize.move(
        filed.map(({ id }) => id),
        null,
      );
  };

  return {
    target,
    targetOf: ({ heading }: ListGroup) => {
      if (heading === "projects" || heading === "archived") return {};
      return handlers(heading, [chatsType], (data) => {
        const ids = readDraggedChats(data);
        if (heading === "pinned") organize.pin(ids, true);
        else takeOut(ids);
      });
    },
    rowTargetOf: (row: ListRow) => {
      const projectId =
        row.kind === "project" ? row.project.id : row.kind === "conversation" ? projectOf(row.section) : null;
      if (projectId === null) return {};
      const key = row.kind === "project" ? row.key : `project:${projectId}`;
      return handlers(key, [chatsType, projectType], (data) => {
        const dragged = data.getData(projectType);
        if (dragged === "") return moveInto(projectId, readDraggedChats(data));
        const index = list.projects.findIndex(({ id }) => id === projectId);
        if (dragged !== projectId) void order(dragged, index);
      });
    },
  };
}
