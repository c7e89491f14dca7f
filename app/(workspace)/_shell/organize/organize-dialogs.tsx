"use client";

import { createContext, lazy, type ReactNode, Suspense, useCallback, useContext, useState } from "react";
import type { ProjectLine } from "#lib/chat/conversations/projects.ts";

const MoveDialog = lazy(() => import("#app/(workspace)/_shell/organize/move-dialog.tsx"));
const ProjectDialog = lazy(() => import("#app/(workspace)/_shell/organize/project-dialog.tsx"));
const DeleteProjectDialog = lazy(() => import("#app/(workspace)/_shell/organize/delete-project-dialog.tsx"));

/** A dialog about conversations and projects. */
export type OrganizeDialog =
  | { type: "move"; ids: string[] }
  /** Creates a project, and moves conversations into it. */
  | { type: "newProject"; ids: string[] }
  | { type: "renameProject"; project: ProjectLine }
  | { type: "deleteProject"; project: ProjectLine };

const OpenContext = createContext<(dialog: OrganizeDialog) => void>(() => {});

/** Shows one dialog at a time; their code is loaded when one is opened. */
export function OrganizeDialogs({ children }: { children: ReactNode }) {
  const [dialog, setDialog] = useState<OrganizeDialog | null>(null);
  const open = useCallback((next: OrganizeDialog) => setDialog(next), []);
  const close = () => setDialog(null);
  return (
    <OpenContext value={open}>
      {children}
      {dialog !== null && (
        <Suspense>
          {dialog.type === "move" && (
            <MoveDialog
              ids={dialog.ids}
              onNewProject={() => setDialog({ type: "newProject", ids: dialog.ids })}
              onClose={close}
            />
          )}
          {dialog.type === "newProject" && <ProjectDialog project={null} ids={dialog.ids} onClose={close} />}
          {dialog.type === "renameProject" && (
            <ProjectDialog project={dialog.project} ids={[]} onClose={close} />
          )}
          {dialog.type === "deleteProject" && (
            <DeleteProjectDialog project={dialog.project} onClose={close} />
          )}
        </Suspense>
      )}
    </OpenContext>
  );
}

/** Returns a function that opens a dialog. */
export function useOrganizeDialog(): (dialog: OrganizeDialog) => void {
  return useContext(OpenContext);
}
