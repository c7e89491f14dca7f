import { type ClipboardEvent, useEffect, useState } from "react";

/**
 * Takes files that are dropped anywhere on the page.
 * @returns whether files are being dragged over the page
 */
export function useFileDrop(isActive: boolean, onFiles: (files: Iterable<File>) => void): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    if (!isActive) return;
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const onOver = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      onFiles(event.dataTransfer?.files ?? []);
    };
    window.addEventListener("dragover", onOver);
    window.addEventListener("dragleave", onLeave);
    window.addEventListener("drop", onDrop);
    return () => {
      window.removeEventListener("dragover", onOver);
      window.removeEventListener("dragleave", onLeave);
      window.removeEventListener("drop", onDrop);
    };
  }, [isActive, onFiles]);
  return isOver;
}

/**
 * Takes pasted files. Text wins: programs like Word and Excel put a picture of it beside it.
 * @returns whether there were files
 */
export function takePastedFiles(event: ClipboardEvent, onFiles: (files: Iterable<File>) => void): void {
  const { files, types } = event.clipboardData;
  if (files.length === 0 || types.includes("text/plain")) return;
  event.preventDefault();
  onFiles(files);
}
