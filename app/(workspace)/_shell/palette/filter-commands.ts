import type { MarkedText } from "#lib/chat/search/search-result.ts";

/** Something that the palette can do. */
export type Command = {
  id: string;
  label: string;
  /** Further words by which it is found. */
  keywords?: string;
  /** The label with what a search has found in it. */
  marked?: MarkedText;
  /** The part of a message that a search has found. */
  snippet?: MarkedText;
  run: () => void;
};
export type CommandGroup = { id: string; label: string; commands: Command[] };

/** Returns the commands that contain the beginnings of all words of a query, in any order and any accents. */
export function filterCommands(groups: CommandGroup[], query: string): CommandGroup[] {
  const wanted = wordsOf(query);
  return groups.flatMap((group) => {
    const commands = group.commands.filter(({ label, keywords = "" }) => {
      const words = wordsOf(`${label} ${keywords} ${group.label}`);
      return wanted.every((part) => words.some((word) => word.startsWith(part)));
    });
    return commands.length === 0 ? [] : [{ ...group, commands }];
  });
}

function wordsOf(text: string): string[] {
  const plain = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return plain.match(/[\p{L}\p{N}]+/gu) ?? [];
}
