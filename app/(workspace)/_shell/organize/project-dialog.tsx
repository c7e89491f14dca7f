"use client";

import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { Button } from "#app/_ui/button.tsx";
import { Input } from "#app/_ui/input.tsx";
import { Label } from "#app/_ui/label.tsx";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "#app/_ui/overlays/dialog.tsx";
import { toast } from "#app/_ui/overlays/toast.tsx";
import { useConversationActions } from "#app/(workspace)/_shell/conversations/conversations-provider.tsx";
import {
  createProjectAction,
  renameProjectAction,
} from "#app/(workspace)/_shell/conversations/organize-actions.ts";
import { useOrganize } from "#app/(workspace)/_shell/organize/use-organize.ts";
import { newUuid } from "#app/(workspace)/chat/_stream/create-turn.ts";
import type { ProjectLine } from "#lib/chat/conversations/projects.ts";

type Props = {
  /** Null for a new project. */
  project: ProjectLine | null;
  /** The conversations that are moved into a new project. */
  ids: string[];
  onClose: () => void;
};

/** Names a project. */
export default function ProjectDialog({ project, ids, onClose }: Props) {
  const t = useTranslations("shell.projects");
  const [name, setName] = useState(project?.name ?? "");
  const [isSaving, setSaving] = useState(false);
  const save = useSave(project, ids);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setSaving(true);
    if (await save(name.trim())) onClose();
    setSaving(false);
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent className="max-w-sm">
        <form onSubmit={submit} className="flex flex-col gap-5">
          <DialogHeader>
            <DialogTitle>{t(project === null ? "new" : "renameTitle")}</DialogTitle>
            <DialogDescription>{t("description")}</DialogDescription>
          </DialogHeader>
          <div className="flex flex-col gap-1.5">
            <Label htmlFor="project-name">{t("name")}</Label>
            <Input
              id="project-name"
              dir="auto"
              value={name}
              maxLength={100}
              autoComplete="off"
              placeholder={t("placeholder")}
              onChange={(event) => setName(event.target.value)}
              onFocus={(event) => event.target.select()}
            />
          </div>
          <DialogFooter>
            <Button type="button" variant="outline" onClick={onClose}>
              {t("cancel")}
            </Button>
            <Button type="submit" disabled={name.trim() === "" || isSaving}>
              {t(project === null ? "create" : "save")}
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}

function useSave(project: ProjectLine | null, ids: string[]): (name: string) => Promise<boolean> {
  const t = useTranslations("shell.chats");
  const list = useConversationActions();
  const organize = useOrganize();
  // Chosen once, so that repeating a lost request creates one project.
  const [id] = useState(() => project?.id ?? newUuid());
  return async (name) => {
    const saving = project === null ? createProjectAction({ id, name }) : renameProjectAction({ id, name });
    const result = await saving.catch(() => null);
    if (result?.ok !== true) {
      toast(result?.message ?? t("offline"));
      return false;
    }
    list.setProjects((all) =>
      all.some((one) => one.id === id)
        ? all.map((one) => (one.id === id ? { id, name } : one))
        : [...all, { id, name }],
    );
    if (project !== null) return true;
    list.toggleProject(id, true);
    if (ids.length > 0) organize.move(ids, id);
    return true;
  };
}
