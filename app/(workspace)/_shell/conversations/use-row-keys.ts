import { type FocusEvent, type KeyboardEvent, type RefObject, useEffect, useRef, useState } from "react";
import { useConversationActions } from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import { type FlatRow, newProjectKey } from "#app/(workspace)/_shell/conversations/list-rows.ts";
import { nextIndex } from "#app/(workspace)/_shell/conversations/window-rows.ts";
import { useOrganize } from "#app/(workspace)/_shell/organize/use-organize.ts";

type View = { show: (index: number) => void; pageRows: () => number };

/**
 * Makes the list one tab stop, in which arrow keys, Home, End, Page up and Page down move the focus. Right
 * opens a project or goes to the row's menu, Left goes back, Delete deletes a conversation.
 */
export function useRowKeys(
  frame: RefObject<HTMLElement | null>,
  flat: readonly FlatRow[],
  view: View,
  currentId: string | null,
) {
  const [active, setActive] = useState<string | null>(null);
  const pending = useRef<string | null>(null);
  const { toggleProject } = useConversationActions();
  const organize = useOrganize();
  const isStop = (one: FlatRow | undefined) => one !== undefined && hasFocusTarget(one);
  const tabStop = (
    flat.find((one) => one.key === active && isStop(one)) ??
    flat.find(({ row }) => row?.kind === "conversation" && row.item.id === currentId) ??
    flat.find(isStop)
  )?.key;

  // The row may have been rendered for this focus only.
  useEffect(() => {
    if (pending.current === null) return;
    const element = find(frame.current, "data-row", pending.current);
    if (element === null) return;
    pending.current = null;
    element.focus({ preventScroll: true });
  });

  const focusRow = (one: FlatRow | undefined) => {
    if (one === undefined) return;
    view.show(one.index);
    pending.current = one.key;
    setActive(one.key);
    const element = find(frame.current, "data-row", one.key);
    element?.focus({ preventScroll: true });
    if (element !== null) pending.current = null;
  };

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const target = event.target instanceof HTMLElement ? event.target : null;
    // Events of an open menu arrive here too.
    if (target === null || !event.currentTarget.contains(target) || event.defaultPrevented) return;
    const menuKey = target.getAttribute("data-row-menu");
    const key = menuKey ?? target.getAttribute("data-row");
    const at = flat.find((one) => one.key === key);
    if (at === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const handled = () => event.preventDefault();
    if (menuKey !== null) {
      if (event.key !== "ArrowLeft" && event.key !== "Escape") return;
      handled();
      return focusRow(at);
    }
    const next = nextIndex(event.key, at.index, (index) => isStop(flat[index]), flat.length, view.pageRows());
    if (next !== null) {
      handled();
      return focusRow(flat[next]);
    }
    const { row } = at;
    const menu = find(frame.current, "data-row-menu", at.key);
    if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) {
      handled();
      menu?.click();
    } else if (event.key === "ArrowRight") {
      handled();
      if (row?.kind === "project" && !row.isOpen) toggleProject(row.project.id, true);
      else menu?.focus();
    } else if (event.key === "ArrowLeft") {
      handled();
      if (row?.kind === "project") toggleProject(row.project.id, false);
      else if (row?.kind === "conversation") focusRow(flat.find((one) => one.key === row.section));
    } else if (event.key === "Delete" && row?.kind === "conversation") {
      handled();
      const other = nextIndex("ArrowDown", at.index, (index) => isStop(flat[index]), flat.length, 1);
      focusRow(flat[other ?? at.index - 1]);
      organize.remove([row.item.id]);
    }
  };

  const onFocus = (event: FocusEvent<HTMLElement>) => {
    const key = event.target.getAttribute("data-row") ?? event.target.getAttribute("data-row-menu");
    if (key !== null) setActive(key);
  };
  return { tabStop, onKeyDown, onFocus };
}

function hasFocusTarget({ row, key }: FlatRow): boolean {
  if (row === null) return key === newProjectKey;
  return row.kind === "conversation" || row.kind === "project";
}

function find(frame: HTMLElement | null, attribute: string, key: string): HTMLElement | null {
  return frame?.querySelector<HTMLElement>(`[${attribute}="${CSS.escape(key)}"]`) ?? null;
}
