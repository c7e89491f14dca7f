import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { useTheme } from "next-themes";
import { chooseLocaleAction } from "#app/_i18n/locale-action.ts";
import { usePush } from "#app/_ui/offline-guard.tsx";
import { useConversationList } from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import { useOrganizeDialog } from "#app/(workspace)/_shell/organize/organize-dialogs.tsx";
import { useOrganize } from "#app/(workspace)/_shell/organize/use-organize.ts";
import type { Command, CommandGroup } from "#app/(workspace)/_shell/palette/filter-commands.ts";
import { useShareDialog } from "#app/(workspace)/_shell/sharing/share-provider.tsx";
import { navLinks } from "#app/pages.ts";

/** The palette's commands: of the open chat, of the app, its pages, theme and language. */
export function useCommands(toggleSidebar: () => void, showShortcuts: () => void): CommandGroup[] {
  const t = useTranslations("palette");
  const push = usePush();
  const openDialog = useOrganizeDialog();
  const chat = useChatCommands();
  const { setTheme } = useTheme();
  const nav = useTranslations("nav");
  const chooseLocale = (locale: string) => () => {
    const form = new FormData();
    form.set("locale", locale);
    void chooseLocaleAction(form);
  };
  const pages: Command[] = [
    { id: "/search", label: t("pages.search"), keywords: t("words.search"), run: () => push("/search") },
    ...navLinks("workspace").map(({ href, label }) => ({
      id: href,
      label: nav(label),
      run: () => push(href),
    })),
    { id: "/settings", label: t("pages.settings"), run: () => push("/settings") },
    { id: "/settings/security", label: t("pages.security"), run: () => push("/settings/security") },
  ];
  const actions: Command[] = [
    { id: "new-chat", label: t("newChat"), run: () => push("/chat") },
    {
      id: "temporary-chat",
      label: t("temporaryChat"),
      keywords: t("words.temporary"),
      run: () => push("/chat?temporary=1"),
    },
    {
      id: "new-project",
      label: t("newProject"),
      keywords: t("words.project"),
      run: () => openDialog({ type: "newProject", ids: [] }),
    },
    { id: "compare", label: t("compare"), keywords: t("words.compare"), run: () => openCompare(push) },
    { id: "sidebar", label: t("toggleSidebar"), run: toggleSidebar },
    { id: "shortcuts", label: t("shortcuts"), keywords: t("words.shortcuts"), run: showShortcuts },
  ];
  const themes = (["system", "light", "dark"] as const).map((theme) => ({
    id: `theme-${theme}`,
    label: t(`theme.${theme}`),
    run: () => setTheme(theme),
  }));
  const languages = (["en", "de"] as const).map((locale) => ({
    id: `language-${locale}`,
    label: t(`language.${locale}`),
    keywords: t("words.language"),
    run: chooseLocale(locale),
  }));
  return [
    ...(chat.length > 0 ? [{ id: "chat", label: t("groups.chat"), commands: chat }] : []),
    { id: "actions", label: t("groups.actions"), commands: actions },
    { id: "pages", label: t("groups.pages"), commands: pages },
    { id: "theme", label: t("groups.theme"), commands: themes },
    { id: "language", label: t("groups.language"), commands: languages },
  ];
}

/** What can be done with the open chat. */
function useChatCommands(): Command[] {
  const t = useTranslations("palette.chat");
  const words = useTranslations("palette.words");
  const { list } = useConversationList();
  const organize = useOrganize();
  const openDialog = useOrganizeDialog();
  const openShareDialog = useShareDialog();
  const pathname = usePathname();
  const open = pathname.startsWith("/chat/") ? list.items.get(pathname.slice("/chat/".length)) : undefined;
  if (open === undefined) return [];
  const { id, isPinned, isArchived } = open;
  return [
    { id: "rename", label: t("rename"), run: startRenaming },
    { id: "pin", label: t(isPinned ? "unpin" : "pin"), run: () => organize.pin([id], !isPinned) },
    { id: "move", label: t("move"), run: () => openDialog({ type: "move", ids: [id] }) },
    {
      id: "receipt",
      label: t("receipt"),
      keywords: words("receipt"),
      run: () => openShareDialog({ type: "receipt", conversationId: id }),
    },
    {
      id: "archive",
      label: t(isArchived ? "unarchive" : "archive"),
      run: () => organize.archive([id], !isArchived),
    },
    { id: "delete", label: t("delete"), run: () => organize.remove([id]) },
  ];
}

/** Opens the menu of the models that answer the next message side by side, or a new chat to open it in. */
function openCompare(push: (href: string) => void): void {
  const button = document.querySelector<HTMLElement>("[data-compare-models]");
  if (button === null) push("/chat");
  else button.click();
}

/** Turns the title in the header into a field, as a click on it does. */
function startRenaming(): void {
  document.querySelector<HTMLElement>("[data-conversation-title]")?.click();
}
